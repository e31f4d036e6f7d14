"""Seeded random generators, one per task and context, whatever is asked together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

import numpy as np

from recexplainer.oracle import case_rng, decided_rows
from recexplainer.plugins.interfaces import FloatArray
from recexplainer.records import Context, Decision

__all__ = ["choose", "draw_decided", "generator", "generators"]

Choice = TypeVar("Choice")


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """Return the generator of the stream called ``names`` under ``seed``."""
    return case_rng(seed, "/".join(map(str, names)))


def generators(
    contexts: Sequence[Context], rng: np.random.Generator
) -> Iterator[np.random.Generator]:
    """Yield one generator per context, from one draw of ``rng`` and the context's id.

    A corpus is built in chunks that each start with the same ``rng``. A task that draws from these
    generators makes the same examples of a context whatever chunk it falls into.
    """
    base = int(rng.integers(2**32))
    for context in contexts:
        yield case_rng(base, context.id)


def choose(choices: Sequence[Choice], rng: np.random.Generator) -> Choice:
    """Return one of ``choices``, all equally likely."""
    return choices[int(rng.integers(len(choices)))]


def draw_decided(scores: FloatArray, rng: np.random.Generator) -> tuple[tuple[Decision, int], ...]:
    """Return one item to which the target says Yes and one to which it says No, in random order.

    Args:
        scores: ``(I,)``, the target's scores, those of items that are no candidates ``-inf``.
        rng: where the draws come from.

    Returns:
        Pairs of decision and item row; none where the target does not tell items apart so far that
        it says both.
    """
    favourites, others = decided_rows(scores)
    if not len(favourites) or not len(others):
        return ()
    yes: tuple[Decision, int] = ("Yes", int(favourites[rng.integers(len(favourites))]))
    no: tuple[Decision, int] = ("No", int(others[rng.integers(len(others))]))
    return (yes, no) if rng.random() < 0.5 else (no, yes)
