"""Sentences of reasons made from the target's own answers, so always true."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from recexplainer.explanation.sentences import enumerated, ordinal, quoted
from recexplainer.oracle import (
    CaseRemovals,
    Crowd,
    Oracle,
    Pulls,
    direction_of,
    leaning,
    longest_joint,
    question_only,
)
from recexplainer.plugins.interfaces import ExplainerKit
from recexplainer.records import Case

__all__ = ["Surroundings", "causes_sentences", "no_cause_sentence", "reason_opening"]

_LEAST_CROWD = 20
"""Of fewer users a share would say little."""
_MOST_PAIRS = 200
"""Of a longer history not all pairs are asked about, and nothing is said of pairs."""


def causes_sentences(asked: Sequence[Pulls], oracle: Oracle, count: int) -> list[str]:
    """Return which items each decision rests on, the strongest first; empty where none is one.

    Args:
        asked: the pulls of each case.
        oracle: asks the target, and has the titles.
        count: the most items to name; fewer where they do not act alike together.
    """
    causes = longest_joint(oracle, asked, [pulls.causes()[:count] for pulls in asked])
    return [_owed(pulls.case, items, oracle) for pulls, items in zip(asked, causes, strict=True)]


def _owed(case: Case, items: Sequence[str], oracle: Oracle) -> str:
    if not items:
        return ""
    titles = enumerated([quoted(oracle.catalogue.title(item)) for item in items])
    return f"{reason_opening(case)} {titles}."


def reason_opening(case: Case) -> str:
    """Return how a sentence begins whose next words are the strongest cause's title."""
    source = "support" if leaning(case) == "Yes" else "objection"
    return f"The strongest {source} comes from"


def no_cause_sentence(case: Case) -> str:
    """Return that no single item of the history is a cause; say it only where that is so."""
    verb = "raises" if leaning(case) == "Yes" else "lowers"
    return f"No one title in the history {verb} its score by itself."


class Surroundings:
    """What is known of a decision that no single item of the history is the cause of.

    Args:
        oracle: asks the target.
        crowd: other users; None where no histories are at hand.
    """

    def __init__(self, oracle: Oracle, crowd: Crowd | None) -> None:
        self._oracle, self._crowd = oracle, crowd

    @classmethod
    def of(cls, oracle: Oracle, kit: ExplainerKit) -> Surroundings:
        """Return what an explainer can know, its crowd drawn from the histories of its kit."""
        return cls(oracle, Crowd(oracle, kit.histories, kit.seed) if kit.histories else None)

    def sentences(self, pulls: Sequence[Pulls]) -> list[str]:
        """Return what is known of each case, in one or two sentences.

        Two items that matter only together, where there are such; then for how many other users
        the target decides alike, or where it ranks the item after an empty history.
        """
        cases = [one.case for one in pulls]
        alike = self._crowd.alike(cases) if self._crowd else [(0, 0)] * len(cases)
        empty = self._oracle.ask([question_only(case, ()) for case in cases])
        found = []
        for one, (same, of), stranger in zip(pulls, alike, empty, strict=True):
            rank = f"{ordinal(stranger.rank)} of {stranger.candidates:,}"
            place = f"After an empty history the recommender ranks it {rank}."
            if of >= _LEAST_CROWD:
                place = (
                    f"For {same} of {of} users drawn at random the recommender decides the same."
                )
            found.append(" ".join(filter(None, (self._together(one), place))))
        return found

    def _together(self, pulls: Pulls) -> str:
        """Return the two items that pull furthest together; empty where no two do."""
        pairs = list(combinations(pulls.without, 2))
        if not 0 < len(pairs) <= _MOST_PAIRS:
            return ""
        scores = CaseRemovals(self._oracle, pulls.case).ask(pairs).scores
        moved = direction_of(pulls.case) * (pulls.whole.score - scores)
        best = int(np.argmax(moved))
        if moved[best] <= pulls.noise:
            return ""
        titles = enumerated([quoted(self._oracle.catalogue.title(item)) for item in pairs[best]])
        verb = "raise" if leaning(pulls.case) == "Yes" else "lower"
        return f"Together, {titles} {verb} its score; neither does so alone."
