"""Exposure by tenths, added items and explanations without a cause, held against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.audit.attribute_additions import attribute_additions
from recexplainer.audit.explained import Explained
from recexplainer.audit.exposure_tenths import exposure_by_tenths
from recexplainer.audit.no_single_cause import no_single_cause
from recexplainer.audit.reading.verification import Verifier
from recexplainer.testing.defect_benchmark import subject_of
from recexplainer.testing.planted_target import PlantedTarget


def test_tenths_are_counted_by_hand_and_told_with_what_was_taken(sound, popular):
    (found,) = exposure_by_tenths(sound)
    order = np.argsort(-sound.split.popularity, kind="stable").tolist()
    last = set(order[-len(order) // 10 :])
    share = np.mean([[row in last for row in one] for one in sound.answers.lists.tolist()])
    assert found.others["list_10"] == pytest.approx(share)
    assert sum(found.others[f"list_{k}"] for k in range(1, 11)) == pytest.approx(1)
    assert sum(found.others[f"taken_{k}"] for k in range(1, 11)) == pytest.approx(1)
    (most,) = exposure_by_tenths(popular)
    assert most.figure > 0.5
    assert "more than that in tenth" in most.sentence
    assert [one.withheld for one in Verifier(popular).verified([most])] == [""]


def test_a_wrong_tenth_is_caught(popular):
    (most,) = exposure_by_tenths(popular)
    lie = most.model_copy(
        update={"sentence": most.sentence.replace("and less in ", "and less in tenth 1, ")}
    )
    assert Verifier(popular).verified([lie])[0].withheld
    fewer = (
        most.sentence.split("more than that in ")[0]
        + "more than that in no tenth, and less in no tenth."
    )
    assert Verifier(popular).verified([most.model_copy(update={"sentence": fewer})])[0].withheld


def test_items_that_bring_their_own_like_are_told_and_others_are_not(world, popular):
    colors = np.array([item.attributes["color"][0] for item in world.catalogue])

    def lean(scores, histories):
        for row, history in enumerate(histories):
            for item in history[-2:]:
                scores[row] += 500 * (colors == world.catalogue.item(item).attributes["color"][0])
        return scores

    subject = subject_of(world, PlantedTarget(world, spoil=lean))
    found = attribute_additions(subject)
    assert found
    assert all("bring more of their own like" in one.sentence for one in found)
    assert all(one.figure > 0.9 for one in found)  # the last two decide nearly all
    assert [one.withheld for one in Verifier(subject).verified(found)] == [""] * len(found)
    for one in found:
        beside = one.others["interactions_of_control"]
        assert one.others["interactions"] == pytest.approx(beside, rel=0.1)
    still = attribute_additions(popular)
    assert still
    assert all("do not measurably change" in one.sentence for one in still)
    turned = (
        found[0]
        .sentence.replace("bring more of their", "push their")
        .replace("like into the list", "like out of the list")
    )
    lie = found[0].model_copy(update={"sentence": turned})
    assert Verifier(subject).verified([lie])[0].withheld


def test_texts_without_a_cause_are_counted_and_asked_again(popular, sound):
    def told(subject, claims):
        return [
            Explained(one.user, one.history, subject.catalogue.ids[k % 7], 1, claim)
            for k, (one, claim) in enumerate(zip(subject.contexts, claims, strict=False))
        ]

    claims = [True, False, False, True] * 10
    explained = told(popular, claims)  # no item moves a popularity list: each claim is true
    (found,) = no_single_cause(explained, 0)
    assert found.figure == 0.5
    assert found.n == 40
    assert Verifier(popular, explained=explained).verified([found])[0].withheld == ""
    false = told(sound, [True] * 40)  # some item pulls here
    (wrong,) = no_single_cause(false, 0)
    assert "counted again" in Verifier(sound, explained=false).verified([wrong])[0].withheld
    assert no_single_cause([], 0) == []
