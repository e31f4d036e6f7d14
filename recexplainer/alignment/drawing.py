"""Seeded draws that do not depend on which contexts happen to be asked together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar
from zlib import crc32

import numpy as np

from recexplainer.records import Context

__all__ = ["choose", "generator", "generators"]

Choice = TypeVar("Choice")


def generator(seed: int, *names: str | int) -> np.random.Generator:
    """Return the generator of the stream called ``names`` under ``seed``."""
    return np.random.default_rng([seed, crc32("/".join(map(str, names)).encode())])


def generators(
    contexts: Sequence[Context], rng: np.random.Generator
) -> Iterator[np.random.Generator]:
    """Yield one generator per context, from one draw of ``rng`` and the context's id.

    A corpus is built in chunks that each start with the same ``rng``. A task that draws from these
    generators makes the same examples of a context whatever chunk it falls into.
    """
    base = int(rng.integers(2**32))
    for context in contexts:
        yield np.random.default_rng([base, crc32(context.id.encode())])


def choose(choices: Sequence[Choice], rng: np.random.Generator) -> Choice:
    """Return one of ``choices``, all equally likely."""
    return choices[int(rng.integers(len(choices)))]
