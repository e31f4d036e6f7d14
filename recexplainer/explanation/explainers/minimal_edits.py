"""Smallest removals that change the target's decision, found by asking it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from recexplainer.explanation.sentences import enumerated, quoted, re_scored
from recexplainer.oracle import CaseRemovals, Oracle, RemovalAnswers, direction_of
from recexplainer.records import Case, Catalogue

__all__ = ["EXACT_SIZE", "MinimalEdit", "counterfactual_sentence", "find_edit"]

EXACT_SIZE = 3
"""Up to here all removals of a size are tried; larger ones grow one item at a time."""
LONGEST = 5
"""Longer lists of titles are no explanation."""
_MOST_AT_ONCE = 512
"""Removals asked together, enough for a target that reads batches side by side."""


@dataclass(frozen=True, slots=True)
class MinimalEdit:
    """A removal that changes the target's decision, with what the target says after it.

    Attributes:
        removed: the items, in the order of the history.
        score: the target's score of the case's item without them.
        rank: its rank without them, among the same candidates as before.
        exact: whether no smaller removal does it; else it was found one item at a time.
    """

    removed: tuple[str, ...]
    score: float
    rank: int
    exact: bool


def find_edit(
    oracle: Oracle,
    case: Case,
    *,
    exact_up_to: int = EXACT_SIZE,
    longest: int = LONGEST,
) -> MinimalEdit | None:
    """Return a smallest removal that changes the decision; None without one.

    All removals of one item are tried, then of two, up to ``exact_up_to``; so no smaller one exists
    than what is found there. Those of a size are tried from the most promising on, by what their
    items do one by one: the first that change the decision end the search, and of these the one
    that moves the rank furthest is taken. If there are none, items are removed one at a time, each
    time the one that moves the score furthest, and the history is never emptied. A history of 20
    has 20 removals of one item, 190 of two and 1,140 of three.

    Args:
        oracle: asks f.
        case: what the target decides; where it is undecided, there is nothing to change.
        exact_up_to: the largest size of which all removals are tried.
        longest: the most items to remove.
    """
    items = tuple(item for item in dict.fromkeys(case.history) if item != case.item)
    if case.decision is None or len(items) < 2:
        return None
    asker = _Asker(oracle, case)
    singles = asker.ask([(item,) for item in items])
    if (found := singles.furthest_change()) is not None:
        return found
    alone = dict(zip(items, singles.against, strict=True))
    start = singles.furthest()
    for size in range(2, min(exact_up_to, len(items) - 1) + 1):
        removals = sorted(combinations(items, size), key=lambda some: sum(alone[i] for i in some))
        answers = asker.ask(removals)
        if (found := answers.furthest_change()) is not None:
            return found
        start = answers.furthest()
    return _grown(asker, items, start, longest)


def _grown(
    asker: _Asker, items: Sequence[str], start: tuple[str, ...], longest: int
) -> MinimalEdit | None:
    removed = start
    while len(removed) < min(longest, len(items) - 1):
        held = set(removed)
        larger = [
            tuple(item for item in items if item in held or item == one)
            for one in items
            if one not in held
        ]
        answers = asker.ask(larger)
        # One more item than was tried exhaustively in vain is still the fewest.
        found = answers.furthest_change(exact=len(removed) == len(start))
        if found is not None:
            return found
        removed = answers.furthest()
    return None


@dataclass(frozen=True)
class _Answers:
    """What the target says after each of a number of removals of one case."""

    case: Case
    told: RemovalAnswers

    @property
    def against(self) -> NDArray[np.float32]:
        """The scores, ``(R,)``, the lower the further off the target's decision."""
        return self.told.scores * np.float32(direction_of(self.case))

    def furthest(self) -> tuple[str, ...]:
        """Return the removal that moves the score furthest off the target's decision."""
        return self.told.removals[int(np.argmin(self.against))]

    def furthest_change(self, *, exact: bool = True) -> MinimalEdit | None:
        """Return the removal that moves the rank furthest, if the decision changes."""
        ranks = self.told.ahead + self.told.ties // 2
        best = int(np.lexsort((self.against, -direction_of(self.case) * ranks))[0])
        standing = self.told.standing(best)
        if standing.decision == self.case.decision:
            return None
        score = float(self.told.scores[best])
        return MinimalEdit(self.told.removals[best], score, standing.rank, exact)


class _Asker:
    """Asks the target about one case after many removals, until one changes the decision."""

    def __init__(self, oracle: Oracle, case: Case) -> None:
        self._removals, self._case = CaseRemovals(oracle, case), case

    def ask(self, removals: Sequence[tuple[str, ...]]) -> _Answers:
        """Return the answers, in order; only those of the first batch that changes the decision."""
        parts = []
        for start in range(0, len(removals), _MOST_AT_ONCE):
            told = self._removals.ask(removals[start : start + _MOST_AT_ONCE])
            answers = _Answers(self._case, told)
            if answers.furthest_change() is not None:
                return answers
            parts.append(told)
        return _Answers(self._case, RemovalAnswers.joined(parts))


def counterfactual_sentence(case: Case, edit: MinimalEdit, catalogue: Catalogue) -> str:
    """Return the decision without the removed items as words, with rank and score.

    Of several items it says whether they are surely the fewest.
    """
    titles = enumerated([quoted(catalogue.title(item)) for item in edit.removed])
    would = f"it would not be {'recommended' if case.decision == 'Yes' else 'rejected'}"
    fewest = "; no fewer titles do" if len(edit.removed) > 1 else ""
    found = fewest if edit.exact else "; found by removing one title at a time, so fewer may do"
    return f"Without {titles} {would} ({re_scored(case, edit.rank, edit.score)}{found})."
