"""SASRec as shipped, on MovieLens-100K: clearly better than popularity."""

from __future__ import annotations

import pytest

from recexplainer.plugins.interfaces import TargetKit
from recexplainer.records import SilentProgress
from recexplainer.targets.popularity import Popularity
from recexplainer.targets.recbole.families import SasRecOptions
from recexplainer.targets.recbole.recbole_providers import build_sequential
from recexplainer.targets.target_quality import measure_quality


@pytest.mark.slow
def test_sasrec_is_clearly_better_than_popularity():
    from recexplainer.data.movielens import MovieLens100K, MovieLens100KOptions
    from recexplainer.data.preparation import prepare
    from recexplainer.data.split import split

    log = prepare(MovieLens100K(MovieLens100KOptions()).load(SilentProgress()))
    parts = split(log, max_history=20, held_out_users=0.1, seed=0)
    kit = TargetKit(log.catalogue, max_history=20)
    targets = {"sasrec": build_sequential(SasRecOptions(), kit), "popularity": Popularity(kit)}
    for target in targets.values():
        target.fit(parts.training, SilentProgress())
    metrics = measure_quality(targets, log, parts.evaluated, SilentProgress())
    value = {(metric.subject, metric.metric): metric for metric in metrics}
    sasrec, popularity = value["sasrec", "ndcg@10"], value["popularity", "ndcg@10"]
    assert sasrec.low > 1.5 * popularity.value
    assert sasrec.value > 0.085
