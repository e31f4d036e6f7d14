"""Targets whose smallest edits are known, and a counter of what they are asked."""

from __future__ import annotations

import zlib
from itertools import pairwise

import numpy as np
import pytest

from recexplainer.explanation.edits.additions import Neighbours
from recexplainer.explanation.edits.changes import KINDS
from recexplainer.explanation.edits.question import Wish, what_if
from recexplainer.oracle import Oracle, aim_of
from recexplainer.plugins.interfaces import FitReport, Target
from recexplainer.records import Catalogue, Context, Item

GENRES = ("comedy", "drama", "crime")


class Counted(Target):
    """Scores by a function of the history; ``asked`` holds every history that was read."""

    def __init__(self, row):
        self.row, self.asked = row, []

    def fit(self, training, progress):
        return FitReport()

    def scores(self, histories):
        self.asked += [tuple(history) for history in histories]
        return np.array([self.row(tuple(history)) for history in histories], dtype=np.float32)

    def save(self, folder):
        raise NotImplementedError

    def load(self, folder):
        raise NotImplementedError


def shelf(items, genres=GENRES):
    """A catalogue i0, i1, ... whose genres take turns."""
    return Catalogue(
        [
            Item(f"i{row}", f"Title {row:02d}", {"genre": (genres[row % len(genres)],)})
            for row in range(items)
        ]
    )


def rugged(catalogue, seed, order=0.5):
    """Scores that depend on every item, on their places, and on who stands beside whom."""
    rng = np.random.default_rng(seed)
    alone = rng.normal(size=(len(catalogue), len(catalogue)))
    base = rng.normal(size=len(catalogue))

    def row(history):
        scores = base + alone[catalogue.rows(history)].sum(axis=0) if history else base.copy()
        for pair in pairwise(history):
            drawn = np.random.default_rng([seed, zlib.crc32(" ".join(pair).encode())])
            scores = scores + order * drawn.normal(size=len(catalogue))
        return scores

    return row


class World:
    """A target, a catalogue, and the question of one user."""

    def __init__(self, catalogue, row):
        self.catalogue, self.target = catalogue, Counted(row)

    def ask(self, history, item, aim="top 1", kinds=KINDS, by="item", budget=10_000, longest=5):
        neighbours = Neighbours(self.catalogue, np.arange(len(self.catalogue)), {})
        wish = Wish(aim_of(aim), tuple(kinds), by, budget, longest)
        context = Context("u", len(history), tuple(history), "held_out_users")
        oracle = Oracle(self.target, self.catalogue)
        return what_if(oracle, context, item, wish, neighbours=neighbours)


@pytest.fixture
def world():
    return World


@pytest.fixture(name="shelf")
def shelf_maker():
    return shelf


@pytest.fixture(name="rugged")
def rugged_maker():
    return rugged
