"""Finds the fewest history items without which f decides otherwise, by asking f."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from recexplainer.explanation.asking import question_without
from recexplainer.explanation.cases import decision_of, direction_of
from recexplainer.explanation.wording import enumerated, quoted, re_scored
from recexplainer.plugins.interfaces import Target
from recexplainer.records import Case, Catalogue, Outcome

__all__ = ["EXACT_SIZE", "MinimalEdit", "counterfactual_sentence", "find_edit", "holds_outcome"]

EXACT_SIZE = 3
"""Up to here all removals of a size are tried; larger ones grow one item at a time."""
LONGEST = 5
"""Longer lists of titles are no explanation."""
_MOST_AT_ONCE = 512
"""Removals that are put to f together: enough for a target that reads batches side by side."""
_SCORES_AT_ONCE = 2**24
"""Bounds memory: so many scores of f (64 MB) are held at a time."""


@dataclass(frozen=True, slots=True)
class MinimalEdit:
    """A removal that changes f's decision, with what f says after it.

    Attributes:
        removed: the items, in the order of the history.
        score: f's score of the case's item without them.
        rank: its rank without them, among the same candidates as before.
        exact: whether no smaller removal does it; else it was found one item at a time.
    """

    removed: tuple[str, ...]
    score: float
    rank: int
    exact: bool


def holds_outcome(outcome: Outcome, rank: int, candidates: int) -> bool:
    """Return whether f comes to ``outcome`` where it ranks the item ``rank`` of ``candidates``."""
    decision = decision_of(rank, candidates)
    held: dict[Outcome, bool] = {
        "recommended": decision == "Yes",
        "not recommended": decision != "Yes",
        "not rejected": decision != "No",
    }
    return held[outcome]


def find_edit(
    target: Target,
    catalogue: Catalogue,
    case: Case,
    *,
    exact_up_to: int = EXACT_SIZE,
    longest: int = LONGEST,
) -> MinimalEdit | None:
    """Return a smallest removal after which f no longer decides as it does; None without one.

    All removals of one item are tried, then of two, up to ``exact_up_to``; so no smaller one exists
    than what is found there. Those of a size are tried from the most promising on, by what their
    items do one by one: the first that change the decision end the search, and of these the one
    that moves the rank furthest is taken. If there are none, items are removed one at a time, each
    time the one that moves the score furthest, and the history is never emptied. A history of 20
    has 20 removals of one item, 190 of two and 1,140 of three.

    Args:
        target: f; asked in batches.
        catalogue: the items.
        case: what f decides; where it is undecided, there is nothing to change.
        exact_up_to: the largest size of which all removals are tried.
        longest: the most items to remove.
    """
    items = tuple(dict.fromkeys(case.history))
    if case.decision is None or len(items) < 2:
        return None
    asker = _Asker(target, catalogue, case)
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
    """What f says after each of a number of removals, ``(R,)`` each."""

    case: Case
    removals: Sequence[tuple[str, ...]]
    scores: NDArray[np.float32]
    ranks: NDArray[np.int64]

    @property
    def against(self) -> NDArray[np.float32]:
        """The scores, the lower the further off f's decision."""
        return self.scores if self._toward > 0 else -self.scores

    def furthest(self) -> tuple[str, ...]:
        """Return the removal that moves the score furthest off f's decision."""
        return self.removals[int(np.argmin(self.against))]

    def furthest_change(self, *, exact: bool = True) -> MinimalEdit | None:
        """Return the removal that moves the rank furthest, if f decides otherwise after it."""
        best = int(np.lexsort((self.against, -self._toward * self.ranks))[0])
        rank = int(self.ranks[best])
        if decision_of(rank, self.case.candidates) == self.case.decision:
            return None
        return MinimalEdit(self.removals[best], float(self.scores[best]), rank, exact)

    @property
    def _toward(self) -> float:
        return direction_of(self.case)


class _Asker:
    """Asks f about one case after many removals; what does not change is prepared once."""

    def __init__(self, target: Target, catalogue: Catalogue, case: Case) -> None:
        self._target, self._case = target, case
        self._at_once = max(1, min(_MOST_AT_ONCE, _SCORES_AT_ONCE // len(catalogue)))
        self._row = catalogue.row(case.item)
        candidate = np.ones(len(catalogue), dtype=bool)
        candidate[catalogue.rows(tuple(question_without(case).seen))] = False
        self._before = np.flatnonzero(candidate[: self._row])
        self._after = self._row + 1 + np.flatnonzero(candidate[self._row + 1 :])

    def ask(self, removals: Sequence[tuple[str, ...]]) -> _Answers:
        """Return f's answers, in order; only those of the first batch that changes its decision."""
        parts = []
        for start in range(0, len(removals), self._at_once):
            answers = self._put(removals[start : start + self._at_once])
            if answers.furthest_change() is not None:
                return answers
            parts.append(answers)
        scores = np.concatenate([part.scores for part in parts])
        ranks = np.concatenate([part.ranks for part in parts])
        return _Answers(self._case, removals, scores, ranks)

    def _put(self, removals: Sequence[tuple[str, ...]]) -> _Answers:
        history = self._case.history  # the seen items of `question_without` never change
        histories = [[item for item in history if item not in removed] for removed in removals]
        scores = self._target.scores(histories)
        own = scores[:, self._row, None]
        # Ties go to the item that comes first in the catalogue, as in rank_of.
        ahead = (scores[:, self._before] >= own).sum(axis=1)
        ahead += (scores[:, self._after] > own).sum(axis=1)
        return _Answers(self._case, removals, scores[:, self._row], 1 + ahead)


def counterfactual_sentence(case: Case, edit: MinimalEdit, catalogue: Catalogue) -> str:
    """Return what f would come to without the removed items, with its rank and score.

    Of several items it says whether they are surely the fewest.
    """
    titles = enumerated([quoted(catalogue.title(item)) for item in edit.removed])
    would = f"it would not be {'recommended' if case.decision == 'Yes' else 'rejected'}"
    fewest = "; no fewer titles do" if len(edit.removed) > 1 else ""
    found = fewest if edit.exact else "; found by removing one title at a time, so fewer may do"
    return f"Without {titles} {would} ({re_scored(case, edit.rank, edit.score)}{found})."
