"""Ranking: where every item stands in the target's list at a moment, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recexplainer.oracle import Standing
from recexplainer.pipeline.after.moment import Moment, notes_of_history
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.plugins.interfaces import FloatArray
from recexplainer.records import Catalogue, Decision

__all__ = ["RankedItem", "Ranking", "rank", "ranked"]


@dataclass(frozen=True, slots=True)
class RankedItem:
    """An item of a list.

    Attributes:
        item, title: its id and title.
        rank: 1-based, among the candidates; items of equal score share the middle place.
        score: the target's, in its own unit.
        decision: ``Yes`` in the top 20 % of candidates, ``No`` in the bottom 50 %, else None.
    """

    item: str
    title: str
    rank: int
    score: float
    decision: Decision | None


@dataclass(frozen=True)
class Ranking:
    """All candidates after a history, best first.

    Attributes:
        user: the user's id; of a history that nobody had, a name that begins with ``history-``.
        history: ids of what the target read, oldest first.
        catalogue: the I items.
        scores: the target's, ``(I,)`` in the catalogue's order.
        order: rows of the C candidates, ``(C,)``; of equal scores the earlier row comes first.
        notes: sentences about what is unusual of the history.
    """

    user: str
    history: tuple[str, ...]
    catalogue: Catalogue
    scores: NDArray[np.float32]
    order: NDArray[np.int64]
    notes: tuple[str, ...] = ()

    @property
    def candidates(self) -> int:
        """How many items are ranked: all but those that were had, or are part of an edit."""
        return len(self.order)

    def page(self, start: int, count: int) -> tuple[RankedItem, ...]:
        """Return up to ``count`` items of the list from the 0-based place ``start`` on."""
        rows = self.order[start : start + count].tolist()
        return tuple(self._ranked(row) for row in rows)

    def place(self, item: str) -> RankedItem | None:
        """Return where ``item`` stands, or None where it is no candidate.

        Raises:
            KeyError: the catalogue has no such item.
        """
        row = self.catalogue.row(item)
        return self._ranked(row) if row in self._candidates else None

    @cached_property
    def _candidates(self) -> frozenset[int]:
        return frozenset(self.order.tolist())

    @cached_property
    def _falling(self) -> NDArray[np.float32]:
        return -self.scores[self.order]

    def _ranked(self, row: int) -> RankedItem:
        own = -self.scores[row]
        ahead = int(np.searchsorted(self._falling, own, side="left"))
        equal = int(np.searchsorted(self._falling, own, side="right")) - ahead
        standing = Standing(ahead, equal - 1, self.candidates)
        one = self.catalogue[row]
        score = float(self.scores[row])
        return RankedItem(one.id, one.title, standing.rank, score, standing.decision)


def rank(bench: Bench, moment: Moment) -> Ranking:
    """Return how the target ranks all items that are candidates at a moment.

    Args:
        bench: the run.
        moment: the history that is asked about.
    """
    scores = next(bench.oracle.rows_of_scores([moment.context.history]))
    return ranked(bench, moment, scores.copy())


def ranked(bench: Bench, moment: Moment, scores: FloatArray) -> Ranking:
    """Return the same, read from the target's scores of all items, ``(I,)``."""
    context, catalogue = moment.context, bench.catalogue
    candidate = np.ones(len(catalogue), dtype=bool)
    candidate[catalogue.rows(moment.seen)] = False
    rows = np.flatnonzero(candidate)
    order = rows[np.argsort(-scores[rows], kind="stable")]
    notes = tuple(notes_of_history(moment))
    return Ranking(context.user, context.history, catalogue, scores, order, notes)
