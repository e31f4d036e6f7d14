"""Random generators that depend on a seed and a name only."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

__all__ = ["case_rng", "tie_order"]


def case_rng(seed: int, name: str) -> np.random.Generator:
    """Return a generator that depends on ``seed`` and ``name`` only."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def tie_order(items: int, seed: int) -> NDArray[np.int64]:
    """Return the item rows in the random order in which equal scores are put, ``(I,)``."""
    return case_rng(seed, "equal scores").permutation(items)
