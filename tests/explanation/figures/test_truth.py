"""Explainers against targets whose contributions are known exactly."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import spearmanr

from recexplainer.data.movielens import MovieLens100K, MovieLens100KOptions
from recexplainer.data.preparation import prepare
from recexplainer.data.split import split
from recexplainer.default_plugins import recx_register_explainers
from recexplainer.explanation.cases import draw_cases
from recexplainer.explanation.figures.known_truth import (
    CITED,
    WHOLE,
    TellsContributions,
    cited_account,
    cited_truth,
    truth_correlation,
    truth_metrics,
)
from recexplainer.oracle import Oracle
from recexplainer.plugins.interfaces import ExplainerKit, TargetKit
from recexplainer.records import SilentProgress
from recexplainer.targets.recbole.recbole_providers import recbole_providers
from recexplainer.testing.speaker import EchoSpeaker

PROVIDERS = {provider.name: provider for provider in recx_register_explainers()}
LIBRARIES = {"lime", "shap"}


@pytest.fixture(scope="module")
def films():
    """EASE on MovieLens-100K, 60 cases of 30 users, and a kit to explain it with."""
    log = prepare(MovieLens100K(MovieLens100KOptions()).load(SilentProgress()))
    parts = split(log, max_history=20, held_out_users=0.1, seed=0)
    provider = next(one for one in recbole_providers() if one.name == "ease")
    target = provider.build(provider.options(), TargetKit(log.catalogue, 20, seed=0))
    target.fit(parts.training, SilentProgress())
    cases = draw_cases(
        Oracle(target, log.catalogue),
        parts.evaluated,
        lambda context: log.histories[context.user][: context.end],
        users=30,
        seed=0,
    )
    kit = ExplainerKit(
        log.catalogue, target, parts.popularity, histories=parts.training.histories, seed=0
    )
    return target, cases, kit


def _measured(films, name, count=None, **options):
    if name in LIBRARIES:
        pytest.importorskip(name)
    target, cases, kit = films
    provider = PROVIDERS[name]
    explainer = provider.build(provider.options(**options), kit)
    found = truth_metrics(name, explainer, cases[:count], target, catalogue=kit.catalogue, seed=0)
    return {metric.metric: metric for metric in found}


def test_a_sum_over_the_history_knows_what_it_adds(films):
    """The truth itself, against f: alone in a history, an item's contribution is the score."""
    target, cases, kit = films
    for case in cases[:5]:
        truth = target.contributions(case.history, case.item)
        row = kit.catalogue.row(case.item)
        alone = target.scores([(item,) for item in case.history])[:, row]
        assert truth == pytest.approx(dict(zip(case.history, map(float, alone), strict=True)))
        assert sum(truth.values()) == pytest.approx(case.score, abs=1e-5)


def test_occlusion_of_a_linear_target_is_the_truth(films):
    """The figure asked for: at least 0.99 over whole cases, the interval's lower end included."""
    found = _measured(films, "occlusion", counterfactual=False)
    assert found[WHOLE].low >= 0.99
    assert (found[WHOLE].n, found[WHOLE].unscored) == (60, 0)


def test_random_knows_nothing(films):
    """An interval of 95 % contains 0 of most seeds, not of every one; no seed is picked here."""
    target, cases, kit = films
    found = {WHOLE: [], CITED: []}
    for seed in range(10):
        explainer = PROVIDERS["random"].build(
            PROVIDERS["random"].options(), replace(kit, seed=seed)
        )
        for metric in truth_metrics(
            "random", explainer, cases, target, catalogue=kit.catalogue, seed=0
        ):
            found[metric.metric].append(metric)
    for metrics in found.values():
        assert sum(metric.low < 0 < metric.high for metric in metrics) >= 8
        assert np.mean([metric.value for metric in metrics]) == pytest.approx(0, abs=0.03)


@pytest.mark.parametrize(("name", "least"), [("lime", 0.95), ("shap", 0.99)])
def test_the_libraries_find_the_order_of_a_linear_target(films, name, least):
    assert _measured(films, name, count=8)[WHOLE].value >= least


