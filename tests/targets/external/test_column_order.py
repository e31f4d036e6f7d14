"""Whatever the model is, its scores and vectors must stand beside their items."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from recexplainer.errors import UserError
from recexplainer.plugins.interfaces import TargetKit
from recexplainer.records import Catalogue, Item, SilentProgress, TrainingHistories
from recexplainer.targets.external.external_target import LatentOutsideTarget, OutsideTarget

IDS = [f"m{row:02}" for row in range(30)]
OWN = [*IDS[10:], "x", *IDS[:10]]
KIT = TargetKit(Catalogue([Item(one, one) for one in IDS]), max_history=4)


def walks(step=7):
    """Return users who go on by ``step`` in the model's own list, ``x`` left out."""
    rows = [row for row, item in enumerate(OWN) if item != "x"]
    place = range(len(rows))
    return TrainingHistories(
        {
            f"u{one}": tuple(OWN[rows[(one + step * far) % len(rows)]] for far in range(5))
            for one in place
        },
        {},
    )


class Succession:
    """Scores the item that follows the last one in ``walks``, ``shift`` columns beside."""

    def __init__(self, shift=0, step=7):
        self.shift, self.step = shift, step

    def scores(self, histories):
        followers = {}
        for walk in walks(self.step).histories.values():
            followers.update(dict(pairwise(walk)))
        scores = np.zeros((len(histories), len(OWN)))
        for row, history in enumerate(histories):
            if history:
                scores[row, OWN.index(followers[history[-1]])] = 1
        return np.roll(scores, self.shift, axis=1)


@pytest.mark.parametrize(("shift", "where"), [(1, "after"), (-1, "before")])
def test_columns_beside_their_items_are_refused(shift, where):
    target = OutsideTarget(Succession(shift), KIT, "my:model", item_ids=OWN)
    with pytest.raises(UserError, match=f"my:model: the scores stand in the column {where} their"):
        target.fit(walks(), SilentProgress())


@pytest.mark.parametrize("step", [7, 1])
def test_a_sound_model_passes(step):
    target = OutsideTarget(Succession(step=step), KIT, "my:model", item_ids=OWN)
    target.fit(walks(step), SilentProgress())
    target.fit(TrainingHistories({}, {}), SilentProgress())


def test_a_model_that_reads_from_the_end_is_refused():
    class Backwards(Succession):
        def scores(self, histories):
            return super().scores([history[:1] for history in histories])

    target = OutsideTarget(Backwards(), KIT, "my:model", item_ids=OWN)
    with pytest.raises(UserError, match="read backwards, 100% of users' histories foretell"):
        target.fit(walks(), SilentProgress())


class Products:
    """Dot products with a table, whose rows are given out ``shift`` rows beside."""

    item_ids = OWN

    def __init__(self, shift=0, bias=0.0):
        self.table = np.random.default_rng(0).normal(size=(len(OWN), 5))
        self.shift, self.bias = shift, bias

    def user_vectors(self, histories):
        rows = [[OWN.index(item) for item in history] for history in histories]
        return np.array([self.table[one].sum(axis=0) for one in rows])

    def item_vectors(self):
        return np.roll(self.table, self.shift, axis=0)

    def scores(self, histories):
        bias = self.bias * np.arange(len(OWN))
        return self.user_vectors(histories) @ self.table.T + bias


@pytest.mark.parametrize(("shift", "where"), [(1, "after"), (-1, "before")])
def test_vectors_beside_their_items_are_refused(shift, where):
    target = LatentOutsideTarget(Products(shift), KIT, "my:model", item_ids=OWN)
    with pytest.raises(UserError, match=f"the scores of the items one row {where} them"):
        target.fit(TrainingHistories({}, {}), SilentProgress())


@pytest.mark.parametrize("bias", [0.0, 1.0])
def test_scores_may_be_more_than_the_products(bias):
    target = LatentOutsideTarget(Products(bias=bias), KIT, "my:model", item_ids=OWN)
    target.fit(TrainingHistories({}, {}), SilentProgress())
