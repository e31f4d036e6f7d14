"""Popularity counts, and is the same for everybody."""

from __future__ import annotations

import pytest

from recexplainer.errors import RunFolderError
from recexplainer.plugins.interfaces import TargetKit
from recexplainer.records import Catalogue, Item, SilentProgress, TrainingHistories
from recexplainer.targets.popularity import Popularity
from recexplainer.testing import TargetContract


class TestPopularityContract(TargetContract):
    unknown_items = "ignored"

    @pytest.fixture
    def make_target(self):
        return Popularity


ITEMS = Catalogue([Item(name, name.upper()) for name in "abcd"])
TRAINING = TrainingHistories(
    histories={"u": ("a", "b", "a"), "v": ("b", "a"), "w": ()}, validation={"u": "d", "v": "c"}
)


def fitted():
    target = Popularity(TargetKit(ITEMS, max_history=2))
    target.fit(TRAINING, SilentProgress())
    return target


def test_items_are_counted_in_training_histories_only():
    assert fitted().scores([["d"], []]).tolist() == [[3, 2, 0, 0], [3, 2, 0, 0]]


def test_counts_for_other_items_are_refused(tmp_path):
    fitted().save(tmp_path)
    other = Popularity(TargetKit(Catalogue(ITEMS[:3]), max_history=2))
    with pytest.raises(RunFolderError, match="other items"):
        other.load(tmp_path)


def test_counts_follow_the_order_of_the_catalogue(tmp_path):
    fitted().save(tmp_path)
    reversed_items = Popularity(TargetKit(Catalogue(ITEMS[::-1]), max_history=2))
    reversed_items.load(tmp_path)
    assert reversed_items.scores([[]]).tolist() == [[0, 0, 2, 3]]
