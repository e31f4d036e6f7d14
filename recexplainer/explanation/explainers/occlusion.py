"""Occlusion explainer: exact leave-one-out of the target, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import Field

from recexplainer.explanation.explainers.minimal_edits import (
    EXACT_SIZE,
    counterfactual_sentence,
    find_edit,
)
from recexplainer.explanation.explainers.plain_explainer import OneWording
from recexplainer.explanation.explainers.reasons import Surroundings, no_cause_sentence
from recexplainer.explanation.sentences import (
    decided,
    enumerated,
    quoted,
    rank_change,
)
from recexplainer.oracle import Pulls, leaning, longest_joint, oracle_of, pulls_of
from recexplainer.plugins.interfaces import ExplainerKit, Options
from recexplainer.records import Case, Written

__all__ = ["OcclusionExplainer", "OcclusionOptions", "build"]

NAME = "occlusion"
_CASES_AT_ONCE = 32


class OcclusionOptions(Options):
    """How much is said."""

    cited: int = Field(default=3, ge=1)
    """The most history items to name."""
    counterfactual: bool = True
    """Whether to name the fewest items whose removal changes the decision, where there are some."""
    exact_up_to: int = Field(default=EXACT_SIZE, ge=1, le=EXACT_SIZE)
    """The largest number of items of which all removals are tried for that, before going on one
    item at a time. What is found is surely the fewest up to one more. A history of 20 takes the
    target up to 90 questions at 1, 260 at 2 and 1,400 at 3."""


class OcclusionExplainer(OneWording):
    """Explainer by leave-one-out: reports the score and rank without each item; no attributes."""

    def __init__(self, options: OcclusionOptions, kit: ExplainerKit) -> None:
        super().__init__(NAME)
        self._options = options
        self._oracle = oracle_of(kit)
        self._catalogue = kit.catalogue
        self._surroundings = Surroundings.of(self._oracle, kit)

    def contributions(self, case: Case) -> dict[str, float]:
        """Return by how much the target's score falls without each distinct history item."""
        (pulls,) = pulls_of(self._oracle, [case])
        return {item: pulls.of(item, "Yes") for item in pulls.without}

    def _accounts(self, cases: Sequence[Case]) -> Iterable[Written]:
        for start in range(0, len(cases), _CASES_AT_ONCE):
            found = pulls_of(self._oracle, cases[start : start + _CASES_AT_ONCE])
            named = [pulls.strongest()[: self._options.cited] for pulls in found]
            bare = [pulls for pulls, items in zip(found, named, strict=True) if not items]
            known = iter(self._surroundings.sentences(bare))
            joint = longest_joint(self._oracle, found, named)
            for pulls, items in zip(found, joint, strict=True):
                case = pulls.case
                said = (
                    self._removals(pulls, items)
                    if items
                    else f"{no_cause_sentence(case)} {next(known)}"
                )
                opening = decided(case, self._catalogue.title(case.item))
                text = f"{opening} {said}{self._what_if(case)}"
                yield Written(case=case.id, explainer=NAME, text=text, meant=tuple(items))

    def _removals(self, pulls: Pulls, items: Sequence[str]) -> str:
        """Return what removing each of ``items``, the strongest first, does to the rank."""
        case, title = pulls.case, self._catalogue.title
        named = [
            f"{quoted(title(item))} ({rank_change(case.rank, pulls.without[item].rank)})"
            for item in items
        ]
        verb = "costs it the most" if leaning(case) == "Yes" else "helps it the most"
        rest = f", then {enumerated(named[1:])}" if len(named) > 1 else ""
        return f"Removing {named[0]} {verb}{rest}."

    def _what_if(self, case: Case) -> str:
        """Return a counterfactual sentence that holds on the target, or nothing."""
        if not self._options.counterfactual:
            return ""
        edit = find_edit(self._oracle, case, exact_up_to=self._options.exact_up_to)
        return "" if edit is None else f" {counterfactual_sentence(case, edit, self._catalogue)}"


def build(options: OcclusionOptions, kit: ExplainerKit) -> OcclusionExplainer:
    """Return the explainer; it asks the kit's target only."""
    return OcclusionExplainer(options, kit)
