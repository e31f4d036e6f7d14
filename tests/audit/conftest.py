"""Subjects whose right answers are known by construction."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.plugins.interfaces import TargetKit
from recexplainer.records import SilentProgress
from recexplainer.targets.popularity import Popularity
from recexplainer.targets.stand_in import StandIn
from recexplainer.testing.defect_benchmark import recency_world, subject_of
from recexplainer.testing.planted_target import PlantedTarget

SEED = 7


class ItemNeighbors(PlantedTarget):
    """ItemKNN by hand: each item adds how many users of the training data took both."""

    def __init__(self, world):
        counts = np.zeros((len(world.split.training.histories), len(world.catalogue)))
        for row, history in enumerate(world.split.training.histories.values()):
            counts[row, world.catalogue.rows(history)] = 1
        self._both, self._catalogue = counts.T @ counts, world.catalogue
        np.fill_diagonal(self._both, 0)

    def scores(self, histories):
        rows = [self._both[self._catalogue.rows(list(one))].sum(axis=0) for one in histories]
        return np.array(rows, dtype=np.float32)


@pytest.fixture(scope="session")
def world():
    return recency_world(SEED)


@pytest.fixture(scope="session")
def sound(world):
    return subject_of(world, world.target)


@pytest.fixture(scope="session")
def popular(world):
    target = Popularity(TargetKit(world.catalogue, world.max_history))
    target.fit(world.split.training, SilentProgress())
    return subject_of(world, target)


@pytest.fixture(scope="session")
def last_only(world):
    return subject_of(world, PlantedTarget(world, read=lambda history: history[-1:]))


@pytest.fixture(scope="session")
def neighbors(world):
    return subject_of(world, ItemNeighbors(world))


@pytest.fixture(scope="session")
def random(world):
    return subject_of(world, StandIn(TargetKit(world.catalogue, world.max_history, SEED)))
