"""Figures of variants against sums by hand."""

from __future__ import annotations

import pytest

from recexplainer.metrics import bootstrap_interval, sign_flip_p
from recexplainer.records import Figure
from recexplainer.report.variant_figures import variant_figures

NAME = ("item_ranking", "ndcg@5", "leave_one_out")
FIGURE = Figure(task=NAME[0], metric=NAME[1], better="higher")
DECLARED = {NAME[:2]: FIGURE}


def answers(**values):
    """``u1_a=1.0`` is the grade of question ``a`` about user ``u1``."""
    return {NAME: {tuple(key.split("_")): value for key, value in values.items()}}


def found(variants, declared=DECLARED):
    figures = variant_figures(variants, declared, "base", seed=0)
    return {figure.variant: figure for figure in figures}


def test_means_are_over_all_answers_and_differences_over_pairs() -> None:
    variants = {
        "base": {0: answers(u1_a=1.0, u2_b=0.5, u3_c=0.0), 1: answers(u1_a=0.5)},
        "less": {0: answers(u1_a=0.5, u2_b=0.5, u3_c=None, u4_d=1.0), 1: answers(u1_a=0.0)},
    }
    told = found(variants)
    base, less = told["base"], told["less"]
    assert (base.value, base.n, base.unscored) == (0.5, 4, 0)
    assert (less.value, less.n, less.unscored) == (0.5, 4, 1)
    assert less.by_seed == {0: pytest.approx(2 / 3), 1: 0.0}
    assert base.difference is None
    # Question c has no grade, d was not asked of the base: pairs are u1 -0.5, u2 0, u1 -0.5.
    assert less.difference.value == pytest.approx(-1 / 3)
    assert less.difference.n == 3
    assert less.difference.by_seed == {0: -0.25, 1: -0.5}
    values, users = [-0.5, 0.0, -0.5], ["u1", "u2", "u1"]
    ends = bootstrap_interval(values, users, bounds=(-1.0, 1.0))
    assert (less.difference.low, less.difference.high) == ends
    assert less.difference.p == sign_flip_p(values, users, seed=0)


def test_a_question_of_another_seed_is_another_question() -> None:
    variants = {"base": {0: answers(u1_a=1.0)}, "less": {1: answers(u1_a=0.0)}}
    assert found(variants)["less"].difference is None


def test_p_values_are_corrected_for_all_comparisons_of_a_split() -> None:
    users = [f"u{number}" for number in range(12)]
    base = {NAME: {(user, "q"): 1.0 for user in users}}
    worse = {NAME: {(user, "q"): 0.0 for user in users}}
    mixed = {NAME: {(user, "q"): float(place % 2) for place, user in enumerate(users)}}
    told = found({"base": {0: base}, "worse": {0: worse}, "mixed": {0: mixed}, "same": {0: base}})
    p = {name: told[name].difference.p for name in ("worse", "mixed", "same")}
    assert p["worse"] < p["mixed"] < p["same"] == 1.0
    # Benjamini and Hochberg: the k-th smallest of m times m / k, and no more than the next one's.
    assert told["worse"].difference.adjusted_p == pytest.approx(
        min(3 * p["worse"], 3 / 2 * p["mixed"], 1.0)
    )
    assert told["same"].difference.adjusted_p == 1.0
    assert told["worse"].difference.clear
    assert not told["same"].difference.clear


def test_a_difference_whose_seeds_disagree_is_not_clear() -> None:
    users = [f"u{number}" for number in range(40)]

    def graded(value):
        return {NAME: {(user, "q"): value for user in users}}

    other = [f"v{number}" for number in range(4)]
    variants = {
        "base": {0: graded(1.0), 1: {NAME: {(user, "q"): 0.0 for user in other}}},
        "less": {0: graded(0.0), 1: {NAME: {(user, "q"): 1.0 for user in other}}},
    }
    difference = found(variants)["less"].difference
    assert difference.adjusted_p < 0.05
    assert difference.by_seed == {0: -1.0, 1: 1.0}
    assert not difference.clear


def test_a_figure_without_a_better_side_is_shown_and_not_compared() -> None:
    plain = {NAME[:2]: FIGURE.model_copy(update={"better": None})}
    variants = {"base": {0: answers(u1_a=1.0)}, "less": {0: answers(u1_a=0.0)}}
    assert found(variants, plain)["less"].difference is None
    assert found(variants, plain)["less"].value == 0.0
