"""Items that may be added to a history, the most promising first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

import numpy as np
from numpy.typing import NDArray

from recexplainer.plugins.interfaces import FloatArray
from recexplainer.records import Case, Catalogue

__all__ = ["Neighbours"]

_NEAR = 3
"""Steps before an item in somebody's history that count as having led to it."""


@dataclass(frozen=True)
class Neighbours:
    """What is known of the items without asking the target anything.

    Attributes:
        catalogue: the items.
        popularity: ``(I,)``, interactions per item.
        histories: user id to items, oldest first, from which the target learned.
        vectors: ``(I, d)``, the target's vectors of the items, if it has any.
    """

    catalogue: Catalogue
    popularity: NDArray[np.int64]
    histories: Mapping[str, Sequence[str]]
    vectors: FloatArray | None = None

    def additions(self, case: Case, *, nearest: bool) -> tuple[str, ...]:
        """Return all items that the user has not had, the case's own left out, in an order to try.

        By turns the next in the order of the target's vectors, of what came shortly before the item
        in the histories of others, and of popularity.

        Args:
            case: the question.
            nearest: whether items that resemble the case's come first; else those that do not.
        """
        barred = {case.item, *case.history, *case.earlier}
        orders = [np.argsort(-self.popularity, kind="stable")]
        row = self.catalogue.row(case.item)
        if nearest:
            led = self._led_to(case.item)
            orders.insert(0, np.argsort(-led, kind="stable")[: np.count_nonzero(led)])
        if self.vectors is not None:
            alike = _alike(self.vectors, row)
            orders.insert(0, np.argsort(-alike if nearest else alike, kind="stable"))
        ids = self.catalogue.ids
        taken = dict.fromkeys(ids[row] for row in _by_turns(orders))
        return tuple(item for item in taken if item not in barred)

    def _led_to(self, item: str) -> FloatArray:
        """Return how often each item came shortly before ``item``, rare ones weighing more."""
        counts: Counter[str] = Counter()
        for history in self.histories.values():
            if item in history:
                place = history.index(item)
                counts.update(history[max(0, place - _NEAR) : place])
        found = np.array([counts[one] for one in self.catalogue.ids])
        return np.asarray(found / np.sqrt(np.maximum(self.popularity, 1)), dtype=np.float32)


def _alike(vectors: FloatArray, row: int) -> FloatArray:
    lengths = np.maximum(np.linalg.norm(vectors, axis=1), 1e-30)
    return np.asarray((vectors @ vectors[row]) / (lengths * lengths[row]), dtype=np.float32)


def _by_turns(orders: Iterable[NDArray[np.int64]]) -> Iterator[int]:
    """Yield the first of each order, then the second of each, and so on."""
    turns = chain.from_iterable(zip_longest(*orders))
    return (int(row) for row in turns if row is not None)
