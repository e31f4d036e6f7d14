"""Answers of the target on training contexts, a bounded chunk at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from recexplainer.oracle import Oracle, tie_order
from recexplainer.plugins.interfaces import Asked, FloatArray
from recexplainer.records import Context

__all__ = ["Excluded", "Heard", "ask_in_chunks", "narrowed"]

Excluded = Callable[[Context], Sequence[str]]
"""The ids of the items that the target must not recommend in a context: all that came before it."""

Heard = Callable[[Context, FloatArray, Mapping[str, FloatArray]], None]
"""What is told of removals; see ``Asked``."""


def ask_in_chunks(
    rows: NDArray[np.int64],
    contexts: Sequence[Context],
    excluded: Excluded,
    oracle: Oracle,
    seed: int,
    heard: Heard | None = None,
) -> Iterator[Asked]:
    """Yield the target's answers on the contexts at ``rows``, in chunks, each context asked once.

    Args:
        rows: sorted rows of ``contexts``.
        contexts: N contexts.
        excluded: the items whose scores become ``-inf``.
        oracle: asks the target.
        seed: of the order in which equal scores are put.
        heard: see ``Asked``.

    Raises:
        StageError: the target gave scores of the wrong shape, or some that are not numbers.
    """
    ties = tie_order(len(oracle.catalogue), seed)
    start = 0
    for found in oracle.batches_of_scores([contexts[row].history for row in rows]):
        chunk = [int(row) for row in rows[start : start + len(found)]]
        start += len(found)
        members = [contexts[row] for row in chunk]
        # A copy: the array may be the target's own.
        scores = np.array(found, dtype=np.float32)
        for position, context in enumerate(members):
            scores[position, oracle.catalogue.rows(excluded(context))] = -np.inf
        yield Asked(members, chunk, scores, oracle.target, oracle.catalogue, ties, heard)


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
