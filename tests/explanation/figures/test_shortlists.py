"""Recall, drop and questions of shortlists, against a target whose pulls are given."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.explanation.cases import make_case
from recexplainer.explanation.figures.shortlists import shortlist_metrics
from recexplainer.oracle import Oracle, leaning
from recexplainer.records import Context

SIZE = 12


@pytest.fixture
def oracle(linear, plain_catalogue):
    return Oracle(linear, plain_catalogue)


@pytest.fixture
def cases(oracle):
    """Histories of twelve, so that eight are not all."""
    contexts = [
        Context(f"u{user}", SIZE, tuple(f"i{row}" for row in range(user, user + SIZE)), "all")
        for user in range(10)
    ]
    return [
        make_case(oracle, context, f"i{item}")
        for context in contexts
        for item in (25, 28, 31, 34, 37)
    ]


@pytest.fixture
def pulls(linear, cases):
    """Each case's items to how far they pull the decision's way: their weights."""
    found = []
    for case in cases:
        sign = 1 if leaning(case) == "Yes" else -1
        column = linear.catalogue.row(case.item)
        rows = linear.catalogue.rows(case.history)
        weights = (sign * float(linear.weights[row, column]) for row in rows)
        found.append(dict(zip(case.history, weights, strict=True)))
    return found


def _figures(orders, cases, oracle):
    return {
        (metric.subject, metric.metric): metric
        for metric in shortlist_metrics(orders, cases, oracle, seed=0)
    }


def _best_first(pulls):
    return [sorted(own, key=lambda item: -own[item]) for own in pulls]


def test_recall_counts_where_the_strongest_cause_stands(cases, pulls, oracle):
    best = _best_first(pulls)
    fourth = [[*own[1:4], own[0], *own[4:]] for own in best]
    last = [own[::-1] for own in best]
    found = _figures(
        {"shortlist-surrogate": best, "shortlist-similar": fourth, "shortlist-random": last},
        cases,
        oracle,
    )
    recalls = {
        name: [found[f"shortlist-{name}", f"recall@{k}"].value for k in (1, 3, 8)]
        for name in ("surrogate", "similar", "random")
    }
    assert recalls == {"surrogate": [1, 1, 1], "similar": [0, 0, 1], "random": [0, 0, 0]}
    beyond = found["shortlist-surrogate", "recall@8_beyond_random"]
    assert (beyond.value, beyond.n) == (1.0, len(cases))
    assert found["shortlist-surrogate", "recall@1_beyond_similar"].value == 1.0
    assert found["shortlist-surrogate", "recall@8_beyond_similar"].value == 0.0


def test_a_shortlist_with_the_three_strongest_drops_as_far_as_asking_about_all(
    cases, pulls, oracle
):
    best = _best_first(pulls)
    found = _figures({"shortlist-surrogate": best}, cases, oracle)
    own, everything = found["shortlist-surrogate", "drop"], found["occlusion", "drop"]
    assert own.value == pytest.approx(everything.value)
    assert own.value > 0.5
    assert ("occlusion", "recall@8") not in found


def test_a_shortlist_without_any_cause_drops_by_nothing(cases, pulls, oracle):
    against = [[item for item in own if own[item] < 0][:8] for own in pulls]
    assert all(against)
    found = _figures({"shortlist-random": against}, cases, oracle)
    drop = found["shortlist-random", "drop"]
    assert (drop.value, drop.n, drop.unscored) == (0.0, len(cases), 0)


def test_questions_are_those_that_the_target_was_asked(linear, plain_catalogue, cases, pulls):
    """One for the whole history, eight removals, and what is named together: two, then three."""
    (case, own) = next(
        (case, own)
        for case, own in zip(cases, pulls, strict=True)
        if sum(value > 0 for value in own.values()) >= 3
    )
    best = _best_first([own])
    found = _figures({"shortlist-surrogate": best}, [case], Oracle(linear, plain_catalogue))
    assert found["shortlist-surrogate", "questions"].value == 1 + 8 + 2
    assert found["occlusion", "questions"].value == 1 + SIZE + 2


def test_a_decision_without_a_cause_is_not_scored(linear, plain_catalogue, cases):
    linear.weights = np.zeros_like(linear.weights)
    alone = cases[:4]
    orders = [list(case.history) for case in alone]
    found = _figures({"shortlist-random": orders}, alone, Oracle(linear, plain_catalogue))
    recall = found["shortlist-random", "recall@8"]
    assert (recall.value, recall.n, recall.unscored) == (None, 0, 4)
    assert found["occlusion", "short_histories"].value == 0.0


def test_short_histories_are_counted(cases, oracle):
    shortened = [case.model_copy(update={"history": case.history[:8]}) for case in cases[:5]]
    both = [*shortened, *cases[5:10]]
    found = _figures({"shortlist-random": [list(one.history) for one in both]}, both, oracle)
    assert found["occlusion", "short_histories"].value == 0.5
