"""f's scores once an item is taken out of a history: exact leave-one-out, in bounded batches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from recexplainer.plugins.interfaces import Asked, FloatArray

__all__ = ["scores_without"]

_SCORES_AT_ONCE = 2**24
"""Bounds memory: so many scores of f (64 MB) are held at a time, or those of one context."""


def scores_without(asked: Asked, wanted: Sequence[bool]) -> Iterator[dict[str, FloatArray]]:
    """Yield what f scores after each history with one of its items removed, context by context.

    Args:
        asked: B contexts.
        wanted: ``(B,)``, the contexts that f is asked about.

    Yields:
        For each of the B contexts, in order, item id of its history to f's scores of all items,
        ``(I,)``, once that item is removed wherever it occurs; nothing where it is not wanted.
    """
    removable = [
        tuple(dict.fromkeys(context.history)) if wanted[position] else ()
        for position, context in enumerate(asked.contexts)
    ]
    at_once = max(1, _SCORES_AT_ONCE // max(1, len(asked.catalogue)))
    start = 0
    while start < len(removable):
        stop, removals = start + 1, len(removable[start])
        while stop < len(removable) and removals + len(removable[stop]) <= at_once:
            removals += len(removable[stop])
            stop += 1
        yield from _asked(asked, start, removable[start:stop])
        start = stop


def _asked(
    asked: Asked, first: int, removable: Sequence[Sequence[str]]
) -> Iterator[dict[str, FloatArray]]:
    """Ask f about the contexts from ``first`` on at once, each without its removable items."""
    histories = [
        [item for item in context.history if item != removed]
        for context, items in zip(asked.contexts[first:], removable, strict=False)
        for removed in items
    ]
    answers: Iterable[FloatArray] = asked.target.scores(histories) if histories else ()
    scores = iter(answers)
    for items in removable:
        yield {removed: next(scores) for removed in items}
