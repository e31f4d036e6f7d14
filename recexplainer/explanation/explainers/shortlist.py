"""Shortlist explainers: the target is asked about a few items only; who draws them up differs.

The picking and the words are the same for all, so what sets them apart is the shortlist.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from pydantic import Field

from recexplainer.explanation.explainers.baselines import BaselineOptions, build_similarity
from recexplainer.explanation.explainers.plain_explainer import OneWording
from recexplainer.explanation.explainers.reasons import (
    Surroundings,
    no_cause_sentence,
    reason_opening,
)
from recexplainer.explanation.explainers.surrogate import speaker_of
from recexplainer.explanation.explainers.writer import context, questions
from recexplainer.explanation.sentences import decided, enumerated, quoted, rank_change
from recexplainer.oracle import Pick, case_rng, leaning, oracle_of, picks_among
from recexplainer.plugins.interfaces import ExplainerKit, Options
from recexplainer.records import Case, Catalogue, Written

__all__ = [
    "BUILDERS",
    "Ordering",
    "ShortlistExplainer",
    "ShortlistOptions",
    "build_random",
    "build_similar",
    "build_surrogate",
]

Ordering = Callable[[Sequence[Case]], list[list[str]]]
"""Returns each case's distinct history items, the most promising first."""
_CASES_AT_ONCE = 128


class ShortlistOptions(Options):
    """How much is asked and said."""

    size: int = Field(default=8, ge=1)
    """The most history items that the recommender is asked about."""
    cited: int = Field(default=3, ge=1)
    """The most history items to name."""


class ShortlistExplainer(OneWording):
    """Names the items of a shortlist that pull the target's way, the strongest first.

    Args:
        name: what its explanations are signed with.
        order: puts histories in the order in which they are shortlisted.
        options: how much is asked and said.
        kit: the target, the catalogue and the seed.
    """

    def __init__(
        self, name: str, order: Ordering, options: ShortlistOptions, kit: ExplainerKit
    ) -> None:
        super().__init__(name)
        self.name = name
        self.order = order
        """Puts the history of each case in the order in which it is shortlisted."""
        self._options, self._catalogue = options, kit.catalogue
        self._oracle = oracle_of(kit)
        self._surroundings = Surroundings.of(self._oracle, kit)

    def _accounts(self, cases: Sequence[Case]) -> Iterable[Written]:
        for start in range(0, len(cases), _CASES_AT_ONCE):
            batch = cases[start : start + _CASES_AT_ONCE]
            shortlists = [order[: self._options.size] for order in self.order(batch)]
            for pick in picks_among(self._oracle, batch, shortlists, self._options.cited):
                case = pick.pulls.case
                opening = decided(case, self._catalogue.title(case.item))
                text = f"{opening} {self._reason(pick)}"
                yield Written(case=case.id, explainer=self._name, text=text, meant=pick.items)

    def _reason(self, pick: Pick) -> str:
        """Return which items pull, and how the rank changes without each; none is called first."""
        pulls, case = pick.pulls, pick.pulls.case
        raised = leaning(case) == "Yes"
        if not pick.items:
            asked, of = len(pulls.without), len(_distinct(case))
            if asked < of:
                verb = "raises" if raised else "lowers"
                return f"None of the titles asked about, {asked} of {of}, {verb} its score."
            (known,) = self._surroundings.sentences([pulls])
            return f"{no_cause_sentence(case)} {known}"
        named = [
            f"{quoted(self._catalogue.title(item))} "
            f"({rank_change(case.rank, pulls.without[item].rank)} without it)"
            for item in pick.items
        ]
        return f"Its score is {'raised' if raised else 'lowered'} by {enumerated(named)}."


def build_surrogate(options: ShortlistOptions, kit: ExplainerKit) -> ShortlistExplainer:
    """Return the explainer whose shortlist is what the surrogate finds likeliest to be named first.

    Raises:
        CapabilityError: the kit has no surrogate.
    """
    speaker = speaker_of(kit)

    def order(cases: Sequence[Case]) -> list[list[str]]:
        histories = [_distinct(case) for case in cases]
        likely = speaker.likelihoods(
            questions(cases, None, [_opening(case, kit.catalogue) for case in cases]),
            [context(case) for case in cases],
            # the closing mark tells a title from a longer one that begins with it
            [[quoted(kit.catalogue.title(item))[1:] for item in items] for items in histories],
        )
        return [
            [items[place] for place in np.argsort(-values, kind="stable")]
            for items, values in zip(histories, likely, strict=True)
        ]

    return ShortlistExplainer("shortlist-surrogate", order, options, kit)


def build_random(options: ShortlistOptions, kit: ExplainerKit) -> ShortlistExplainer:
    """Return the control whose shortlist is drawn at random."""

    def order(cases: Sequence[Case]) -> list[list[str]]:
        drawn = []
        for case in cases:
            items = _distinct(case)
            places = case_rng(kit.seed, f"shortlist {case.id}").permutation(len(items))
            drawn.append([items[place] for place in places])
        return drawn

    return ShortlistExplainer("shortlist-random", order, options, kit)


def build_similar(options: ShortlistOptions, kit: ExplainerKit) -> ShortlistExplainer:
    """Return the control whose shortlist is the items most similar to the one in question.

    Raises:
        CapabilityError: the target has no vectors and the kit no training histories.
    """
    similarity = build_similarity(BaselineOptions(), kit)

    def order(cases: Sequence[Case]) -> list[list[str]]:
        ordered = []
        for case in cases:
            values = similarity.contributions(case)
            ordered.append(sorted(_distinct(case), key=lambda item: -values[item]))
        return ordered

    return ShortlistExplainer("shortlist-similar", order, options, kit)


BUILDERS = (build_surrogate, build_similar, build_random)


def _distinct(case: Case) -> list[str]:
    return [item for item in dict.fromkeys(case.history) if item != case.item]


def _opening(case: Case, catalogue: Catalogue) -> str:
    """Return an answer up to the title that it names as the strongest cause."""
    decision = leaning(case)
    verb = "will like" if decision == "Yes" else "will not like"
    title = quoted(catalogue.title(case.item))
    return f"{decision}, the user {verb} {title}. {reason_opening(case)} “"
