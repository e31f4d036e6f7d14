"""Shortlists, against a target whose pulls are the weights of a table."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from recexplainer.errors import CapabilityError
from recexplainer.explanation.claims.reader import read_claims
from recexplainer.explanation.explainers import shortlist
from recexplainer.explanation.explainers.baselines import BaselineOptions, build_similarity
from recexplainer.oracle import leaning
from recexplainer.plugins.interfaces import ExplainerKit
from recexplainer.records import Text

NAMES = ("surrogate", "similar", "random")


class Fond:
    """Finds a title the likelier, the higher its number, once a reason has begun."""

    name = "fond"

    def likelihoods(self, questions, contexts, labels):
        for question, context, offered in zip(questions, contexts, labels, strict=True):
            begun = question[-1].content
            assert question[-1].role == "assistant"
            assert isinstance(begun[0], Text)
            assert re.fullmatch(
                r"(Yes|No), the user will (not )?like “Title \d\d”\. "
                r"The strongest (support|objection) comes from “",
                begun[0].text,
            )
            assert len(offered) == len(context.history)
        return [np.array([float(re.search(r"\d+", one)[0]) for one in row]) for row in labels]


@pytest.fixture
def kit(linear, plain_catalogue):
    histories = {f"u{user}": [f"i{user}", f"i{user + 1}", f"i{user + 2}"] for user in range(30)}
    popularity = np.zeros(len(plain_catalogue), dtype=np.int64)
    return ExplainerKit(
        plain_catalogue, linear, popularity, surrogate=Fond(), seed=3, histories=histories
    )


def _built(name, kit, **options):
    build = getattr(shortlist, f"build_{name}")
    return build(shortlist.ShortlistOptions(**options), kit)


def _pull(linear, case, item):
    """How far an item pulls the decision's way: its weight, or less it."""
    rows = linear.catalogue.rows((item, case.item))
    return float(linear.weights[rows[0], rows[1]]) * (1 if leaning(case) == "Yes" else -1)


@pytest.mark.parametrize("name", NAMES)
def test_those_named_are_the_strongest_of_the_shortlist(name, kit, linear, linear_cases):
    explainer = _built(name, kit, size=4, cited=2)
    shortlists = [order[:4] for order in explainer.order(linear_cases)]
    written = list(explainer.explain(linear_cases))
    for case, items, text in zip(linear_cases, shortlists, written, strict=True):
        pulls = {item: _pull(linear, case, item) for item in items}
        wanted = sorted((item for item in items if pulls[item] > 0), key=lambda x: -pulls[x])[:2]
        assert list(text.meant) == wanted
        read = read_claims(text.text, case, kit.catalogue)
        assert list(read.cited) == wanted
        assert read.decision == leaning(case) or case.decision is None
        kinds = {claim.kind for claim in read.claims}
        assert not kinds & {"strongest", "order", "no_cause"}  # what was not asked is not said


def test_only_the_shortlist_is_asked_about(kit, linear, linear_cases):
    (case, *_) = [case for case in linear_cases if case.decision == "Yes"]
    linear.asked.clear()
    list(_built("surrogate", kit, size=3, cited=1).explain([case]))
    gone = {frozenset(case.history) - set(history) for history in linear.asked}
    last = sorted(case.history, key=lambda item: int(item[1:]))[-3:]
    assert gone == {frozenset(), *(frozenset({item}) for item in last)}


@pytest.mark.parametrize("name", NAMES)
def test_an_order_holds_the_whole_history_once(name, kit, linear_cases):
    for case, order in zip(linear_cases, _built(name, kit).order(linear_cases), strict=True):
        assert sorted(order) == sorted(case.history)


def test_the_surrogate_s_order_is_by_likelihood(kit, linear_cases):
    for order in _built("surrogate", kit).order(linear_cases):
        numbers = [int(item[1:]) for item in order]
        assert numbers == sorted(numbers, reverse=True)


def test_the_similar_come_in_the_order_of_the_baseline(kit, linear_cases):
    similarity = build_similarity(BaselineOptions(), kit)
    for case, order in zip(linear_cases, _built("similar", kit).order(linear_cases), strict=True):
        values = similarity.contributions(case)
        assert [values[item] for item in order] == sorted(values.values(), reverse=True)


def test_random_orders_differ_by_case_and_seed_alone(kit, linear_cases):
    first = _built("random", kit).order(linear_cases)
    again = _built("random", kit).order(linear_cases[::-1])[::-1]
    other = _built("random", replace(kit, seed=4)).order(linear_cases)
    assert first == again
    assert first != other
    firsts = [order.index(case.history[0]) for order, case in zip(first, linear_cases, strict=True)]
    assert set(firsts) == set(range(8))


def test_without_a_language_model_there_is_no_shortlist_of_it(kit):
    with pytest.raises(CapabilityError, match="needs a trained surrogate"):
        _built("surrogate", replace(kit, surrogate=None))
