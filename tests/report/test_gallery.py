"""Choice of cases: by the rule that the report states, checked by taking cases in turn by hand."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from recexplainer.records import Check
from recexplainer.report.gallery import choose_cases


@pytest.fixture
def a_case(make_explained):
    def made(number, group, explainer="hybrid"):
        checks = (Check(name="true_as_read", value=0.0 if group == "false" else 1.0),)
        one = make_explained(number, explainer=explainer, checks=checks)
        return one.model_copy(update={"abstained": group == "withheld"})

    return made


@pytest.fixture
def a_run(a_case):
    """Return a run with so many texts of each group, the groups mixed by number."""

    def made(given, withheld, false):
        groups = ["given"] * given + ["withheld"] * withheld + ["false"] * false
        return [a_case(number, group) for number, group in enumerate(groups)][::-1]

    return made


def number(chosen):
    return int(chosen.shown.case.user[1:])


def taken_in_turn(sizes, count):
    """How many of each group are taken: one each, round by round, until there are enough."""
    taken = dict.fromkeys(sizes, 0)
    while sum(taken.values()) < min(count, sum(sizes.values())):
        for group, size in sizes.items():
            if taken[group] < size and sum(taken.values()) < count:
                taken[group] += 1
    return taken


@pytest.mark.parametrize("count", [1, 2, 9, 10, 25])
@pytest.mark.parametrize(
    "sizes",
    [(40, 0, 0), (0, 0, 12), (100, 2, 1), (30, 30, 30), (3, 9, 0), (496, 0, 4), (1, 1, 1)],
)
def test_groups_are_taken_in_turn(a_run, sizes, count):
    found = choose_cases(a_run(*sizes), count=count, seed=3)
    named = dict(zip(("given", "withheld", "false"), sizes, strict=True))
    drawn = Counter(one.chosen_as for one in found.cases)
    assert {group: drawn[group] for group in named} == taken_in_turn(named, count)
    assert len({number(one) for one in found.cases}) == len(found.cases)
    assert found.sizes == {group: size for group, size in named.items() if size}


def test_each_case_is_in_the_group_that_its_checks_say(a_run):
    found = choose_cases(a_run(5, 4, 3), count=12)
    members = {"given": range(5), "withheld": range(5, 9), "false": range(9, 12)}
    assert all(number(one) in members[one.chosen_as] for one in found.cases)


def test_what_is_withheld_since_it_is_false_is_false_and_the_unchecked_is_not(make_explained):
    refuted = make_explained(1, checks=(Check(name="refuted", value=1.0),))
    unchecked = make_explained(2, checks=(Check(name="true_as_read", value=None),))
    found = choose_cases([refuted.model_copy(update={"abstained": True}), unchecked])
    assert {number(one): one.chosen_as for one in found.cases} == {1: "false", 2: "given"}


def test_within_a_group_any_case_is_as_likely(a_run):
    everything = a_run(40, 0, 20)
    drawn = Counter(
        number(one) for seed in range(200) for one in choose_cases(everything, seed=seed).cases
    )
    # Five of 40 given each time: 25 expected of each; fewer than 5 has a chance of 1e-7.
    assert min(drawn[k] for k in range(40)) >= 5
    # Five of 20 false: 50 expected.
    assert min(drawn[k] for k in range(40, 60)) >= 20


def test_how_good_a_text_is_otherwise_does_not_count(a_run):
    """The same draw comes out whatever the judges say of the texts: no best ones are sought."""
    plain = a_run(30, 5, 5)
    better = [one.model_copy(update={"grades": {"strict": k % 5}}) for k, one in enumerate(plain)]
    assert [number(one) for one in choose_cases(plain, seed=4).cases] == [
        number(one) for one in choose_cases(better, seed=4).cases
    ]


def test_the_seed_decides(a_run):
    everything = a_run(40, 5, 5)
    assert choose_cases(everything, seed=1) == choose_cases(everything, seed=1)
    assert choose_cases(everything, seed=1) != choose_cases(everything, seed=2)


def test_the_first_ten_of_a_longer_draw_are_a_draw_of_ten(a_run):
    everything = a_run(20, 6, 3)
    ten, more = choose_cases(everything, seed=8), choose_cases(everything, count=17, seed=8)
    assert more.first == ten.first
    assert ten.further == ()
    assert len(more.further) == 7
    assert {number(one) for one in (*more.first, *more.further)} == {
        number(one) for one in more.cases
    }


def test_cases_are_shown_group_by_group(a_run):
    shown = choose_cases(a_run(20, 6, 3), count=29, seed=8)
    for part in (shown.first, shown.further):
        order = [["given", "withheld", "false"].index(one.chosen_as) for one in part]
        assert all(one <= other for one, other in pairwise(order))


def test_the_rule_counts_what_is_shown_and_what_there_is(a_run):
    rule = choose_cases(a_run(1_496, 0, 3), seed=6).rule
    assert "seed 6" in rule
    assert "7 of 1,496 given" in rule
    assert "3 of 3 false" in rule
    assert "withheld" not in rule


@pytest.mark.parametrize("count", range(8))
def test_few_cases_are_all_shown_once(a_run, count):
    assert sorted(number(one) for one in choose_cases(a_run(count, 0, 0)).cases) == [*range(count)]


def test_other_explainers_are_put_beside(a_case):
    own, other = a_case(7, "given"), a_case(7, "false", "occlusion")
    found = choose_cases([other, own, a_case(8, "given", "occlusion")], explainer="hybrid")
    (chosen,) = found.cases
    assert chosen.shown == own
    assert chosen.others == (other,)
