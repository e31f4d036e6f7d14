"""Data sets, each right but for one rule."""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path

import numpy as np
from mutants.table import Mutant

from recexplainer.plugins.interfaces import Dataset
from recexplainer.records import Catalogue, InteractionLog, Item
from recexplainer.testing import toy_log


class Toy(Dataset):
    def load(self, progress):
        return toy_log()


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


class DependsOnTheFolder(Dataset):
    def load(self, progress):
        return dataclasses.replace(toy_log(), notes=(f"1 log read in {Path.cwd()}",))


class Crashes(Dataset):
    def load(self, progress):
        raise FileNotFoundError(2, "no such file", "ratings.csv")


_LOG = "loading returns a log"
_THERE = "there is something to learn from"
_ITEMS = "items have unique ids and readable titles"
_WORDS = "attributes are tuples of words"
_HISTORIES = "histories name items of the catalogue"
_AGAIN = "loading again gives the same log"
_dataset = partial(Mutant, "dataset")

MUTANTS = (
    _dataset(_LOG, NoLog, "return an InteractionLog"),
    _dataset(_LOG, Crashes, "ratings.csv"),
    _dataset(_THERE, altered(name=" "), "no name"),
    _dataset(_THERE, altered(catalogue=Catalogue([]), histories={}), "catalogue is empty"),
    _dataset(_THERE, altered(histories={}), "no users"),
    _dataset(_THERE, with_history("idle", ()), "without interactions: ['idle']"),
    _dataset(_HISTORIES, with_history("lost", ("red-1", "atlantis")), "['atlantis']"),
    _dataset(_HISTORIES, with_history("listed", ["red-1"]), "histories are tuples"),
    _dataset(_HISTORIES, with_history(7, ("red-1",)), "user ids are strings"),
    _dataset(_ITEMS, with_item(Item("", "Nothing")), "item ids that are empty"),
    _dataset(_ITEMS, with_item(Item("red-1", "Twice")), "occur twice: ['red-1']"),
    _dataset(_ITEMS, with_item(Item("new", "  ")), "['new']"),
    _dataset(_ITEMS, with_item(Item("new", " padded")), "strip titles"),
    _dataset(_WORDS, with_item(Item("new", "New", {"color": ()})), "leave the attribute out"),
    _dataset(_WORDS, with_item(Item("new", "New", {"color": "red"})), "tuple of non-empty"),
    _dataset(_WORDS, with_item(Item("new", "New", {"color": ("red", "")})), "tuple of non-empty"),
    _dataset("notes are sentences with counts", altered(notes=("rows were dropped",)), "a count"),
    _dataset(_AGAIN, Shuffled, "sort stably"),
    _dataset(_AGAIN, DependsOnTheFolder, "two logs that differ"),
    _dataset("loading leaves no traces", Litters, "files in the working directory"),
)
