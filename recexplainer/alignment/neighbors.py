"""Nearest items by the target's item vectors."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recexplainer.plugins.interfaces import FloatArray

__all__ = ["Similarity", "nearest_items"]

Similarity = Literal["cosine", "dot"]

_SIMILARITIES_AT_ONCE = 2**24
"""Bounds memory: so many similarities of pairs of items (64 MB) are held at a time."""


def nearest_items(vectors: FloatArray, count: int, similarity: Similarity) -> NDArray[np.int64]:
    """Return the rows of the ``count`` items most similar to each item, nearest first.

    Args:
        vectors: ``(I, d_rec)``, with I above ``count``.
        count: K, how many neighbors.
        similarity: the cosine of two vectors, or their dot product.

    Returns:
        ``(I, K)``; an item is not its own neighbor, equal similarities go by row.
    """
    if similarity == "cosine":
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        vectors = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    nearest = np.empty((len(vectors), count), dtype=np.int64)
    step = max(1, _SIMILARITIES_AT_ONCE // max(1, len(vectors)))
    for start in range(0, len(vectors), step):
        rows = np.arange(start, min(start + step, len(vectors)))
        similarities = vectors[rows] @ vectors.T
        similarities[np.arange(len(rows)), rows] = -np.inf
        nearest[rows] = _largest(similarities, count)
    return nearest


def _largest(values: FloatArray, count: int) -> NDArray[np.int64]:
    """Return the columns of each row's ``count`` largest values, ``(B, K)``, ties by column.

    Only what reaches the count-th largest is sorted; sorting 100,000 values takes far longer.
    """
    least = np.partition(values, -count, axis=1)[:, -count]
    found = np.empty((len(values), count), dtype=np.int64)
    for number, (row, reached) in enumerate(zip(values, least, strict=True)):
        columns = np.flatnonzero(row >= reached)
        found[number] = columns[np.argsort(-row[columns], kind="stable")][:count]
    return found
