"""Exact leave-one-out of f, in a sentence: which history items f's score leans on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import Field

from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.explainers.minimal_edits import (
    EXACT_SIZE,
    counterfactual_sentence,
    find_edit,
)
from recexplainer.explanation.sentences import (
    enumerated,
    ordinal,
    quoted,
    refuse_instruction,
    with_known_causes,
)
from recexplainer.oracle import direction_of, leaning, oracle_of, pulls_of
from recexplainer.plugins.interfaces import Explainer, ExplainerKit, Options
from recexplainer.records import Case, Catalogue, Explanation

__all__ = ["Effect", "OcclusionExplainer", "OcclusionOptions", "build"]

NAME = "occlusion"
_CASES_AT_ONCE = 32
_NOISE = 1e-5
"""Relative to a score of 1: smaller effects are rounding in single precision, not f's opinion."""


class OcclusionOptions(Options):
    """How much is said."""

    cited: int = Field(default=3, ge=1)
    """The most history items to name."""
    counterfactual: bool = True
    """Whether to name the fewest items without which f decides otherwise, where there are some."""
    exact_up_to: int = Field(default=EXACT_SIZE, ge=1, le=EXACT_SIZE)
    """The largest number of items of which all removals are tried for that, before going on one
    item at a time. What is found is surely the fewest up to one more. A history of 20 takes f up
    to 90 questions at 1, 260 at 2 and 1,400 at 3."""


@dataclass(frozen=True, slots=True)
class Effect:
    """What f answers without one item of the history, and by how much its score falls."""

    item: str
    drop: float
    rank: int


class OcclusionExplainer(Explainer):
    """Removes each history item in turn and tells what f says then. Knows no attributes."""

    def __init__(self, options: OcclusionOptions, kit: ExplainerKit) -> None:
        self._options = options
        self._oracle = oracle_of(kit)
        self._catalogue = kit.catalogue
        self._reader = ClaimReader(kit.catalogue)

    def explain(
        self, cases: Sequence[Case], instruction: str | None = None
    ) -> Iterable[Explanation]:
        """Yield the account of each case.

        Raises:
            UserError: an instruction is given; there is one way to say this.
        """
        refuse_instruction(NAME, instruction)
        return self._explain(cases)

    def effects(self, cases: Sequence[Case]) -> list[list[Effect]]:
        """Return the effect of removing each distinct history item, per case, in history order."""
        return [
            [
                Effect(item, pulls.whole.score - answer.score, answer.rank)
                for item, answer in pulls.without.items()
            ]
            for pulls in pulls_of(self._oracle, cases)
        ]

    def contributions(self, case: Case) -> dict[str, float]:
        """Return by how much f's score falls without each distinct history item."""
        (effects,) = self.effects([case])
        return {effect.item: effect.drop for effect in effects}

    def _explain(self, cases: Sequence[Case]) -> Iterable[Explanation]:
        for start in range(0, len(cases), _CASES_AT_ONCE):
            batch = cases[start : start + _CASES_AT_ONCE]
            for case, effects in zip(batch, self.effects(batch), strict=True):
                causes = _causes(case, effects)[: self._options.cited]
                yield with_known_causes(
                    f"{_sentence(case, causes, self._catalogue)}{self._what_if(case)}",
                    case,
                    self._reader,
                    explainer=NAME,
                    decision=case.decision,
                    cited=[effect.item for effect in causes],
                )

    def _what_if(self, case: Case) -> str:
        """Return a sentence that f has borne out, or nothing."""
        if not self._options.counterfactual:
            return ""
        edit = find_edit(self._oracle, case, exact_up_to=self._options.exact_up_to)
        return "" if edit is None else f" {counterfactual_sentence(case, edit, self._catalogue)}"


def build(options: OcclusionOptions, kit: ExplainerKit) -> OcclusionExplainer:
    """Return the explainer; it asks the kit's target only."""
    return OcclusionExplainer(options, kit)


def _causes(case: Case, effects: Sequence[Effect]) -> list[Effect]:
    """Return the items that carry f's decision, the weightiest first.

    For a Yes these are the items whose removal lowers the score, for a No those that raise it.
    """
    direction = direction_of(case)
    least = _NOISE * max(1.0, abs(case.score))
    carrying = [effect for effect in effects if direction * effect.drop > least]
    return sorted(carrying, key=lambda effect: -direction * effect.drop)


def _sentence(case: Case, causes: Sequence[Effect], catalogue: Catalogue) -> str:
    place = (
        f"f ranks {quoted(catalogue.title(case.item))} {ordinal(case.rank)} of {case.candidates:,}"
    )
    opening = f"{case.decision or 'Undecided'}: {place} unseen items."
    favors = leaning(case) == "Yes"
    if not causes:
        verb = "lowers" if favors else "raises"
        return f"{opening} Removing any single item of the history never {verb} its score."
    named = [f"{quoted(catalogue.title(cause.item))} ({_change(case, cause)})" for cause in causes]
    verb = "costs it the most" if favors else "helps it the most"
    rest = f", then {enumerated(named[1:])}" if len(named) > 1 else ""
    return f"{opening} Removing {named[0]} {verb}{rest}."


def _change(case: Case, cause: Effect) -> str:
    if cause.rank == case.rank:
        return f"rank stays {case.rank:,}"
    return f"rank {case.rank:,} to {cause.rank:,}"
