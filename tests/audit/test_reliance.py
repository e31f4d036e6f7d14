"""Recommenders whose nature is known are described as what they are."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.audit.attribute_pulls import attribute_pulls
from recexplainer.audit.recommender_audit import audit_of
from recexplainer.audit.reliance import (
    coverage,
    popular_items,
    popular_list,
    repeats,
    same_for_everybody,
    variant_findings,
)
from recexplainer.testing.defect_benchmark import subject_of
from recexplainer.testing.planted_target import PlantedTarget


def by_name(subject) -> dict:
    return {one.probe: one for one in variant_findings(subject) if one.chapter == "reliance"}


def test_popularity_gives_everybody_the_same_list(popular) -> None:
    found = same_for_everybody(popular)
    assert found.sentence.startswith("It gives everybody the same list")
    assert found.figure == 1
    assert popular_list(popular)[0].figure == pytest.approx(1)
    audit = audit_of(popular, target="popularity")
    assert any(one.startswith("It gives everybody the same list") for one, _ in audit.first)


def test_popularity_depends_on_nothing_in_the_history(popular) -> None:
    for found in by_name(popular).values():
        assert found.figure == 1
        assert "makes no difference to any list" in found.sentence
        assert "not measurably" in found.sentence


def test_a_target_of_the_last_item_is_told_from_others(last_only, sound) -> None:
    found = by_name(last_only)
    assert found["last item"].figure == found["without the oldest five"].figure == 1
    assert "more than with the control" in found["last item"].sentence
    assert found["without the last item"].figure < 1
    assert by_name(sound)["last item"].figure < 1


def test_neighbors_are_told_as_reading_no_order_and_all_items_alike(neighbors) -> None:
    found = by_name(neighbors)
    assert found["order"].figure == 1
    assert "makes no difference to any list" in found["order"].sentence
    # What was last weighs hardly more than any other item.
    last = found["without the last item"]
    assert last.figure == pytest.approx(last.control, abs=0.05)


def test_what_stays_is_what_a_hand_count_says(sound) -> None:
    long = [k for k, one in enumerate(sound.histories) if len(one) > 1]
    whole = sound.answers.lists[long]
    last = sound.lists([sound.histories[k][-1:] for k in long], [sound.seen[k] for k in long])
    shared = [len(set(a) & set(b)) / 10 for a, b in zip(whole.tolist(), last.tolist(), strict=True)]
    assert by_name(sound)["last item"].figure == pytest.approx(np.mean(shared))


def test_the_table_of_parameters_is_the_complement(sound) -> None:
    found = variant_findings(sound)
    stays = {one.probe: one.figure for one in found if one.chapter == "reliance"}
    changes = {one.probe: one for one in found if one.chapter == "parameter"}
    assert stays.keys() == changes.keys()
    for name, one in changes.items():
        assert one.figure == pytest.approx(1 - stays[name])
        assert one.low <= one.figure <= one.high


def test_shares_are_counted_by_hand(sound) -> None:
    counts, lists = sound.split.popularity, sound.answers.lists
    most = set(np.argsort(-counts, kind="stable")[: len(counts) // 10].tolist())
    share = np.mean([[row in most for row in one] for one in lists.tolist()])
    assert popular_items(sound).figure == pytest.approx(share)
    assert coverage(sound).figure == pytest.approx(len(set(lists.ravel().tolist())) / len(counts))
    had = [
        np.mean([row in set(seen.tolist()) for row in one])
        for one, seen in zip(sound.answers.unmasked.tolist(), sound.seen, strict=True)
    ]
    assert repeats(sound).figure == pytest.approx(np.mean(had))


def test_an_attribute_that_pulls_is_told_and_one_that_does_not_is_not(world, random) -> None:
    shapes = np.array([item.attributes["color"][0] for item in world.catalogue])

    def lean(scores, histories):
        for row, history in enumerate(histories):
            for item in history:
                scores[row] += shapes == world.catalogue.item(item).attributes["color"][0]
        return scores

    pulled = attribute_pulls(subject_of(world, PlantedTarget(world, spoil=lean)))
    assert pulled
    assert all("pull their own like" in one.sentence for one in pulled)
    told = [one for one in attribute_pulls(random) if "do not measurably" not in one.sentence]
    assert len(told) <= 1
