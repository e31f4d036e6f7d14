"""A target that a test watches: fixed scores by history, few enough that many are equal."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from recexplainer.plugins.interfaces import FitReport, Target
from recexplainer.records import Catalogue, Item

ITEMS = 40


class Watched(Target):
    """Scores drawn from the history; ``batches`` holds the histories of each call."""

    def __init__(self, levels: int) -> None:
        self.levels = levels
        self.batches = []

    def fit(self, training, progress):
        return FitReport()

    def scores(self, histories):
        self.batches.append([tuple(history) for history in histories])
        return np.array([self.row(history) for history in histories], dtype=np.float32)

    def row(self, history):
        rng = np.random.default_rng(zlib.crc32(" ".join(history).encode()))
        return rng.integers(0, self.levels, ITEMS).astype(np.float32)

    def save(self, folder):
        raise NotImplementedError

    def load(self, folder):
        raise NotImplementedError


@pytest.fixture
def catalogue():
    return Catalogue([Item(f"i{number}", f"Item {number}") for number in range(ITEMS)])


@pytest.fixture
def target():
    return Watched(levels=7)


@pytest.fixture
def histories():
    rng = np.random.default_rng(1)
    return [
        tuple(f"i{row}" for row in rng.choice(ITEMS, rng.integers(0, 7), replace=False))
        for _ in range(60)
    ]
