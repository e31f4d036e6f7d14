from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from recexplainer.alignment.item_discrimination import (
    ItemDiscrimination,
    ItemDiscriminationOptions,
)
from recexplainer.alignment.modes import render
from recexplainer.alignment.neighbors import nearest_items
from recexplainer.plugins.interfaces import TaskKit
from recexplainer.records import Catalogue, Item, ItemSlot


def examples_of(kit, **options):
    task = ItemDiscrimination(ItemDiscriminationOptions(**options), kit)
    return list(task.on_items(np.random.default_rng(0)))


def slot_of(example):
    (slot,) = [part for part in example.turns[0].content if isinstance(part, ItemSlot)]
    return slot


@pytest.mark.parametrize("similarity", ["cosine", "dot"])
def test_neighbors_are_those_of_a_full_sort(world, similarity):
    vectors = world.target.vectors * np.linspace(0.5, 3, len(world.catalogue))[:, None]
    found = nearest_items(vectors.astype(np.float32), 3, similarity)
    for row, vector in enumerate(vectors):
        norms = np.linalg.norm(vectors, axis=1) if similarity == "cosine" else 1
        similarities = vectors @ vector / norms
        others = [other for other in range(len(vectors)) if other != row]
        best = sorted(others, key=lambda other: -similarities[other])[:3]
        assert found[row].tolist() == best


def test_every_item_is_asked_for_its_title_without_showing_it(world):
    examples = examples_of(world.kit, facets=["title"])
    assert [example.answer for example in examples] == list(world.catalogue.titles)
    for example in examples:
        assert slot_of(example).vector_only
        combined = render(example.turns, [], world.catalogue, "combined")
        assert example.answer not in combined.turns[0].text


def test_every_attribute_of_every_item_that_has_it_is_asked_for(world):
    asked = {
        (slot_of(example).item, example.id.split(":")[0]): example
        for example in examples_of(world.kit, facets=["attributes"])
    }
    true = {
        (item.id, name): "; ".join(values)
        for item in world.catalogue
        for name, values in item.attributes.items()
    }
    assert {key: example.answer for key, example in asked.items()} == true
    words = "".join(
        part.text for part in asked["i1", "maker_name"].turns[0].content if hasattr(part, "text")
    )
    assert "maker name" in words


def test_items_are_asked_for_only_where_the_attribute_identifies_them():
    catalogue = Catalogue(
        [
            Item("a", "Alpha", {"kind": ("x", "y")}),
            Item("b", "Beta", {"kind": ("x",)}),
            Item("c", "Gamma", {"kind": ("x",)}),
            Item("d", "Delta"),
        ]
    )
    (example,) = examples_of(TaskKit(catalogue), facets=["items"])
    assert example.answer == "Alpha"
    assert "x; y" in "".join(part.text for part in example.turns[0].content)


def test_similar_items_are_fs_nearest(world):
    nearest = nearest_items(world.target.vectors, 2, "dot")
    for example in examples_of(world.kit, facets=["similar"], similar=2, similarity="dot"):
        row = world.catalogue.row(slot_of(example).item)
        titles = [world.catalogue.titles[other] for other in nearest[row]]
        assert example.answer == "; ".join(titles)
        assert "Name 2, nearest first." in example.turns[0].content[-1].text


def test_without_vectors_similar_items_are_left_out(world):
    kit = replace(world.kit, item_vectors=None)
    everything = {example.id for example in examples_of(world.kit)}
    left = {example.id for example in examples_of(kit)}
    assert everything - left == {f"similar:{item.id}" for item in world.catalogue}
    assert ItemDiscrimination(ItemDiscriminationOptions(), kit).skipped() is None
    similar_only = ItemDiscriminationOptions(facets=("similar",))
    assert "vectors" in ItemDiscrimination(similar_only, kit).skipped()


def test_long_attributes_are_cut_at_a_word():
    text = "one two three four five six seven"
    kit = TaskKit(Catalogue([Item("a", "Alpha", {"note": (text,)})]))
    answers = {
        example.answer for example in examples_of(kit, facets=["attributes"], max_characters=20)
    }
    assert answers == {"one two three four"}
