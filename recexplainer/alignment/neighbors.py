"""The items that lie nearest to each item among f's item vectors."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recexplainer.plugins.interfaces import FloatArray

__all__ = ["Similarity", "nearest_items"]

Similarity = Literal["cosine", "dot"]

_ROWS_AT_ONCE = 1024
"""Bounds memory: similarities of this many items to all others are held at a time."""


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
    for start in range(0, len(vectors), _ROWS_AT_ONCE):
        rows = np.arange(start, min(start + _ROWS_AT_ONCE, len(vectors)))
        similarities = vectors[rows] @ vectors.T
        similarities[np.arange(len(rows)), rows] = -np.inf
        nearest[rows] = np.argsort(-similarities, axis=1, kind="stable")[:, :count]
    return nearest
