"""Intervals hold the truth as often as they say: simulated, with seeds, also at the edges."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.metrics import bootstrap_interval

RUNS = 600
USERS = (10, 20, 50, 200)
ANSWERS = ((1, 0.0), (2, 0.0), (2, 0.3), (5, 0.0), (5, 0.3))
"""How many answers a user gives, and how far they correlate."""


def coverage(drawn, users, truth, **settings):
    """Share of the rows of ``drawn`` whose interval holds the truth."""
    owners = np.repeat(np.arange(users), drawn.shape[1] // users).tolist()
    intervals = [bootstrap_interval(row, owners, **settings) for row in drawn]
    return np.mean([low <= truth <= high for low, high in intervals])


def shares(rng, rate, users, answers, correlation):
    """Answers that are right or wrong, ``(RUNS, users * answers)``: beta-binomial by user."""
    if correlation:
        spread = (1 - correlation) / correlation
        own = rng.beta(rate * spread, (1 - rate) * spread, (RUNS, users, 1))
    else:
        own = np.full((RUNS, users, 1), rate)
    right = rng.random((RUNS, users, answers)) < own
    return right.reshape(RUNS, -1).astype(float)


@pytest.mark.parametrize("rate", [0.5, 0.9, 0.95, 0.99])
def test_intervals_of_shares_keep_their_promise(rate):
    rng = np.random.default_rng(round(100 * rate))
    found = {
        (users, *kind): coverage(shares(rng, rate, users, *kind), users, rate)
        for users in USERS
        for kind in ANSWERS
    }
    # 600 runs leave 0.95 uncertain by 0.009. Of 10 values at 0.99, all or all but one are right in
    # 0.996 of runs and all in 0.904: nothing lies between, so some cells hold more than they say.
    assert min(found.values()) >= 0.92, found
    assert np.mean(list(found.values())) <= 0.99
    assert all(held <= 0.99 for (number, *_), held in found.items() if number == 200), found


@pytest.mark.parametrize("users", [10, 20, 50, 200])
def test_intervals_of_partial_shares_keep_their_promise(users):
    rng = np.random.default_rng(users)
    shape = (RUNS, users)
    partly = np.where(rng.random(shape) < 0.9, 1.0, rng.random(shape))
    assert coverage(partly, users, 0.95) >= 0.915
    spread = rng.random(shape)
    assert 0.915 <= coverage(spread, users, 0.5) <= 0.995


@pytest.mark.parametrize("users", [10, 20, 50, 200])
@pytest.mark.parametrize(("worse", "better"), [(0.02, 0.08), (0.005, 0.015), (0.1, 0.1)])
def test_intervals_of_paired_differences_keep_their_promise(users, worse, better):
    rng = np.random.default_rng([users, round(1000 * worse)])
    odds = [worse, 1 - worse - better, better]
    drawn = rng.choice([-1.0, 0.0, 1.0], size=(RUNS, users), p=odds)
    assert coverage(drawn, users, better - worse, bounds=(-1.0, 1.0)) >= 0.91


@pytest.mark.parametrize("users", [5, 10, 20, 50, 200])
def test_intervals_of_other_means_keep_their_promise(users):
    drawn = np.random.default_rng(users).normal(0.3, 2.0, (RUNS, users))
    assert 0.915 <= coverage(drawn, users, 0.3, resamples=400) <= 0.985
