"""Leave-one-out scores of the target: each history item removed in turn, in bounded batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recexplainer.oracle import Oracle
from recexplainer.plugins.interfaces import Asked, FloatArray

__all__ = ["scores_without"]


def scores_without(asked: Asked, wanted: Sequence[bool]) -> Iterator[dict[str, FloatArray]]:
    """Yield the scores after each history with one of its items removed, context by context.

    Args:
        asked: B contexts.
        wanted: ``(B,)``, the contexts that the target is asked about.

    Yields:
        For each of the B contexts, in order, item id of its history to the target's scores of all
        items, ``(I,)``, once that item is removed wherever it occurs; nothing where it is not
        wanted.

    Raises:
        StageError: the target gave scores of the wrong shape, or some that are not numbers.
    """
    removable = [
        tuple(dict.fromkeys(context.history)) if wanted[position] else ()
        for position, context in enumerate(asked.contexts)
    ]
    histories = [
        [item for item in context.history if item != removed]
        for context, items in zip(asked.contexts, removable, strict=True)
        for removed in items
    ]
    rows = Oracle(asked.target, asked.catalogue).rows_of_scores(histories)
    for context, scores, items in zip(asked.contexts, asked.scores, removable, strict=True):
        without = {removed: next(rows) for removed in items}
        if without and asked.heard is not None:
            asked.heard(context, scores, without)
        yield without
