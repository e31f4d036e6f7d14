"""Clue "order changes nothing": add what users took soon after the last items of a history."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from examples.use_a_clue.patched import Histories, Patched, print_validation

STEPS = 5
"""How many of the last items are read, and how many steps after each item are counted."""


class WithFollowers(Patched):
    """A recommender with the items that followed the last ones in what all users had."""

    def __init__(self, item_ids: Sequence[str], runs: Sequence[str], weight: float) -> None:
        super().__init__(item_ids, runs, weight)
        followed = np.zeros((len(item_ids), len(item_ids)))
        for rows in self.learned:
            for step in range(1, STEPS + 1):
                np.add.at(followed, (rows[:-step], rows[step:]), 1.0)
        self.chance = followed / (followed.sum(axis=1, keepdims=True) + 10.0)

    def added(self, histories: Histories) -> NDArray[np.float64]:
        """Return how often each item followed the last ones, ``(B, I)``."""
        return self.marked([self.rows(one[-STEPS:]) for one in histories]) @ self.chance


if __name__ == "__main__":
    print_validation(WithFollowers, sys.argv[1:], window=20)
