"""Interface of what gives the vectors that prompts hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["FloatArray", "VectorSource"]

FloatArray = NDArray[np.float32]


class VectorSource(Protocol):
    """What gives the vectors that prompts hold: a target that has some, or what stands in for it.

    Its methods are those of ``LatentTarget``.
    """

    def user_vectors(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the vector of each history, ``(B, d_rec)``."""

    def item_vectors(self) -> FloatArray:
        """Return the vector of each item, ``(I, d_rec)``, rows in catalogue order."""
