"""LIME and SHAP over history items, on a target whose contributions are known."""

from __future__ import annotations

import itertools
import math
import sys

import numpy as np
import pytest
from scipy.stats import spearmanr

from recexplainer.errors import MissingExtraError, UserError
from recexplainer.explanation.explainers import lime_items, shap_items
from recexplainer.explanation.explainers.attribution import AttributionOptions
from recexplainer.oracle import leaning
from recexplainer.plugins.interfaces import ExplainerKit
from recexplainer.testing.contracts.explainers import ExplainerContract

pytest.importorskip("lime")
pytest.importorskip("shap")

MODULES = {"lime": lime_items, "shap": shap_items}


@pytest.fixture(params=MODULES)
def module(request):
    return MODULES[request.param]


@pytest.fixture
def kit(linear, plain_catalogue):
    return ExplainerKit(plain_catalogue, linear, np.zeros(len(plain_catalogue), dtype=np.int64))


def _truth(linear, catalogue, case):
    column = linear.weights[:, catalogue.row(case.item)]
    return {item: float(column[catalogue.row(item)]) for item in case.history}


class TestLime(ExplainerContract):
    @pytest.fixture
    def make_explainer(self):
        return lambda kit: lime_items.build(AttributionOptions(), kit)


class TestShap(ExplainerContract):
    @pytest.fixture
    def make_explainer(self):
        return lambda kit: shap_items.build(AttributionOptions(), kit)


def test_contributions_come_in_the_true_order(module, linear, plain_catalogue, linear_cases, kit):
    explainer = module.build(AttributionOptions(), kit)
    for case in linear_cases[::20]:
        truth = _truth(linear, plain_catalogue, case)
        found = explainer.contributions(case)
        assert found.keys() == truth.keys()
        correlation = spearmanr([truth[item] for item in truth], [found[item] for item in truth])
        assert correlation.statistic > 0.95


def test_shapley_values_of_a_linear_target_are_its_weights(
    linear, plain_catalogue, linear_cases, kit
):
    explainer = shap_items.build(AttributionOptions(), kit)
    for case in linear_cases[::20]:
        truth = _truth(linear, plain_catalogue, case)
        assert explainer.contributions(case) == pytest.approx(truth, abs=1e-4)


def test_shapley_values_equal_the_mean_over_all_orders():
    rng = np.random.default_rng(3)
    value = {coalition: rng.normal() for coalition in itertools.product((False, True), repeat=4)}

    def game(coalitions):
        return np.array([value[tuple(map(bool, row))] for row in coalitions])

    brute = np.zeros(4)
    for order in itertools.permutations(range(4)):
        kept = [False] * 4
        for item in order:
            before = value[tuple(kept)]
            kept[item] = True
            brute[item] += value[tuple(kept)] - before
    found = shap_items.estimate(game, 4, samples=64, seed=0)
    assert found == pytest.approx(brute / math.factorial(4), abs=1e-6)


def test_the_causes_cited_are_those_that_carry_the_decision(
    module, linear, plain_catalogue, linear_cases, kit, told
):
    cases = linear_cases[::20]
    explainer = module.build(AttributionOptions(cited=2), kit)
    for case, explanation in zip(cases, told(explainer, cases, plain_catalogue), strict=True):
        sign = 1 if leaning(case) == "Yes" else -1
        truth = _truth(linear, plain_catalogue, case)
        carrying = [item for item in truth if sign * truth[item] > 0.3]
        assert explanation.decision == case.decision
        assert len(explanation.cited) <= 2
        assert all(sign * truth[item] > -0.3 for item in explanation.cited)
        if carrying:
            assert max(carrying, key=lambda item: sign * truth[item]) == explanation.cited[0]
        causes = [claim.item for claim in explanation.claims if claim.kind == "cause"]
        assert tuple(dict.fromkeys(causes)) == explanation.cited


def test_one_item_and_repeated_items_are_one_player_each(module, linear, linear_cases, kit):
    case = linear_cases[0]
    once = case.model_copy(update={"history": case.history[:1]})
    twice = case.model_copy(update={"history": (*case.history[:2], case.history[0])})
    explainer = module.build(AttributionOptions(), kit)
    assert list(explainer.contributions(once)) == [case.history[0]]
    assert list(explainer.contributions(twice)) == list(case.history[:2])


def test_shap_asks_what_it_may_and_leaves_no_trace_in_numpys_generator(linear, linear_cases, kit):
    linear.asked.clear()
    explainer = shap_items.build(AttributionOptions(samples=64), kit)
    np.random.seed(7)
    expected = np.random.random()
    np.random.seed(7)
    first = explainer.contributions(linear_cases[0])
    assert np.random.random() == expected
    assert first == explainer.contributions(linear_cases[0])
    assert len(set(linear.asked)) <= 64 + 2  # and after nothing, and after all


def test_an_absent_library_names_the_extra(module, kit, monkeypatch):
    name = module.__name__.rpartition(".")[2].removesuffix("_items")
    for loaded in [loaded for loaded in sys.modules if loaded.split(".")[0] == name]:
        monkeypatch.delitem(sys.modules, loaded)
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtraError, match=r"recexplainer\[explainers\]"):
        module.build(AttributionOptions(), kit)


def test_instructions_are_refused(module, linear_cases, kit):
    explainer = module.build(AttributionOptions(), kit)
    with pytest.raises(UserError, match="cannot follow the instruction"):
        explainer.explain(linear_cases, "only genres")
