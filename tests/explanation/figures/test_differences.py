"""Paired differences: by hand, and narrower than two intervals side by side."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.explanation.figures.differences import difference_metrics
from recexplainer.explanation.figures.measures import explanation_metrics
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
