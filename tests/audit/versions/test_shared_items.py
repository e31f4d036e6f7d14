"""Catalogues are joined by what their ids mean, and targets asked about what both know."""

from __future__ import annotations

import numpy as np

from recexplainer.audit.versions.shared_items import SharedTarget, shared_items
from recexplainer.records import Catalogue, Item


def catalogue(**titles):
    return Catalogue([Item(item, title) for item, title in titles.items()])


def test_equal_ids_with_equal_titles_are_the_same_items():
    first = catalogue(a="Alpha", b="Beta", c="Gamma", d="Old")
    second = catalogue(c="GAMMA", a="Alpha", b="Bravo", e="New")
    found = shared_items(first, second)
    assert found.joined_by == "id"
    assert found.catalogue.ids == ("a", "b", "c")
    assert found.retitled == 1
    assert [item.title for item in found.only_first] == ["Old"]
    assert [item.title for item in found.only_second] == ["New"]


def test_ids_that_mean_other_things_are_not_joined():
    first = catalogue(a="Alpha", b="Beta", c="Gamma")
    second = catalogue(a="gamma", b="Delta", c="Alpha")
    found = shared_items(first, second)
    assert found.joined_by == "title"
    assert found.second_id == {"a": "c", "c": "a"}
    assert [item.title for item in found.only_first] == ["Beta"]
    assert [item.title for item in found.only_second] == ["Delta"]
    assert found.in_second(found.kept(["b", "c", "a"])) == ("a", "c")


def test_titles_that_differ_in_case_alone_are_joined_once():
    found = shared_items(catalogue(a="It", b="IT"), catalogue(x="it"))
    assert found.second_id == {"a": "x"}


def test_what_is_asked_are_the_columns_of_its_own_catalogue(moved, moved_pair):
    """Scores by title agree with those of the target itself, asked in its own ids."""
    pair, asked = moved_pair, moved_pair.subjects[1].oracle.target
    history = pair.histories[pair.users[3]][:6]
    own = moved.oracle.target.scores([pair.items.in_second(history)])[0]
    by_title = dict(zip(moved.catalogue.titles, own, strict=True))
    expected = [by_title[title] for title in pair.catalogue.titles]
    np.testing.assert_array_equal(asked.scores([history])[0], np.array(expected))


def test_no_more_of_a_history_is_put_to_a_target_than_it_reads(world):
    seen = []

    class Spy:
        def scores(self, histories):
            seen.extend(histories)
            return np.zeros((len(histories), len(world.catalogue)))

    ids = world.catalogue.ids
    SharedTarget(Spy(), world.catalogue, ids, ids, 3).scores([ids[:9]])
    assert seen == [list(ids[6:9])]
