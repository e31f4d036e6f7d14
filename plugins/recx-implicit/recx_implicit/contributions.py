"""ALS's scores taken apart: what each item of the history adds, in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import Final

from recexplainer.errors import UserError
from recexplainer.plugins.interfaces import Explainer, ExplainerKit
from recexplainer.records import Case, Catalogue, Written
from recx_implicit.als import AlsTarget
from recx_implicit.options import ContributionsOptions
from recx_implicit.phrases import listed, ordinal

__all__ = ["ContributionsExplainer"]

NAME: Final = "implicit-contributions"
_NOISE: Final = 1e-5
"""Relative to a score of 1: less than this is rounding in single precision."""


class ContributionsExplainer(Explainer):
    """Tells the contributions that the library computes; they add up to the score.

    For a Yes the largest are named, for a No the most negative. Where the target is not ALS there
    is nothing to tell: every text says so and states no decision, which counts as not covered.

    Args:
        options: how much is said.
        kit: the target is what matters.
    """

    def __init__(self, options: ContributionsOptions, kit: ExplainerKit) -> None:
        self._options, self._catalogue, self._target = options, kit.catalogue, kit.target

    def explain(self, cases: Sequence[Case], instruction: str | None = None) -> Iterator[Written]:
        """Yield the account of each case.

        Raises:
            UserError: an instruction is given; there is one way to say this.
        """
        if instruction is not None and instruction.strip():
            raise UserError(
                f"the explainer {NAME!r} cannot follow the instruction {instruction!r}: it names "
                "history items only. Ask the surrogate, or ask without an instruction."
            )
        return (self._account(case) for case in cases)

    def contributions(self, case: Case) -> dict[str, float]:
        """Return what each history item adds to the score; nothing where the target is not ALS."""
        if not isinstance(self._target, AlsTarget):
            return {}
        return self._target.contributions(case.history, case.item)

    def _account(self, case: Case) -> Written:
        if not isinstance(self._target, AlsTarget):
            return _abstention(case, type(self._target).__name__)
        parts = self._target.contributions(case.history, case.item)
        causes = _causes(case, parts)[: self._options.cited]
        text = _sentence(case, parts, causes, self._catalogue)
        return Written(case=case.id, explainer=NAME, text=text, meant=tuple(causes))


def _abstention(case: Case, target: str) -> Written:
    text = (
        "Nothing can be told: contributions to a score are known of the target implicit-als "
        f"only, and this run explains another one ({target})."
    )
    return Written(case=case.id, explainer=NAME, text=text)


def _causes(case: Case, parts: Mapping[str, float]) -> list[str]:
    """Return the items that carry the decision, the weightiest first."""
    direction = 1.0 if _favors(case) else -1.0
    least = _NOISE * max(1.0, abs(case.score))
    carrying = [item for item, value in parts.items() if direction * value > least]
    return sorted(carrying, key=lambda item: -direction * parts[item])


def _favors(case: Case) -> bool:
    """Whether the target favors the item; if undecided, whether it is in the upper half."""
    if case.decision is None:
        return 2 * case.rank <= case.candidates
    return case.decision == "Yes"


def _sentence(
    case: Case, parts: Mapping[str, float], causes: Sequence[str], catalogue: Catalogue
) -> str:
    opening = (
        f"{case.decision or 'Undecided'}: the recommender scores “{catalogue.title(case.item)}” "
        f"{case.score:.3f}, which makes it {ordinal(case.rank)} of {case.candidates:,} candidates."
    )
    if not causes:
        verb = "raises" if _favors(case) else "lowers"
        return f"{opening} No item of the history {verb} that score."
    verb = "raised" if _favors(case) else "lowered"
    named = "".join(
        f"{separator}“{catalogue.title(cause)}” ({parts[cause]:+.3f})"
        for separator, cause in listed(causes)
    )
    rest = fsum(value for item, value in parts.items() if item not in causes)
    others = len(parts) - len(causes)
    left = f" What is left of the score comes to {rest:+.3f}." if others else ""
    return f"{opening} Its score is {verb} by {named}.{left}"
