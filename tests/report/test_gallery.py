from __future__ import annotations

from collections import Counter

import pytest

from recexplainer.records import Check
from recexplainer.report.gallery import choose_cases


@pytest.fixture
def graded(make_explained):
    """Forty cases; number k decides as the target does from 20 on, and moves the target by k."""

    def one(number, explainer="hybrid"):
        checks = (
            Check(name="decision_agreement", value=float(number >= 20)),
            Check(name="faithfulness_drop", value=float(number)),
        )
        return make_explained(number, explainer=explainer, checks=checks)

    return one


def number(chosen):
    return int(chosen.shown.case.user[1:])


def chosen_numbers(cases, chosen_as):
    return [number(chosen) for chosen in cases if chosen.chosen_as == chosen_as]


def test_ten_cases_are_random_worst_and_best(graded):
    cases = choose_cases([graded(k) for k in range(40)], seed=3)
    assert Counter(case.chosen_as for case in cases) == {"random": 4, "worst": 3, "best": 3}
    assert len({number(case) for case in cases}) == 10
    others = [k for k in range(40) if k not in chosen_numbers(cases, "random")]
    assert chosen_numbers(cases, "worst") == others[:3]
    assert chosen_numbers(cases, "best") == others[:-4:-1]


def test_random_cases_are_drawn_from_all(graded):
    everything = [graded(k) for k in range(40)]
    drawn = [
        k for s in range(200) for k in chosen_numbers(choose_cases(everything, seed=s), "random")
    ]
    # 800 draws: each case is expected 20 times, extremes included (chance of fewer than 5: 1e-5).
    assert min(Counter(drawn)[k] for k in (0, 1, 2, 37, 38, 39)) >= 5


def test_the_seed_decides(graded):
    everything = [graded(k) for k in range(40)]
    assert choose_cases(everything, seed=1) == choose_cases(everything, seed=1)
    assert choose_cases(everything, seed=1) != choose_cases(everything, seed=2)


def test_few_cases_are_all_shown_once(graded):
    for count in range(8):
        cases = choose_cases([graded(k) for k in range(count)])
        assert sorted(number(case) for case in cases) == list(range(count))


def test_unscored_is_neither_best_nor_worst(make_explained):
    agrees, unknown, differs = (
        make_explained(k, checks=(Check(name="decision_agreement", value=value),))
        for k, value in enumerate((1.0, None, 0.0))
    )
    everything = [unknown, agrees, differs]
    for seed in range(20):
        cases = choose_cases(everything, count=3, seed=seed)
        worst, best = chosen_numbers(cases, "worst"), chosen_numbers(cases, "best")
        assert worst + best == sorted(worst + best, reverse=True)


def test_other_explainers_are_put_beside(graded):
    own, other = graded(7), graded(7, explainer="occlusion")
    (chosen,) = choose_cases([other, own, graded(8, explainer="occlusion")], explainer="hybrid")
    assert chosen.shown == own
    assert chosen.others == (other,)
