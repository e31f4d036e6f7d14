"""f's scores once an item is taken out of a history: exact leave-one-out, in bounded batches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recexplainer.plugins.interfaces import Asked

__all__ = ["scores_without"]

_SCORES_AT_ONCE = 2**24
"""Bounds memory: so many scores of f (64 MB) are held at a time."""


def scores_without(
    asked: Asked, questions: Sequence[Sequence[int]]
) -> list[dict[str, NDArray[np.float32]]]:
    """Return what f scores some items after each history with one of its items removed.

    Args:
        asked: the contexts.
        questions: for each context, the rows of the items whose scores are wanted.

    Returns:
        For each context, item id of its history to the scores of the wanted items, once that item
        is removed wherever it occurs; empty for contexts without questions.
    """
    removals = [
        (position, removed)
        for position, context in enumerate(asked.contexts)
        if questions[position]
        for removed in dict.fromkeys(context.history)
    ]
    found: list[dict[str, NDArray[np.float32]]] = [{} for _ in asked.contexts]
    step = max(1, _SCORES_AT_ONCE // max(1, len(asked.catalogue)))
    for start in range(0, len(removals), step):
        batch = removals[start : start + step]
        histories = [
            [item for item in asked.contexts[position].history if item != removed]
            for position, removed in batch
        ]
        for (position, removed), scores in zip(batch, asked.target.scores(histories), strict=True):
            found[position][removed] = scores[list(questions[position])]
    return found
