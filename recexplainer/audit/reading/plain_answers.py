"""Plain answers: the target asked again, and its lists sorted in full, shared with no probe."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.subject import Subject
from recexplainer.records import Context

__all__ = ["Again", "PlainAnswers", "Told", "counted_again", "drawn_again", "shared"]

_AT_ONCE = 32
_PLACES = 10
_ROUNDING = 0.002
"""Scores of one history differ in their last digits with what is asked beside it."""
_DEVIATIONS, _LITTLE = 3.5, 0.005


class Again(NamedTuple):
    """A figure counted again: how far the finding's may be from it, and its standard error."""

    value: float
    slack: float = _ROUNDING
    error: float | None = None


class Told(NamedTuple):
    """What the target says of one moment: lists as sets of rows, and of what was taken next.

    Attributes:
        listed: the first ten that the user has not had.
        unmasked: the first ten of all items.
        hit, gain: hit@10 and ndcg@10 of what was taken next, None where the user had it before.
        foretold: whether it is in the best tenth.
        tied: share of the first places with a score that another candidate has as well.
    """

    listed: frozenset[int]
    unmasked: frozenset[int]
    hit: float | None
    gain: float | None
    foretold: bool
    tied: float | None


@dataclass(frozen=True, eq=False)
class PlainAnswers:
    """Asks the subject's target by itself: no cache, no partial sort, one row of scores held."""

    subject: Subject

    @cached_property
    def had(self) -> list[frozenset[int]]:
        """Rows of what each context's user had by then."""
        return [self.had_by(one) for one in self.subject.contexts]

    def had_by(self, context: Context) -> frozenset[int]:
        """Return the rows of what the user had before ``context``."""
        taken = self.subject.log.histories[context.user][: context.end]
        return frozenset(self.subject.catalogue.row(item) for item in taken)

    def rows(self, histories: Sequence[Sequence[str]]) -> Iterator[NDArray[np.float64]]:
        """Yield the scores of all items after each history, ``(I,)``."""
        for start in range(0, len(histories), _AT_ONCE):
            part = [tuple(one) for one in histories[start : start + _AT_ONCE]]
            for row in np.asarray(self.subject.oracle.target.scores(part)):
                yield row.astype(np.float64)

    @cached_property
    def own(self) -> list[Told]:
        """What the target says at the contexts."""
        return self._told(self.subject.contexts)

    @cached_property
    def trained(self) -> list[Told]:
        """What it says at moments that it was trained on."""
        return self._told(self.subject.trained)

    @cached_property
    def ordered(self) -> NDArray[np.int64]:
        """Rows from the most to the least frequent, equal ones in the order of equal scores."""
        return self._order(self.subject.split.popularity.astype(np.float64))

    def first(self, scores: NDArray[np.float64], had: frozenset[int]) -> frozenset[int]:
        """Return the rows of the best items that are not in ``had``."""
        return _first(self._order(scores), had, _PLACES)

    def popular(self, had: frozenset[int]) -> frozenset[int]:
        """Return the rows of the most frequent items that are not in ``had``."""
        return _first(self.ordered, had, _PLACES)

    def lists(
        self, histories: Sequence[Sequence[str]], had: Sequence[frozenset[int]]
    ) -> list[frozenset[int]]:
        """Return the first ten after each history."""
        rows = self.rows(histories)
        return [self.first(row, own) for row, own in zip(rows, had, strict=True)]

    def foretold(
        self, histories: Sequence[Sequence[str]], contexts: Sequence[Context]
    ) -> list[bool]:
        """Return whether what each context's user took next is in the best tenth."""
        rows = self.rows(histories)
        return [
            _in_best_tenth(row, self._next(one), self.had_by(one))
            for row, one in zip(rows, contexts, strict=True)
        ]

    def _told(self, contexts: Sequence[Context]) -> list[Told]:
        rows = self.rows([one.history for one in contexts])
        return [self._at(one, row) for one, row in zip(contexts, rows, strict=True)]

    def _at(self, context: Context, scores: NDArray[np.float64]) -> Told:
        had, answer = self.had_by(context), self._next(context)
        order = self._order(scores)
        free = np.delete(scores, sorted(had))
        hit = gain = None
        if answer not in had:
            ahead = int((free > scores[answer]).sum())
            places = range(ahead, ahead + int((free == scores[answer]).sum()))
            hit = float(np.mean([place < _PLACES for place in places]))
            gains = [1 / np.log2(place + 2) if place < _PLACES else 0.0 for place in places]
            gain = float(np.mean(gains))
        listed = _first(order, had, _PLACES)
        values, times = np.unique(free, return_counts=True)
        often = dict(zip(values.tolist(), times.tolist(), strict=True))
        ties = [often[float(scores[row])] > 1 for row in listed]
        return Told(
            listed,
            _first(order, frozenset(), _PLACES),
            hit,
            gain,
            _in_best_tenth(scores, answer, had),
            float(np.mean(ties)) if len(free) > 1 else None,
        )

    def _order(self, scores: NDArray[np.float64]) -> NDArray[np.int64]:
        ties = self.subject.ties
        return np.asarray(ties[np.argsort(-scores[ties], kind="stable")])

    def _next(self, context: Context) -> int:
        return self.subject.catalogue.row(self.subject.log.histories[context.user][context.end])


def counted_again(values: Sequence[float], *, slack: float = _ROUNDING) -> Again:
    """Return the mean of values that are the finding's own."""
    return Again(float(np.mean(values)), slack, _error(values))


def drawn_again(values: Sequence[float]) -> Again:
    """Return the mean of values that were drawn anew: it may differ by chance."""
    error = _error(values)
    return Again(float(np.mean(values)), _DEVIATIONS * error + _LITTLE)


def shared(first: frozenset[int], second: frozenset[int]) -> float:
    """Return the share of the longer list that both have; 1 of two empty ones."""
    longest = max(len(first), len(second))
    return len(first & second) / longest if longest else 1.0


def _error(values: Sequence[float]) -> float:
    return float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0


def _first(order: NDArray[np.int64], had: frozenset[int], places: int) -> frozenset[int]:
    found: list[int] = []
    for row in order:
        if len(found) == places:
            break
        if int(row) not in had:
            found.append(int(row))
    return frozenset(found)


def _in_best_tenth(scores: NDArray[np.float64], answer: int, had: frozenset[int]) -> bool:
    others = np.delete(scores, sorted(had))
    rank = int((others >= scores[answer]).sum())
    return answer not in had and rank <= max(1, len(others) // 10)
