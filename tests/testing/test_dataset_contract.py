"""The data set contract accepts the toy log, and names what is wrong with others."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from recexplainer.plugins.interfaces import Dataset
from recexplainer.records import Catalogue, InteractionLog, Item
from recexplainer.testing import DatasetContract, check_part, toy_log


class Toy(Dataset):
    def load(self, progress):
        return toy_log()


class TestToyDataset(DatasetContract):
    @pytest.fixture
    def make_dataset(self):
        return Toy


def altered(**changes):
    """Return a data set class whose log differs from the toy log in ``changes``."""

    class Altered(Dataset):
        def load(self, progress):
            return dataclasses.replace(toy_log(), **changes)

    return Altered


def with_item(item):
    return altered(catalogue=Catalogue([*toy_log().catalogue, item]))


def with_history(user, history):
    return altered(histories={**toy_log().histories, user: history})


class Shuffled(Dataset):
    def load(self, progress):
        log = toy_log()
        users = list(log.histories)
        np.random.default_rng().shuffle(users)
        return dataclasses.replace(log, histories={user: log.histories[user] for user in users})


class NoLog(Dataset):
    def load(self, progress):
        return toy_log().histories


class Litters(Dataset):
    def load(self, progress) -> InteractionLog:
        Path("cache.csv").write_text("rows")
        return toy_log()


@pytest.mark.parametrize(
    ("mutant", "says"),
    [
        (altered(name=" "), "no name"),
        (altered(catalogue=Catalogue([]), histories={}), "catalogue is empty"),
        (altered(histories={}), "no users"),
        (with_history("idle", ()), "without interactions: ['idle']"),
        (with_history("lost", ("red-1", "atlantis")), "['atlantis']"),
        (with_history("listed", ["red-1"]), "histories are tuples"),
        (with_history(7, ("red-1",)), "user ids are strings"),
        (with_item(Item("", "Nothing")), "item ids that are empty"),
        (with_item(Item("red-1", "Twice")), "occur twice: ['red-1']"),
        (with_item(Item("new", "  ")), "['new']"),
        (with_item(Item("new", " padded")), "strip titles"),
        (with_item(Item("new", "New", {"color": ()})), "leave the attribute out"),
        (with_item(Item("new", "New", {"color": "red"})), "tuple of non-empty strings"),
        (with_item(Item("new", "New", {"color": ("red", "")})), "tuple of non-empty strings"),
        (altered(notes=("some rows were dropped",)), "with a count"),
        (Shuffled, "sort stably"),
        (NoLog, "return an InteractionLog"),
        (Litters, "files in the working directory"),
    ],
)
def test_wrong_data_sets_are_caught(mutant, says):
    messages = [one.message for one in check_part("dataset", mutant).broken]
    assert any(says in message for message in messages), messages
