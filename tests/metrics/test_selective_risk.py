"""Areas and corners against sums done by hand, and against every order of equals."""

from __future__ import annotations

from itertools import permutations
from statistics import mean

import numpy as np
import pytest

from recexplainer.metrics import area_interval, area_under_risk, risk_steps


def _area_of(order):
    return mean(mean(order[: k + 1]) for k in range(len(order)))


def test_corners_are_the_mean_risk_of_all_that_are_at_least_as_sure():
    steps = risk_steps([0.2, 0.9, 0.9, 0.5], [1.0, 0.0, 0.5, 0.25])
    assert steps == [
        (0.9, 2, pytest.approx(0.25)),
        (0.5, 3, pytest.approx(0.25)),
        (0.2, 4, pytest.approx(0.4375)),
    ]


def test_area_is_the_mean_over_coverages():
    # the most confident first: 0, then 1 and 0: risks of the first one, two and three
    assert area_under_risk([3, 1, 2], [0, 0, 1]) == pytest.approx((0 + 1 / 2 + 1 / 3) / 3)


def test_equals_count_as_all_their_orders_on_average():
    confidences, risks = [0.7, 0.7, 0.7, 0.1, 0.1], [0.0, 1.0, 0.4, 1.0, 0.2]
    orders = [
        _area_of([*first, *rest])
        for first in permutations(risks[:3])
        for rest in permutations(risks[3:])
    ]
    assert area_under_risk(confidences, risks) == pytest.approx(mean(orders))


def test_a_confidence_that_says_nothing_gets_the_mean_risk():
    risks = np.random.default_rng(3).random(50)
    assert area_under_risk(np.full(50, 0.4), risks) == pytest.approx(risks.mean())


def test_the_right_order_is_the_best_and_its_reverse_the_worst():
    risks = np.random.default_rng(4).random(40)
    best, worst = area_under_risk(-risks, risks), area_under_risk(risks, risks)
    drawn = [area_under_risk(np.random.default_rng(100 + k).random(40), risks) for k in range(200)]
    assert best < min(drawn) < max(drawn) < worst
    assert mean(drawn) == pytest.approx(risks.mean(), abs=0.02)


def test_interval_holds_the_area_and_narrows_with_more_users():
    rng = np.random.default_rng(5)

    def interval(users):
        sure = rng.random(users)
        risks = (rng.random(users) > sure).astype(float)
        area = area_under_risk(sure, risks)
        low, high = area_interval(sure, risks, list(range(users)), seed=1)
        assert low < area < high
        return high - low

    assert interval(800) < interval(50)


def test_users_are_drawn_with_all_their_items():
    # Whatever is drawn is one user's: what is left is the width that one user's word has.
    area = area_under_risk([0.1, 0.2, 0.3], [1, 0, 1])
    low, high = area_interval([0.1, 0.2, 0.3], [1, 0, 1], ["u", "u", "u"])
    assert (low, high) == pytest.approx((0.05 * area, 1 - 0.05 * (1 - area)))


def test_no_failure_among_ten_is_no_area_of_nothing():
    low, high = area_interval([0.5] * 10, [0] * 10, list(range(10)))
    assert low == 0
    assert high == pytest.approx(1 - 0.05**0.1)


def test_nothing_has_no_area():
    with pytest.raises(ValueError, match="at least one"):
        area_under_risk([], [])
