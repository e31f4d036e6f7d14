"""What several probes read of a recommender is asked about once, and answered alike."""

from __future__ import annotations

from recexplainer.audit.history_use import history_ignored, last_item_only
from recexplainer.audit.reliance import variant_findings
from recexplainer.testing.defect_benchmark import subject_of
from recexplainer.testing.planted_target import PlantedTarget


class Counted(PlantedTarget):
    """Notes each history it is asked about."""

    def __init__(self, world):
        super().__init__(world)
        self.asked = []

    def scores(self, histories):
        self.asked += map(tuple, histories)
        return super().scores(histories)


def test_probes_that_read_the_same_histories_ask_once_and_find_what_each_finds_alone(world):
    target = Counted(world)
    together = subject_of(world, target)
    probes = (history_ignored, last_item_only, variant_findings)
    found = [probe(together) for probe in probes]
    assert target.asked.count(()) == len(together.contexts)
    last = [one[-1:] for one in together.histories if len(one) > 1]
    single = [one for one in target.asked if len(one) == 1]
    assert len(last) > 100
    assert len(single) < 3 * len(last)  # the last item once, and one at random for its control
    assert found == [probe(subject_of(world, world.target)) for probe in probes]
