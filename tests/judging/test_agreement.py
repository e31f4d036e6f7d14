from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from recexplainer.judging.agreement import JUDGES, agreement_metrics
from recexplainer.judging.ratings import rating_metrics
from recexplainer.records import Case, Verdict


def _cases(count):
    return [
        Case(
            id=str(n),
            user=f"u{n}",
            history=("a",),
            item="x",
            split="leave_one_out",
            decision="Yes",
            score=1.0,
            rank=1,
            candidates=10,
        )
        for n in range(count)
    ]


def _verdicts(judge, grades):
    return [
        Verdict(case=str(n), explainer="e", judge=judge, grade=grade)
        for n, grade in enumerate(grades)
    ]


def _both(*grades):
    verdicts = [
        v for name, given in zip("abc", grades, strict=False) for v in _verdicts(name, given)
    ]
    return agreement_metrics(verdicts, _cases(len(grades[0])), 0, JUDGES)


def _agreement(*grades):
    alpha, _ = _both(*grades)
    return alpha


def _ac2(*grades):
    _, ac2 = _both(*grades)
    assert ac2.metric == "judge_agreement_ac2"
    return ac2


def _ordinal_alpha(first, second):
    """Alpha of two complete raters, from Krippendorff's own definition."""
    values = [*first, *second]
    counts = [values.count(grade) for grade in (1, 2, 3, 4)]

    def distance(a, b):
        low, high = sorted((a, b))
        between = sum(counts[low - 1 : high])
        return (between - (counts[low - 1] + counts[high - 1]) / 2) ** 2

    observed = sum(distance(a, b) for a, b in zip(first, second, strict=True)) / len(first)
    n = len(values)
    expected = sum(distance(a, b) for a in values for b in values) / (n * (n - 1))
    return 1 - observed / expected


def test_alpha_follows_its_definition():
    rng = np.random.default_rng(3)
    first = rng.integers(1, 5, 60).tolist()
    second = [int(min(4, max(1, g + rng.integers(-1, 2)))) for g in first]
    metric = _agreement(first, second)
    assert metric.value == pytest.approx(_ordinal_alpha(first, second))
    assert metric.low < metric.value < metric.high
    assert (metric.n, metric.unscored) == (60, 0)
    kappa = cohen_kappa_score(first, second, weights="quadratic")
    assert metric.value == pytest.approx(kappa, abs=0.1)


def test_the_same_grades_agree_fully_and_chance_does_not():
    rng = np.random.default_rng(0)
    one, other = rng.integers(1, 5, 400).tolist(), rng.integers(1, 5, 400).tolist()
    assert _agreement(one, one, one).value == 1.0
    assert abs(_agreement(one, other).value) < 0.1


def test_what_one_judge_left_open_takes_no_part():
    metric = _agreement([1, 2, 3, 4, None], [1, 2, 3, None, 4])
    assert (metric.value, metric.n, metric.unscored) == (1.0, 3, 2)


def test_one_grade_throughout_says_nothing_about_agreement():
    metric = _agreement([3, 3, 3], [3, 3, 3])
    assert (metric.value, metric.n, metric.unscored) == (None, 0, 3)


def test_ac2_follows_its_hand_sum():
    """Two judges, grades 1,1 / 1,2 / 2,2 / 4,1 of 1 to 4; ordinal weights 1, 5/6, 1/2, 0.

    Agreed: (1 + 5/6 + 1 + 0) / 4. Shares of grades: 1/2, 3/8, 0, 1/8; their p(1-p) sum to 19/32.
    Weights sum to 4 + 6 * 5/6 + 4 * 1/2 = 11, so by chance: 11/12 * 19/32.
    """
    agreed, chance = (1 + 5 / 6 + 1 + 0) / 4, 11 / 12 * 19 / 32
    metric = _ac2([1, 1, 2, 4], [1, 2, 2, 1])
    assert metric.value == pytest.approx((agreed - chance) / (1 - chance))


def test_ac2_counts_every_pair_of_three_judges():
    """By brute force over pairs of judges, where some left cases open."""
    rng = np.random.default_rng(1)
    grades = rng.integers(1, 5, size=(3, 40)).tolist()
    grades[2][:15] = [None] * 15
    weight = {0: 1.0, 1: 5 / 6, 2: 1 / 2, 3: 0.0}
    agreed, shares = [], np.zeros(4)
    for column in zip(*grades, strict=True):
        own = [grade for grade in column if grade is not None]
        pairs = [(a, b) for i, a in enumerate(own) for j, b in enumerate(own) if i != j]
        agreed.append(np.mean([weight[abs(a - b)] for a, b in pairs]))
        for grade in own:
            shares[grade - 1] += 1 / len(own) / 40
    chance = 11 / 12 * (shares * (1 - shares)).sum()
    metric = _ac2(*grades)
    assert metric.value == pytest.approx((np.mean(agreed) - chance) / (1 - chance))
    assert metric.low < metric.value < metric.high


def test_ac2_holds_up_where_nearly_all_grades_are_the_same():
    first, second = [4] * 38 + [3, 4], [4] * 38 + [4, 3]
    assert _agreement(first, second).value < 0.0
    assert _ac2(first, second).value > 0.95
    assert _ac2([3, 3, 3], [3, 3, 3]).value == 1.0


def test_one_judge_has_nobody_to_agree_with():
    assert agreement_metrics(_verdicts("a", [1, 2]), _cases(2), 0, JUDGES) == []


def test_each_of_several_judges_is_rated_by_itself_too():
    verdicts = [*_verdicts("a", [1, 1]), *_verdicts("b", [4, 2])]
    ratings = rating_metrics(verdicts, _cases(2), 0)
    assert {metric.metric: metric.value for metric in ratings} == {
        "judge_rating": 2.0,
        "judge_rating:a": 1.0,
        "judge_rating:b": 3.0,
    }
