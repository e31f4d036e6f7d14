"""A sample has every kind of case in its share, and is the same again."""

from __future__ import annotations

from collections import Counter

import pytest

from recexplainer.judging.case_sample import expected_intervals, sample_cases
from recexplainer.records import Case


def a_case(number, decision="Yes", split="leave_one_out", user=None):
    return Case(
        id=f"c{number}", user=user or f"u{number}", history=("h",), item="i", split=split,
        decision=decision, score=0.0, rank=1, candidates=2,
    )  # fmt: skip


def kind(case):
    return case.decision, case.split


CASES = [
    *(a_case(n, "Yes") for n in range(100)),
    *(a_case(n, "No") for n in range(100, 160)),
    *(a_case(n, "No", "held_out_users") for n in range(160, 200)),
    *(a_case(n, None) for n in range(200, 300)),
]


def test_each_kind_has_its_share():
    drawn = sample_cases(CASES, 50, 0, kind)
    assert len({case.id for case in drawn}) == 50
    assert Counter(map(kind, drawn)) == {
        ("Yes", "leave_one_out"): 25,
        ("No", "leave_one_out"): 15,
        ("No", "held_out_users"): 10,
    }


def test_the_start_of_a_sample_is_a_sample_and_a_larger_one_goes_on_from_it():
    drawn = sample_cases(CASES, 60, 0, kind)
    assert drawn[:20] == sample_cases(CASES, 20, 0, kind)
    assert Counter(map(kind, drawn[:20])) == {
        ("Yes", "leave_one_out"): 10,
        ("No", "leave_one_out"): 6,
        ("No", "held_out_users"): 4,
    }


def test_it_is_the_same_again_and_another_with_another_seed():
    assert sample_cases(CASES, 30, 4, kind) == sample_cases(CASES, 30, 4, kind)
    assert sample_cases(CASES, 30, 4, kind) != sample_cases(CASES, 30, 5, kind)
    # Every case can be drawn.
    met = {case.id for seed in range(60) for case in sample_cases(CASES, 30, seed, kind)}
    assert met == {case.id for case in CASES if case.decision}


def test_no_more_than_there_are():
    assert len(sample_cases(CASES, 10_000, 0, kind)) == 200
    assert sample_cases([a_case(0, None)], 5, 0, kind) == []


def test_the_intervals_to_expect_are_those_of_users():
    cases = [a_case(n, user=f"u{n // 2}") for n in range(50)]
    (said,) = expected_intervals(cases).split("; ")
    assert said.startswith("leave_one_out, 50 cases of 25 users: ")
    low, high = said.rsplit(": ", 1)[1].split(" to ")
    assert float(low) == pytest.approx(1.96 * 0.5 / 5, abs=0.005)
    assert float(high) == pytest.approx(1.96 * 1.0 / 5, abs=0.005)
