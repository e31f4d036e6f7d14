"""The bar for planted defects: 11 of 12 found, 9 of them first, one alarm on the twins at most."""

from __future__ import annotations

import pytest

from recexplainer.testing.defect_benchmark import benchmark, recency_world, sasrec_world
from recexplainer.testing.planted_defects import DEFECTS


def test_there_are_twelve_defects_with_names_of_their_own() -> None:
    assert len({one.name for one in DEFECTS}) == len({one.probe for one in DEFECTS}) == 12


def test_a_broken_target_answers_otherwise_and_in_the_same_shape() -> None:
    world = recency_world(5)
    histories = [one[:-1] for one in world.log.histories.values()][:60]
    sound = world.target.scores(histories)
    for defect in DEFECTS:
        broken = defect.broken(world).scores(histories)
        assert broken.shape == sound.shape, defect.name
        assert (broken != sound).any(), defect.name


@pytest.mark.slow
@pytest.mark.parametrize("make", [recency_world, sasrec_world])
def test_the_bar_is_met_on_a_world_that_no_threshold_was_chosen_on(make) -> None:
    results = list(benchmark(make(400)))
    assert sum(one.found for one in results) >= 11
    assert sum(one.first for one in results) >= 9
    assert sum(len(one.false_alarms) + len(one.known) for one in results) <= 1
