"""Checks against sums done by hand on a linear target."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from recexplainer.explanation.cases import make_case
from recexplainer.explanation.checks.checker import check_explanations
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.figures.measures import explanation_metrics
from recexplainer.oracle import Oracle
from recexplainer.records import Catalogue, Context, Explanation, Item


@pytest.fixture
def small(linear):
    """Two users of four items over six; the weights are small whole numbers."""
    catalogue = Catalogue([Item(id=name, title=f"Title {name}") for name in "abcdxy"])
    linear.catalogue = catalogue
    linear.weights = np.array(
        [
            # a  b  c  d  x   y
            [0, 0, 0, 0, 6, -1],
            [0, 0, 0, 0, 1, -2],
            [0, 0, 0, 0, 2, -4],
            [0, 0, 0, 0, -1, 1],
            [0, 0, 0, 0, 0, 0],
            [0, 0, 0, 0, 0, 0],
        ],
        dtype=np.float32,
    )
    context = Context("u", 4, ("a", "b", "c", "d"), "held_out_users")
    cases = {item: make_case(Oracle(linear, catalogue), context, item) for item in "xy"}
    return linear, catalogue, cases


def _explained(case, cited=(), decision="Yes", claims=()):
    return Explanation(
        case=case.id, explainer="e", text="", decision=decision, cited=cited, claims=claims
    )


def _check(small, explanation, seed=0):
    target, catalogue, cases = small
    (checked,) = check_explanations(
        [explanation], list(cases.values()), Oracle(target, catalogue), seed=seed
    )
    return checked


def _detail(checked, name):
    return next(check.detail for check in checked.checks if check.name == name)


# scores of the whole history: a b c d are 0, x is 6+1+2-1 = 8, y is -1-2-4+1 = -6
SPREAD = float(np.std([0, 0, 0, 0, 8, -6]))


@pytest.mark.parametrize(
    ("item", "cited", "expected", "left"),
    [
        # x (Yes): removing a costs 6; removing b, c or d costs (1 + 2 - 1) / 3
        ("x", ("a",), (6 - 2 / 3) / SPREAD, 2.0),
        # removing d gains 1; removing a, b or c costs (6 + 1 + 2) / 3
        ("x", ("d",), (-1 - 3) / SPREAD, 9.0),
        # two cited: 6 + 2, against the only other pair: 1 - 1
        ("x", ("a", "c"), 8 / SPREAD, 0.0),
        # y (No): what speaks against it are negative weights; removing c gains 4
        ("y", ("c",), (4 - (1 + 2 - 1) / 3) / SPREAD, -2.0),
        ("y", ("d",), (-1 - (1 + 2 + 4) / 3) / SPREAD, -7.0),
    ],
)
def test_faithfulness_drop_is_the_hand_computed_one(small, item, cited, expected, left) -> None:
    checked = _check(small, _explained(small[2][item], cited))
    assert checked.check("faithfulness_drop") == pytest.approx(expected, abs=1e-6)
    assert checked.check("score_without") == left


def test_an_item_that_is_cited_twice_is_removed_once(small) -> None:
    once = _check(small, _explained(small[2]["x"], ("a",)))
    twice = _check(small, _explained(small[2]["x"], ("a", "a")))
    assert once.checks == twice.checks


@pytest.mark.parametrize(("cited", "score_left"), [((), None), (("a", "b", "c", "d"), 0.0)])
def test_nothing_or_everything_cited_is_not_scored(small, cited, score_left) -> None:
    checked = _check(small, _explained(small[2]["x"], cited))
    assert checked.check("faithfulness_drop") is None
    assert checked.check("score_without") == score_left
    assert next(check for check in checked.checks if check.name == "faithfulness_drop").detail


def test_more_than_half_cited_leaves_no_control_and_is_not_scored(small) -> None:
    checked = _check(small, _explained(small[2]["x"], ("a", "b", "c")))
    assert checked.check("faithfulness_drop") is None
    assert checked.check("score_without") == -1.0


def test_rank_without_is_the_targets_rank_among_the_same_candidates(small) -> None:
    checked = _check(small, _explained(small[2]["x"], ("a", "c")))
    # without a and c: x is 0, y is -1; the removed a and c stay seen, though they score 0 too
    assert checked.check("rank_without") == 1.0
    worse = _check(small, _explained(small[2]["y"], ("b", "c")))
    # without b and c: y is 0, x is 5
    assert worse.check("rank_without") == 2.0
    assert _detail(worse, "rank_without") == "rank 2 to 2 of 2"


def test_what_came_before_the_window_is_no_candidate_either(small) -> None:
    target, catalogue, _ = small
    context = Context("u", 5, ("a", "b", "c", "d"), "held_out_users")
    case = make_case(Oracle(target, catalogue), context, "y", excluded=("x", *context.history))
    assert (case.rank, case.candidates, case.earlier) == (1, 1, ("x",))
    (checked,) = check_explanations(
        [_explained(case, ("d",))], [case], Oracle(target, catalogue), seed=0
    )
    assert _detail(checked, "rank_without") == "rank 1 to 1 of 1"


def test_random_controls_are_drawn_from_the_uncited_only(linear, plain_catalogue, linear_cases):
    """With many subsets the controls are random; their mean lies within what is possible."""
    case = linear_cases[0]
    cited = case.history[:2]
    (checked,) = check_explanations(
        [_explained(case, cited)], linear_cases, Oracle(linear, plain_catalogue), seed=4
    )
    row = plain_catalogue.row(case.item)
    weight = {item: linear.weights[plain_catalogue.row(item), row] for item in case.history}
    spread = float(np.std(linear.scores([case.history])[0].astype(float)))
    direction = 1 if (case.decision or "Yes") == "Yes" else -1
    own = direction * sum(weight[item] for item in cited)
    pairs = [
        direction * sum(weight[item] for item in pair) for pair in combinations(case.history[2:], 2)
    ]
    drop = checked.check("faithfulness_drop")
    assert (own - max(pairs)) / spread <= drop <= (own - min(pairs)) / spread
    again = check_explanations(
        [_explained(linear_cases[1]), _explained(case, cited)],
        linear_cases,
        Oracle(linear, plain_catalogue),
        seed=4,
    )
    assert again[1].checks == checked.checks


def test_no_history_is_asked_twice(linear, plain_catalogue, linear_cases) -> None:
    explanations = [_explained(case, case.history[:1]) for case in linear_cases[:20]]
    linear.asked.clear()
    check_explanations(explanations, linear_cases, Oracle(linear, plain_catalogue), seed=0)
    assert len(linear.asked) == len(set(linear.asked))
    # one user, so: the whole history, without the first, without each of the other seven,
    # and with only the first; the trials of the confidence leave out two or more
    history = linear_cases[0].history
    checked = {history, history[1:], history[:1]}
    checked |= {tuple(item for item in history if item != gone) for gone in history[1:]}
    assert checked <= set(linear.asked)
    assert all(len(asked) <= 6 for asked in set(linear.asked) - checked)


@pytest.mark.parametrize(("decision", "agreement"), [("Yes", 1.0), ("No", 0.0), (None, 0.0)])
def test_a_missing_decision_disagrees(small, decision, agreement) -> None:
    assert _check(small, _explained(small[2]["x"], decision=decision)).check(
        "decision_agreement"
    ) == pytest.approx(agreement)


def test_an_undecided_target_is_not_agreed_with(linear, plain_catalogue, linear_cases) -> None:
    case = next(case for case in linear_cases if case.decision is None)
    (checked,) = check_explanations(
        [_explained(case, case.history[:1])], linear_cases, Oracle(linear, plain_catalogue), seed=0
    )
    assert checked.check("decision_agreement") is None
    assert checked.check("faithfulness_drop") is not None


@pytest.mark.parametrize(
    ("text", "grounding", "hallucinated"),
    [
        ("Yes.", None, None),
        ("Yes, “Fargo” it is.", None, None),
        ("Yes: “Alien”, “Heat”.", 1.0, 0.0),
        ("Yes: “Alien”, “Aliens”.", 0.5, 0.5),
        ("Yes: “Alien”, “Alien”, “ALIEN”, “Aliens”.", 0.5, 0.5),
        ("Yes: “Made Up One” and “Made Up Two”.", 0.0, 1.0),
        ("Yes: Crime and War.", 0.5, None),
        ("Yes: “Alien”, “Aliens”, Crime, War.", 0.5, 0.5),
        ("Yes: “Alien”, “Made Up”, Crime, crime, Horror.", 0.75, 0.5),
    ],
)
def test_grounding_and_hallucination_count_each_thing_once(
    text, grounding, hallucinated, linear, films, film_case
) -> None:
    linear.catalogue, linear.weights = films, np.zeros((len(films),) * 2, dtype=np.float32)
    reading = ClaimReader(films).read(text, film_case)
    explanation = Explanation(
        case=film_case.id,
        explainer="e",
        text=text,
        decision=reading.decision,
        cited=reading.cited,
        claims=reading.claims,
    )
    (checked,) = check_explanations([explanation], [film_case], Oracle(linear, films), seed=0)
    assert checked.check("grounding") == grounding
    assert checked.check("hallucinated") == hallucinated
    # such a target scores all items alike, so there is no unit to measure a drop in
    assert checked.check("faithfulness_drop") is None


def test_metrics_are_means_per_explainer_and_split_with_the_unscored_counted(
    linear, plain_catalogue, linear_cases
) -> None:
    decided = [case for case in linear_cases if case.decision == "Yes"][:4]
    undecided = next(case for case in linear_cases if case.decision is None)
    other = decided[0].model_copy(update={"id": "other", "split": "leave_one_out"})
    cases = [*decided, undecided, other]
    stated = ["Yes", "Yes", "Yes", None, "No", "No"]
    explanations = [
        _explained(case, case.history[:1], decision)
        for case, decision in zip(cases, stated, strict=True)
    ]
    checked = check_explanations(explanations, cases, Oracle(linear, plain_catalogue), seed=0)
    figures = {
        (metric.split, metric.metric): metric for metric in explanation_metrics(checked, cases, 0)
    }
    agreement = figures["held_out_users", "decision_agreement"]
    assert (agreement.subject, agreement.task) == ("e", "explanation")
    assert (agreement.value, agreement.n, agreement.unscored) == (0.75, 4, 1)
    assert figures["leave_one_out", "decision_agreement"].value == 0.0
    assert figures["held_out_users", "decision_coverage"].value == pytest.approx(0.8)
    assert figures["held_out_users", "grounding"].value is None
    drops = [explanation.check("faithfulness_drop") for explanation in checked[:5]]
    drop = figures["held_out_users", "faithfulness_drop"]
    assert drop.value == pytest.approx(np.mean(drops))
    # one user says nothing of how users differ, whatever the number of cases
    assert {case.user for case in cases[:5]} == {"u0"}
    assert (drop.low, drop.high) == (None, None)
