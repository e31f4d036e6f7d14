"""No single cause: how many explanations say that no item of the history is the reason."""

from __future__ import annotations

from collections.abc import Sequence

from recexplainer.audit.estimate import estimated
from recexplainer.audit.explained import Explained
from recexplainer.audit.finding import Finding

__all__ = ["no_single_cause"]


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
        ).with_estimate(found)
    ]
