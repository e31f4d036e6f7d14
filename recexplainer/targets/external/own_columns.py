"""Own columns: which column of scores each id raises most, and whether that is its own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recexplainer.plugins.interfaces import FloatArray

__all__ = ["OwnColumns"]

_FEWEST, _MOST_APART = 8, 2
_SHARE, _NEARLY_NONE, _ROUNDING = 0.6, 0.1, 0.05
"""Of the ids between the ends: as many raise the column at one distance from their own number.
By chance that is one in as many as there are columns."""


class OwnColumns:
    """What a model answers to single ids.

    Args:
        ids: ``(N,)``, ascending; the ends of the list of items, and padding, among them.
        answers: ``(N, C)``, all columns of scores.

    Attributes:
        count: C.
        distance: from an id to the column that it raises most, where that is one number for most;
            None for a model whose items raise others, of which nothing can be told.
    """

    def __init__(self, ids: NDArray[np.int64], answers: FloatArray) -> None:
        self.count = int(answers.shape[1])
        self._place = {int(id_): row for row, id_ in enumerate(ids)}
        values = np.where(np.isfinite(answers), answers, 0).astype(np.float64)
        least = 1e-6 * (np.abs(values).max() + 1e-12)
        self._constant = np.ptp(values, axis=0) <= least
        self._flat = np.ptp(values, axis=1) <= least
        self._likeness = _likeness(values)
        self._likeness[:, self._constant] = -np.inf
        self.distance = self._found(ids)
        self._own = np.inf if self.distance is None else self._least(ids)

    def _found(self, ids: NDArray[np.int64]) -> int | None:
        inner = slice(2, -2)
        apart = self._likeness[inner].argmax(axis=1) - ids[inner]
        if len(apart) < _FEWEST or bool(self._constant.all()):
            return None
        shares = {
            distance: float((apart == distance).mean())
            for distance in range(-_MOST_APART, _MOST_APART + 1)
        }
        best = max(shares, key=lambda distance: shares[distance])
        return best if shares[best] >= _SHARE else None

    def _least(self, ids: NDArray[np.int64]) -> float:
        """Return what nearly all items raise their own column by at least."""
        inner = ids[2:-2] + (self.distance or 0)
        rows = np.flatnonzero((inner >= 0) & (inner < self.count))
        return float(np.quantile(self._likeness[rows + 2, inner[rows]], _NEARLY_NONE)) - _ROUNDING

    def raises(self, id_: int, column: int) -> bool:
        """Whether an id raises a column as items raise their own."""
        row = self._place[id_]
        inside = 0 <= column < self.count
        return bool(inside and not self._flat[row] and self._likeness[row, column] >= self._own)

    def acts(self, id_: int) -> bool:
        """Whether an id raises the column at the same distance as items do."""
        return self.distance is not None and self.raises(id_, id_ + self.distance)

    def silent(self, id_: int) -> bool:
        """Whether an id tells no column from another, or has one of its own that no id moves."""
        column = id_ + (self.distance or 0)
        inside = 0 <= column < self.count
        return bool(self._flat[self._place[id_]] or (inside and self._constant[column]))

    def has(self, id_: int) -> bool:
        """Whether there is a column at the same distance from an id as from items."""
        return 0 <= id_ + (self.distance or 0) < self.count

    def constant(self, column: int) -> bool:
        """Whether no id moves a column."""
        return bool(self._constant[column])


def _likeness(answers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the cosines of ids and columns, ``(N, C)``, in the space where all axes weigh alike.

    Where scores are dot products, an id and its own column have the cosine 1. What an id adds to
    all columns, such as the normalizer of a softmax, and what a column has from all ids, such as
    popularity, is taken off first.
    """
    apart = answers - answers.mean(axis=0) - answers.mean(axis=1, keepdims=True) + answers.mean()
    left, weights, right = np.linalg.svd(apart, full_matrices=False)
    kept = weights > 1e-6 * (weights[0] + 1e-300)
    rows, columns = left[:, kept], right[kept].T
    lengths = np.linalg.norm(rows, axis=1)[:, None] * np.linalg.norm(columns, axis=1)
    likeness: NDArray[np.float64] = rows @ columns.T / np.maximum(lengths, 1e-12)
    return likeness
