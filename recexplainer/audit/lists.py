"""Top lists: the first items after each of many histories, and how far two lists agree."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recexplainer.oracle import Oracle
from recexplainer.plugins.interfaces import FloatArray

__all__ = ["Rows", "overlap", "top_lists", "top_rows"]

Rows = NDArray[np.int64]
"""Rows of items; -1 fills a list up where there are fewer candidates than places."""


def top_rows(scores: FloatArray, seen: Sequence[int] | Rows, ties: Rows, count: int) -> Rows:
    """Return the ``count`` first items that are not ``seen``, ``(count,)``, the best first.

    Args:
        scores: ``(I,)``.
        seen: rows that are no candidates.
        ties: all rows, in the order in which equal scores are put.
        count: how many places; those that nobody takes hold -1.
    """
    own = scores.astype(np.float64)
    own[np.asarray(seen, dtype=np.int64)] = -np.inf
    own = own[ties]
    places = min(count, int(np.isfinite(own).sum()))
    listed = np.full(count, -1, dtype=np.int64)
    if places:
        border = np.partition(own, len(own) - places)[len(own) - places]
        better, equal = np.flatnonzero(own > border), np.flatnonzero(own == border)
        first = np.concatenate([better, equal[: places - len(better)]])
        listed[:places] = ties[first[np.argsort(-own[first], kind="stable")]]
    return listed


def top_lists(
    oracle: Oracle,
    histories: Sequence[Sequence[str]],
    seen: Sequence[Sequence[int] | Rows],
    ties: Rows,
    count: int,
) -> Rows:
    """Return the first items after each history, ``(N, count)``; one row of scores is held."""
    found = np.full((len(histories), count), -1, dtype=np.int64)
    for place, scores in enumerate(oracle.rows_of_scores(histories)):
        found[place] = top_rows(scores, seen[place], ties, count)
    return found


def overlap(first: Rows, second: Rows) -> NDArray[np.float64]:
    """Return the share of each list that the other one has as well, ``(N,)``.

    Empty places do not count; two empty lists agree.
    """
    same = (first[:, :, None] == second[:, None, :]) & (first >= 0)[:, :, None]
    places = np.maximum((first >= 0).sum(axis=1), (second >= 0).sum(axis=1))
    shared = same.any(axis=2).sum(axis=1)
    return np.where(places > 0, shared / np.maximum(places, 1), 1.0)
