"""No single cause: how many explanations say that no item of the history is the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recexplainer.audit.estimate import estimated
from recexplainer.audit.finding import Finding

__all__ = ["Explained", "no_single_cause"]


@dataclass(frozen=True, slots=True)
class Explained:
    """What one explanation that readers are given says of the history.

    Attributes:
        user, history, item: what was explained.
        toward: 1 if it explains a Yes, -1 a No.
        no_cause: whether it says that no single item of the history pulls that way.
    """

    user: str
    history: tuple[str, ...]
    item: str
    toward: int
    no_cause: bool


def no_single_cause(explained: Sequence[Explained], seed: int) -> list[Finding]:
    """Return the share of explanations that name no single item as the reason; none of no texts."""
    if not explained:
        return []
    told = [float(one.no_cause) for one in explained]
    found = estimated(told, seed=seed, groups=[one.user for one in explained])
    sentence = (
        f"{found.words} of {found.n:,} explanations that readers are given say that no single item "
        "of the history is the reason."
    )
    return [
        Finding(
            probe="no single cause",
            chapter="reliance",
            sentence=sentence,
            figure=found.mean,
            low=found.low,
            high=found.high,
            n=found.n,
        )
    ]
