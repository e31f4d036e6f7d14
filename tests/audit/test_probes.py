"""Every probe finds the defect that it is for, and says nothing of the sound twin."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.audit.duplicates import alike_groups
from recexplainer.audit.exposure import list_shares
from recexplainer.audit.history_use import history_ignored, last_item_only
from recexplainer.audit.order import order_unread
from recexplainer.audit.own_like import own_like_pushed_away
from recexplainer.audit.probes import BUGS, bugs_of
from recexplainer.audit.reach import best_places
from recexplainer.audit.wrong_user import wrong_user
from recexplainer.testing.defect_benchmark import subject_of
from recexplainer.testing.planted_defects import DEFECTS
from recexplainer.testing.planted_target import PlantedTarget

PROBES = {probe.name: probe.find for probe in BUGS}


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda one: one.name)
def test_a_defect_is_found_and_its_twin_is_not(defect, world) -> None:
    broken = PROBES[defect.probe](subject_of(world, defect.broken(world)))
    twin = PROBES[defect.probe](subject_of(world, defect.twin(world)))
    assert broken.alarm
    assert broken.meaning
    assert not twin.alarm
    assert broken.probe == twin.probe == defect.probe


def test_a_sound_recommender_gives_no_alarm(sound) -> None:
    found = bugs_of(sound)
    assert [one.probe for one in found if one.alarm] == []
    assert {one.probe for one in found} == set(PROBES)


def test_an_alarm_comes_with_examples_that_can_be_asked(world) -> None:
    cold = next(one for one in DEFECTS if one.name == "cold items unreachable")
    subject = subject_of(world, cold.broken(world))
    found = PROBES[cold.probe](subject)
    assert 1 <= len(found.examples) <= 3
    for example in found.examples:
        words = example.command.split()
        assert words[:3] == ["recx", "explain", "RUN"]
        user, item = words[words.index("--user") + 1], words[words.index("--item") + 1]
        assert words[-2:] == ["--explainer", "occlusion"]  # a run that is audited may have no other
        assert item not in world.log.histories[user][:-1]


def test_popularity_ignores_the_history(popular, sound) -> None:
    assert history_ignored(popular).figure == 1
    assert history_ignored(popular).alarm
    assert not history_ignored(sound).alarm
    assert not last_item_only(popular).alarm  # that no item counts is another finding


def test_random_answers_fit_nobody(random) -> None:
    assert wrong_user(random).alarm


def test_neighbors_do_not_read_the_order(neighbors) -> None:
    found = order_unread(neighbors)
    assert found.figure == 1
    assert "changes no item of any list" in found.sentence


def test_items_that_answer_alike_are_grouped_as_by_comparing_all_pairs(world) -> None:
    def copy(scores, histories):
        scores[:, [3, 50]] = scores[:, [80]]
        scores[:, 7] = scores[:, 21]
        return scores

    subject = subject_of(world, PlantedTarget(world, spoil=copy))
    found = {frozenset(group) for group in alike_groups(subject)}
    panel = subject.panel
    pairs = {
        frozenset((i, j))
        for i in range(panel.shape[1])
        for j in range(i)
        if np.ptp(panel[:, i]) > 0 and np.array_equal(panel[:, i], panel[:, j])
    }
    assert {frozenset((3, 50, 80)), frozenset((7, 21))} <= found
    assert pairs == {frozenset((i, j)) for g in found for i in g for j in g if i != j}


def test_shares_of_lists_are_counted_among_those_who_have_not_had_the_item(sound) -> None:
    shares = list_shares(sound)
    for row in (0, 31, 77):
        free = [k for k, had in enumerate(sound.seen) if row not in had]
        expected = np.mean([row in sound.answers.lists[k] for k in free])
        assert shares[row] == pytest.approx(expected)


def test_best_places_are_at_least_those_of_the_sampled_users(sound) -> None:
    best = best_places(sound)
    scores = np.stack(list(sound.oracle.rows_of_scores(sound.histories)))
    for row in (0, 31, 77):
        place = (scores <= scores[:, [row]]).sum(axis=1).max() / scores.shape[1]
        assert best[row] >= place - 1e-12


def test_a_wrong_sign_pushes_the_own_like_away(world, sound) -> None:
    turned = subject_of(world, PlantedTarget(world, spoil=lambda scores, _: -scores))
    assert own_like_pushed_away(turned).alarm
    assert not own_like_pushed_away(sound).alarm
