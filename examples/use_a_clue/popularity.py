"""Clue "the most popular items hold most places": take a part of popularity off the scores."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from examples.use_a_clue.patched import Histories, Patched, print_validation


class LessPopular(Patched):
    """A recommender with less of the logarithm of how many users took an item."""

    def __init__(self, item_ids: Sequence[str], runs: Sequence[str], weight: float) -> None:
        super().__init__(item_ids, runs, weight)
        self.fame = np.log1p(self.marked(self.learned).sum(axis=0))

    def added(self, histories: Histories) -> NDArray[np.float64]:
        """Return the same for everybody, ``(B, I)``: less where more users took the item."""
        return np.tile(-self.fame, (len(histories), 1))


if __name__ == "__main__":
    print_validation(LessPopular, sys.argv[1:], window=20)
