"""ALS's scores taken apart: what each item of the history adds, in a sentence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from math import fsum
from typing import Final

from recexplainer.errors import UserError
from recexplainer.plugins.interfaces import Explainer, ExplainerKit
from recexplainer.records import Case, Catalogue, Explanation
from recx_implicit.als import AlsTarget
from recx_implicit.options import ContributionsOptions
from recx_implicit.phrases import Sentence, listed, ordinal

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

    def explain(
        self, cases: Sequence[Case], instruction: str | None = None
    ) -> Iterator[Explanation]:
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

    def _account(self, case: Case) -> Explanation:
        if not isinstance(self._target, AlsTarget):
            return _abstention(case, type(self._target).__name__)
        parts = self._target.contributions(case.history, case.item)
        causes = _causes(case, parts)[: self._options.cited]
        sentence = _sentence(case, parts, causes, self._catalogue)
        return Explanation(
            case=case.id,
            explainer=NAME,
            text=sentence.text,
            decision=case.decision,
            cited=tuple(causes),
            claims=sentence.claims,
        )


def _abstention(case: Case, target: str) -> Explanation:
    text = (
        "Nothing can be told: contributions to a score are known of the target implicit-als "
        f"only, and this run explains another one ({target})."
    )
    return Explanation(case=case.id, explainer=NAME, text=text)


def _causes(case: Case, parts: Mapping[str, float]) -> list[str]:
    """Return the items that carry the decision, the weightiest first."""
    direction = 1.0 if _favors(case) else -1.0
    least = _NOISE * max(1.0, abs(case.score))
    carrying = [item for item, value in parts.items() if direction * value > least]
    return sorted(carrying, key=lambda item: -direction * parts[item])


def _favors(case: Case) -> bool:
    """Whether f is for the item; where it is undecided, whether it is in the upper half."""
    if case.decision is None:
        return 2 * case.rank <= case.candidates
    return case.decision == "Yes"


def _sentence(
    case: Case, parts: Mapping[str, float], causes: Sequence[str], catalogue: Catalogue
) -> Sentence:
    sentence = Sentence()
    if case.decision is None:
        sentence.say("Undecided")
    else:
        sentence.claim("decision", case.decision)
    sentence.say(": f scores “")
    sentence.claim("item", catalogue.title(case.item), item=case.item)
    sentence.say(
        f"” {case.score:.3f}, which makes it {ordinal(case.rank)} of {case.candidates:,} unseen "
        "items. "
    )
    rest = fsum(value for item, value in parts.items() if item not in causes)
    others = len(parts) - len(causes)
    if not causes:
        verb = "adds anything to" if _favors(case) else "takes anything off"
        sentence.say(f"No item of the history {verb} that score.")
        return sentence
    sentence.say("In that score, ")
    for separator, cause in listed(causes):
        sentence.say(f"{separator}“")
        sentence.claim("cause", catalogue.title(cause), item=cause)
        sentence.say(f"” {_change(parts[cause])}")
    if others:
        noun = "item of the history" if others == 1 else "items of the history together"
        sentence.say(f"; the other {others} {noun} {_change(rest, many=others > 1)}")
    sentence.say(".")
    return sentence


def _change(value: float, *, many: bool = False) -> str:
    verb = "take{} off" if value < 0 else "add{}"
    return f"{verb.format('' if many else 's')} {abs(value):.3f}"
