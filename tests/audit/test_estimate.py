from __future__ import annotations

import pytest

from recexplainer.audit.estimate import Estimate, estimated, percent


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "0%"),
        (1.0, "100%"),
        (0.001, "under 0.5%"),
        (0.005, "1%"),
        (0.9999, "over 99%"),
        (0.254, "25%"),
    ],
)
def test_none_and_all_are_said_of_none_and_all_only(share, words) -> None:
    assert percent(share) == words


def test_a_control_inside_the_interval_is_not_beside_it() -> None:
    found = Estimate(0.5, 0.4, 0.6, 10)
    assert [found.beside(control) for control in (0.3, 0.45, 0.7)] == [1, 0, -1]


def test_an_estimate_is_the_mean_within_its_interval() -> None:
    found = estimated([0.0, 1.0, 1.0, 1.0] * 30, seed=0)
    assert found.mean == 0.75
    assert found.low < 0.75 < found.high
    assert found.n == 120
