"""Put to a recommender that is not the target, true explanations must lose their faithfulness."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.explanation.checks.account import read_texts
from recexplainer.explanation.checks.checker import check_explanations
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.explainers import occlusion
from recexplainer.explanation.figures.shuffled_target import ShuffledTarget, control_metrics
from recexplainer.oracle import Oracle
from recexplainer.plugins.interfaces import ExplainerKit


def _explained(linear, catalogue, cases):
    kit = ExplainerKit(catalogue, linear, np.zeros(len(catalogue), dtype=np.int64))
    written = list(occlusion.build(occlusion.OcclusionOptions(), kit).explain(cases))
    written = read_texts(written, cases, ClaimReader(catalogue))
    return check_explanations(written, cases, Oracle(linear, catalogue), seed=0)


def test_every_item_gets_the_scores_of_one_other(linear, linear_cases):
    history = [linear_cases[0].history]
    own, shuffled = linear.scores(history)[0], ShuffledTarget(linear, 40, 3).scores(history)[0]
    assert sorted(shuffled) == sorted(own)
    assert not (own == shuffled).any()
    again = ShuffledTarget(linear, 40, 3).scores(history)[0]
    assert (again == shuffled).all()
    assert (ShuffledTarget(linear, 40, 4).scores(history)[0] != shuffled).any()


def test_the_drop_of_a_faithful_explainer_is_lost(linear, plain_catalogue, linear_cases):
    checked = _explained(linear, plain_catalogue, linear_cases)
    drops = [one.check("faithfulness_drop") for one in checked]
    true = np.mean([drop for drop in drops if drop is not None])
    (metric,) = control_metrics(
        checked,
        linear_cases,
        [ShuffledTarget(linear, 40, seed) for seed in (1, 2)],
        plain_catalogue,
        name="shuffled",
        seed=0,
    )
    assert (metric.metric, metric.subject) == ("faithfulness_drop_shuffled", "occlusion")
    assert true > 1.0
    assert abs(metric.value) < 0.2 * true
    assert metric.n == sum(one.check("faithfulness_drop") is not None for one in checked)


def test_a_control_that_is_f_itself_loses_nothing(linear, plain_catalogue, linear_cases):
    """What would be reported if the explanations did not depend on the target."""
    checked = _explained(linear, plain_catalogue, linear_cases)
    drops = [one.check("faithfulness_drop") for one in checked]
    (metric,) = control_metrics(
        checked, linear_cases, [linear, linear], plain_catalogue, name="shuffled", seed=0
    )
    assert metric.value == pytest.approx(np.mean([drop for drop in drops if drop is not None]))
