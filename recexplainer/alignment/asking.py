"""Putting contexts to f, a bounded chunk at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recexplainer.errors import StageError
from recexplainer.plugins.interfaces import Asked, Target
from recexplainer.records import Catalogue, Context

__all__ = ["Excluded", "ask_in_chunks", "narrowed"]

Excluded = Callable[[Context], Sequence[str]]
"""The ids of the items that f must not recommend in a context: all that came before it."""

_CONTEXTS_AT_ONCE = 512
_SCORES_AT_ONCE = 2**24
"""Bounds memory: so many scores of f (64 MB) are held at a time."""


def ask_in_chunks(
    rows: NDArray[np.int64],
    contexts: Sequence[Context],
    excluded: Excluded,
    target: Target,
    catalogue: Catalogue,
) -> Iterator[Asked]:
    """Yield f's answers on the contexts at ``rows``, in chunks, each context asked once.

    Args:
        rows: sorted rows of ``contexts``.
        contexts: N contexts.
        excluded: the items whose scores become ``-inf``.
        target: f.
        catalogue: I items.

    Raises:
        StageError: f gave scores of the wrong shape, or some that are not numbers.
    """
    size = max(1, min(_CONTEXTS_AT_ONCE, _SCORES_AT_ONCE // max(1, len(catalogue))))
    for start in range(0, len(rows), size):
        chunk = [int(row) for row in rows[start : start + size]]
        members = [contexts[row] for row in chunk]
        # A copy: the array may be the target's own.
        scores = np.array(target.scores([c.history for c in members]), dtype=np.float32)
        _check(scores, len(members), len(catalogue))
        for position, context in enumerate(members):
            scores[position, catalogue.rows(excluded(context))] = -np.inf
        yield Asked(members, chunk, scores, target, catalogue)


def narrowed(asked: Asked, wanted: NDArray[np.bool_]) -> Asked:
    """Return ``asked`` for those of its B contexts for which ``wanted``, ``(B,)``, is true."""
    kept: list[int] = np.flatnonzero(wanted).tolist()
    if len(kept) == len(asked.rows):
        return asked
    return replace(
        asked,
        contexts=[asked.contexts[position] for position in kept],
        rows=[asked.rows[position] for position in kept],
        scores=asked.scores[kept],
    )


def _check(scores: NDArray[np.float32], contexts: int, items: int) -> None:
    if scores.shape != (contexts, items):
        raise StageError(
            f"the target scored {contexts} histories of a catalogue of {items} items in the shape "
            f"{scores.shape}; ({contexts}, {items}) is needed"
        )
    if not np.isfinite(scores).all():
        raise StageError(
            "the target gave scores that are not finite numbers; mask nothing in `scores`, and "
            "check its training for divergence"
        )