def test_reasons_that_are_merely_plausible_stay_behind(films):
    exact = _measured(films, "occlusion", counterfactual=False)
    for name in ("similarity", "popularity"):
        assert _measured(films, name)[WHOLE].high < exact[WHOLE].low
        assert _measured(films, name)[CITED].high < exact[CITED].low


def test_three_citations_say_less_than_all_numbers(films):
    """What the best three citations can reach is worked out from the truth alone."""
    target, cases, _ = films
    found = _measured(films, "occlusion", counterfactual=False)
    ceiling = []
    for case in cases:
        truth = target.contributions(case.history, case.item)
        sign = 1 if case.decision == "Yes" else -1
        carrying = [item for item in truth if sign * truth[item] > 1e-5]
        best = sorted(carrying, key=lambda item: -sign * truth[item])[:3]
        ceiling.append(truth_correlation(cited_account(case, best), truth))
    scored = [value for value in ceiling if value is not None]
    assert found[CITED].n == len(scored)
    assert found[CITED].value == pytest.approx(np.mean(scored), abs=1e-3)
    assert found[CITED].value < 0.9


def test_an_explainer_that_only_writes_is_marked_by_what_it_cites(films, told):
    """The echo names the whole history in its order: that order is marked, by hand here."""
    target, cases, kit = films
    kit = replace(kit, unaligned=EchoSpeaker(kit.catalogue))
    explainer = PROVIDERS["unaligned"].build(PROVIDERS["unaligned"].options(), kit)
    assert not isinstance(explainer, TellsContributions)
    (metric,) = truth_metrics(
        "unaligned", explainer, cases[:4], target, catalogue=kit.catalogue, seed=0
    )
    expected = []
    for case in cases[:4]:
        truth = target.contributions(case.history, case.item)
        falling = [(1 if case.decision == "Yes" else -1) * -place for place in range(len(truth))]
        expected.append(spearmanr(falling, [truth[item] for item in case.history]).statistic)
    assert metric.metric == CITED
    assert metric.value == pytest.approx(np.mean(expected))
    written = told(explainer, cases[:4], kit.catalogue)
    assert cited_truth("unaligned", written, cases[:4], target, seed=0) == metric


def test_the_correlation_is_spearmans():
    """1 - 6 * sum of squared rank differences / (n * (n^2 - 1)), by hand for four items."""
    truth = {"a": 4.0, "b": 3.0, "c": 2.0, "d": -1.0}
    told = {"a": 0.9, "b": 0.1, "c": 0.2, "d": 0.0}  # b and c the wrong way round: 1 + 1
    assert truth_correlation(told, truth) == pytest.approx(1 - 6 * 2 / (4 * 15))
    assert truth_correlation({k: -v for k, v in truth.items()}, truth) == pytest.approx(-1)


def test_what_is_left_out_counts_nothing():
    truth = {"a": 2.0, "b": 1.0, "c": 0.0, "d": 0.0}
    assert truth_correlation({"a": 2.0, "b": 1.0}, truth) == pytest.approx(1)


@pytest.mark.parametrize(
    ("account", "truth"),
    [
        ({}, {"a": 2.0, "b": 1.0, "c": 0.0}),  # nothing told
        ({"a": 1.0, "b": 2.0, "c": 3.0}, {"a": 1.0, "b": 1.0, "c": 1.0}),  # no order to find
        ({"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 2.0}),  # too short a history
    ],
)
def test_where_there_is_no_order_nothing_is_scored(account, truth):
    assert truth_correlation(account, truth) is None


def test_citations_point_where_the_decision_does(film_case):
    yes = cited_account(film_case, ["heat", "usual"])
    no = cited_account(film_case.model_copy(update={"decision": "No"}), ["heat", "usual"])
    assert yes == {"heat": 2.0, "usual": 1.0}
    assert no == {"heat": -2.0, "usual": -1.0}
