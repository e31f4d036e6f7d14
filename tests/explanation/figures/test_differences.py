"""Paired differences: by hand, and narrower than two intervals side by side."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from recexplainer.explanation.figures.differences import difference_metrics, difference_tests
from recexplainer.explanation.figures.measures import explanation_metrics
from recexplainer.metrics import sign_flip_p
from recexplainer.records import Check, Explanation


def _explained(case, explainer, value):
    checks = (Check(name="faithfulness_drop", value=value),)
    return Explanation(case=case.id, explainer=explainer, text="t", checks=checks)


def _drops(metrics):
    return [metric for metric in metrics if metric.metric == "faithfulness_drop"]


def test_the_mean_is_that_of_the_cases_both_were_scored_on(linear_cases):
    cases = linear_cases[:3]
    first = [_explained(case, "a", value) for case, value in zip(cases, (1, 2, None), strict=True)]
    second = [_explained(case, "b", value) for case, value in zip(cases, (1.5, 4, 9), strict=True)]
    (metric,) = _drops(difference_metrics([*first, *second], cases, seed=0))
    assert (metric.subject, metric.task) == ("b", "explanation_difference")
    assert metric.value == pytest.approx((0.5 + 2.0) / 2)
    assert (metric.n, metric.unscored) == (2, 1)


def test_one_explainer_alone_differs_from_nobody(linear_cases):
    assert difference_metrics([_explained(linear_cases[0], "a", 1.0)], linear_cases, seed=0) == []


def test_pairing_sees_what_two_intervals_hide(linear_cases):
    cases = [case.model_copy(update={"user": f"u{row}"}) for row, case in enumerate(linear_cases)]
    easy = np.random.default_rng(0).normal(scale=5, size=len(cases))
    first = [_explained(case, "a", value) for case, value in zip(cases, easy, strict=True)]
    second = [_explained(case, "b", value + 0.3) for case, value in zip(cases, easy, strict=True)]
    both = [*first, *second]
    (difference,) = _drops(difference_metrics(both, cases, seed=0))
    assert difference.low == pytest.approx(0.3)
    assert difference.high == pytest.approx(0.3)
    a, b = _drops(explanation_metrics(both, cases, seed=0))
    assert b.low < a.high


def test_the_sign_test_is_that_of_all_signs():
    """Of eight users the signs can be counted: exactly 2 of 256 are as far as all of one sign."""
    differences = [1.0, 2.0, 0.5, 3.0, 1.5, 2.5, 0.2, 0.7]
    p = sign_flip_p(differences, list("abcdefgh"), seed=0)
    assert p == pytest.approx(2 / 256, abs=0.006)
    assert sign_flip_p([1.0, -1.0] * 4, list("aabbccdd"), seed=0) == 1.0
    mixed = [1.0, -2.0, 0.5, 3.0, -1.5, 2.5]
    sums = [abs(np.dot(signs, mixed)) for signs in product((1, -1), repeat=6)]
    exact = np.mean([one >= abs(sum(mixed)) - 1e-9 for one in sums])
    assert sign_flip_p(mixed, list("abcdef"), seed=1) == pytest.approx(exact, abs=0.04)


def test_p_values_are_adjusted_for_all_that_is_compared(linear_cases):
    """By hand, the largest of k * p / rank from behind, over all explainers of the split."""
    cases = [case.model_copy(update={"user": f"u{row}"}) for row, case in enumerate(linear_cases)]
    rng = np.random.default_rng(2)
    texts = [_explained(case, "a", 0.0) for case in cases]
    plain = {}
    for name, shift in (("b", 0.25), ("c", 0.2), ("d", 0.0), ("e", 0.05)):
        values = (rng.normal(size=len(cases)) + shift).tolist()
        plain[name] = sign_flip_p(values, [case.user for case in cases], seed=0)
        texts += [_explained(case, name, one) for case, one in zip(cases, values, strict=True)]
    found = {one.subject: one.value for one in _drops(difference_tests(texts, cases, seed=0))}
    ranked = sorted(plain, key=plain.__getitem__)
    least = 1.0
    for rank in range(len(ranked), 0, -1):
        least = min(least, plain[ranked[rank - 1]] * len(ranked) / rank)
        assert found[ranked[rank - 1]] == pytest.approx(least)


def test_a_difference_that_nobody_scored_has_no_p_value(linear_cases):
    cases = linear_cases[:3]
    texts = [_explained(case, name, None) for name in ("a", "b") for case in cases]
    (metric,) = _drops(difference_tests(texts, cases, seed=0))
    assert (metric.value, metric.n, metric.unscored) == (None, 0, 3)
