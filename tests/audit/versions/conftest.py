"""Pairs of versions whose differences are known by construction."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recexplainer.audit.versions.version_pair import Version, VersionPair
from recexplainer.data.split import split
from recexplainer.oracle import Oracle
from recexplainer.records import Catalogue, InteractionLog
from recexplainer.testing.planted_target import PlantedTarget

MAX_HISTORY = 15


def version_of(world, target, name, max_history=MAX_HISTORY):
    return Version(
        name, f"runs/{name}", "planted", Oracle(target, world.catalogue), world.log, world.split,
        max_history,
    )  # fmt: skip


@pytest.fixture(scope="session")
def make_pair(world):
    """Return the sound target beside one that is spoiled, on the same data."""

    def make(users=60, **changes):
        first = version_of(world, world.target, "sound")
        second = version_of(world, PlantedTarget(world, **changes), "spoiled")
        return VersionPair(first, second, users)

    return make


@pytest.fixture(scope="session")
def moved(world):
    """The same world under other data: items renamed, some gone and new, users gone and changed.

    Titles stay, the ids are others, the catalogue is in reverse order; two items are gone and one
    is new, ten users are gone and five are new, and twenty took one more item.
    """
    gone = {"red-3", "blue-4"}
    kept = [item for item in world.catalogue if item.id not in gone][::-1]
    items = [replace(item, id=f"x-{item.id}") for item in kept]
    items.insert(7, replace(items[0], id="x-new", title="Something New"))
    histories, extra = {}, 0
    for place, (user, history) in enumerate(world.log.histories.items()):
        if place < 10:
            continue
        own = tuple(f"x-{item}" for item in history if item not in gone)
        if len(own) == len(history) and extra < 20:
            own, extra = (*own, "x-new"), extra + 1
        histories[user] = own
    for place in range(5):
        histories[f"new-{place}"] = tuple(item.id for item in items[:6])
    log = InteractionLog("moved", Catalogue(items), histories)
    target = type(world.target)(_kit(log))
    own_split = split(log, max_history=MAX_HISTORY, held_out_users=0.1, seed=1)
    from recexplainer.records import SilentProgress

    target.fit(own_split.training, SilentProgress())
    return Version("moved", "runs/moved", "planted", Oracle(target, log.catalogue), log, own_split,
                   MAX_HISTORY)  # fmt: skip


@pytest.fixture(scope="session")
def moved_pair(world, moved):
    return VersionPair(version_of(world, world.target, "sound"), moved, 80)


def _kit(log):
    from recexplainer.plugins.interfaces import TargetKit

    return TargetKit(log.catalogue, MAX_HISTORY)
