"""Explainers against what ALS knows of its own scores."""

from __future__ import annotations

import pytest
from recx_implicit.als import AlsTarget
from recx_implicit.bpr import BprTarget
from recx_implicit.contributions import ContributionsExplainer
from recx_implicit.options import AlsOptions, BprOptions, ContributionsOptions

from recexplainer.default_plugins import recx_register_explainers
from recexplainer.explanation.figures.known_truth import CITED, WHOLE, truth_metrics
from recexplainer.plugins.interfaces import ExplainerKit, TargetKit
from recexplainer.records import SilentProgress
from recexplainer.testing import toy_cases, toy_log, toy_popularity, toy_training

LOG = toy_log()
PROVIDERS = {provider.name: provider for provider in recx_register_explainers()}


def als(alpha):
    options = AlsOptions(factors=16, regularization=0.5, alpha=alpha)
    target = AlsTarget(options, TargetKit(LOG.catalogue, max_history=10, seed=7))
    target.fit(toy_training(LOG), SilentProgress())
    return target


def kit(target, seed=0):
    return ExplainerKit(LOG.catalogue, target, toy_popularity(LOG), seed=seed)


def measured(target, name, seed=0, **options):
    """Return metric name to figure, over a case of each user but the first, who has one item."""
    if name == "implicit-contributions":
        explainer = ContributionsExplainer(ContributionsOptions(), kit(target))
    else:
        provider = PROVIDERS[name]
        explainer = provider.build(provider.options(**options), kit(target, seed))
    cases = toy_cases(LOG, target, count=61)[1:]
    found = truth_metrics(name, explainer, cases, target, catalogue=LOG.catalogue, seed=0)
    return {metric.metric: metric for metric in found}


@pytest.mark.parametrize("alpha", [1.0, 5.0])
def test_the_library_s_own_account_is_the_truth(alpha):
    found = measured(als(alpha), "implicit-contributions")
    assert found[WHOLE].low == pytest.approx(1)
    assert found[WHOLE].n == 60
    assert 0.5 < found[CITED].value < 1  # three items of five or six


def test_at_alpha_one_occlusion_is_the_truth_as_well():
    assert measured(als(1.0), "occlusion", counterfactual=False)[WHOLE].low >= 0.99


def test_otherwise_what_remains_is_weighed_anew_and_occlusion_differs():
    found = measured(als(40.0), "occlusion", counterfactual=False)[WHOLE]
    assert 0.3 < found.low < found.high < 0.99


def test_random_s_intervals_contain_nothing():
    target = als(5.0)
    found = [measured(target, "random", seed)[WHOLE] for seed in range(10)]
    assert sum(metric.low < 0 < metric.high for metric in found) >= 8


def test_of_another_target_the_explainer_tells_no_numbers():
    """It has no account of BPR, so there is no order to mark."""
    target = BprTarget(BprOptions(factors=8), TargetKit(LOG.catalogue, max_history=10, seed=7))
    target.fit(toy_training(LOG), SilentProgress())
    explainer = ContributionsExplainer(ContributionsOptions(), kit(target))
    assert explainer.contributions(toy_cases(LOG, target)[0]) == {}
