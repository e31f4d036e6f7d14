"""Data that came, went and changed are counted as sets count them, and told apart."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.audit.versions.data_changes import data_changes
from recexplainer.audit.versions.quality_changes import quality_changes
from recexplainer.audit.versions.version_comparison import comparison_of
from recexplainer.audit.versions.version_pair import Version, VersionPair
from recexplainer.errors import UserError
from recexplainer.records import Catalogue, InteractionLog, Item


@pytest.fixture(scope="module")
def named(moved_pair):
    return {one.name: one for one in data_changes(moved_pair)}


def test_items_and_users_are_counted_by_what_they_are(world, moved, named):
    titles = (set(world.catalogue.titles), set(moved.catalogue.titles))
    users = (set(world.log.histories), set(moved.log.histories))
    for kind, (one, other) in (("items", titles), ("users", users)):
        assert named[f"{kind}-in-both"].change == len(one & other)
        assert named[f"{kind}-removed"].change == len(one - other)
        assert named[f"{kind}-added"].change == len(other - one)
    assert "by title" in named["items-in-both"].sentence
    assert "'Something New'" in named["items-added"].sentence


def test_changed_histories_are_those_whose_titles_differ(world, moved, named):
    def titles(version, user):
        return [version.catalogue.title(item) for item in version.log.histories[user]]

    both = set(world.log.histories) & set(moved.log.histories)
    changed = [user for user in both if titles(world, user) != titles(moved, user)]
    longer = [u for u in changed if titles(moved, u)[:-1] == titles(world, u)]
    found = named["histories-changed"]
    assert found.change == len(changed)
    assert f"{len(longer)} of them only took more" in found.sentence
    assert len(longer) == 20


def test_quality_rests_on_unchanged_histories_alone(world, moved, moved_pair):
    hit = next(one for one in quality_changes(moved_pair) if one.name == "hit@10")
    same = [
        user
        for user in moved_pair.users
        if tuple(f"x-{item}" for item in world.log.histories[user]) == moved.log.histories[user]
    ]
    assert hit.n == len(same) < len(moved_pair.users)
    expected = []
    for user in same:
        *history, wanted = world.log.histories[user]
        (scores,) = world.target.scores([history[-15:]])
        free = [item for item in moved_pair.catalogue.ids if item not in history]
        better = [world.catalogue.row(item) for item in free]
        row = world.catalogue.row(wanted)
        expected.append(sum(scores[k] > scores[row] for k in better) < 10)
    assert hit.first == pytest.approx(np.mean(expected))


def test_a_changed_history_is_told_apart_from_another_recommender(world, moved_pair, named):
    """With the very same recommender, all that changes is what the histories do."""
    found = named["lists-kept-by-new-histories"]
    asked = [u for k, u in enumerate(moved_pair.users) if not moved_pair.unchanged[k]]
    assert found.n == len(asked)
    histories = {
        user: (*one[:3], *one[4:]) if place % 2 else one
        for place, (user, one) in enumerate(world.log.histories.items())
    }
    log = InteractionLog("shorter", world.catalogue, histories)
    first = moved_pair.first
    second = Version("shorter", "runs/b", "planted", first.oracle, log, world.split, 15)
    pair = VersionPair(first, second, 80)
    named = {one.name: one for one in data_changes(pair)}
    effect = named["lists-kept-by-new-histories"]
    assert effect.control == 1  # both answer the same history alike
    assert effect.change < 1
    assert named["histories-changed"].change == 150
    assert "0 of them only took more" in named["histories-changed"].sentence


def test_worlds_without_a_common_item_or_user_are_refused_or_told(world, moved):
    other = Catalogue([Item(f"o{k}", f"Other {k}") for k in range(50)])
    log = InteractionLog("other", other, {"u1": ("o1", "o2", "o3")})
    first = Version("a", "a", "t", None, world.log, world.split, 15)
    with pytest.raises(UserError, match="0 items in common"):
        VersionPair(first, Version("b", "b", "t", None, log, world.split, 15))
    renamed = {f"n-{user}": one for user, one in moved.log.histories.items()}
    log = InteractionLog("renamed", moved.catalogue, renamed)
    strangers = Version("b", "b", "t", moved.oracle, log, moved.split, 15)
    first = Version("a", "a", "t", world_oracle(world), world.log, world.split, 15)
    found = comparison_of(VersionPair(first, strangers, 40))
    assert not found.of("quality")
    assert "too few" in next(one for one in found.changes if one.name == "users-in-both").sentence
    assert all(len(shown.commands) == 1 for one in found.changes for shown in one.examples)


def world_oracle(world):
    from recexplainer.oracle import Oracle

    return Oracle(world.target, world.catalogue)


def test_an_example_says_whose_history_changed(world, moved, moved_pair):
    for place, user in enumerate(moved_pair.users):
        own = [world.catalogue.title(item) for item in world.log.histories[user]]
        other = [moved.catalogue.title(item) for item in moved.log.histories[user]]
        told = "whose history is another in moved" in moved_pair.called(place)
        assert told is (own != other)
