"""Least-squares vector of a history, where a model left item vectors and nothing else.

The item vectors stay as they are; the user's is the one that scores the history's items nearest to
1 (the half-step of alternating least squares: Hu, Koren and Volinsky, ICDM 2008).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recexplainer.plugins.interfaces import FloatArray

__all__ = ["fold_in"]

_BATCH = 1024


def fold_in(
    item_vectors: FloatArray, histories: Sequence[Sequence[int]], ridge: float
) -> FloatArray:
    """Return the vectors u that minimize ``sum_i (u @ item_i - 1)^2 + ridge * |u|^2``.

    Args:
        item_vectors: ``(I, d_rec)``.
        histories: rows of items, one list per history; an item that occurs twice counts twice.
        ridge: above 0; keeps a history of fewer items than ``d_rec`` solvable, and u short.

    Returns:
        ``(B, d_rec)``; an empty history gets zeros.
    """
    width = item_vectors.shape[1]
    vectors = np.zeros((len(histories), width), dtype=np.float32)
    for start in range(0, len(histories), _BATCH):
        part = histories[start : start + _BATCH]
        grams = np.empty((len(part), width, width))
        sums = np.empty((len(part), width))
        for place, rows in enumerate(part):
            read = item_vectors[list(rows)].astype(np.float64)
            grams[place] = read.T @ read
            sums[place] = read.sum(axis=0)
        grams += ridge * np.eye(width)
        vectors[start : start + len(part)] = np.linalg.solve(grams, sums[:, :, None])[:, :, 0]
    return vectors
