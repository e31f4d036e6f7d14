"""What is withheld, and the figures of what is given beside those of all, counted by hand."""

from __future__ import annotations

import pytest

from recexplainer.explanation.figures.abstention import (
    abstains,
    abstention_metrics,
    risk_curves,
    risk_metrics,
)
from recexplainer.records import Case, Check, Explanation

# confidence, risk, whether a check fails outright, whether the decision is the target's, drop
TEXTS = [
    (1.0, 0.0, 0.0, 1.0, 0.9),
    (0.5, 0.2, 0.0, 1.0, 0.5),
    (0.4, 0.6, 0.0, 1.0, 0.1),
    (0.0, 1.0, 1.0, 0.0, -0.3),
    (None, None, 0.0, 1.0, None),
]


def _case(number):
    return Case(
        id=f"c{number}",
        user=f"u{number}",
        history=("a", "b", "c"),
        item="x",
        split="held_out_users",
        decision="Yes",
        score=1.0,
        rank=1,
        candidates=10,
    )


def _explanation(number, confidence, risk, refuted, agreement, drop):
    values = {
        "decision_agreement": agreement,
        "faithfulness_drop": drop,
        "refuted": refuted,
        "confidence": confidence,
        "risk": risk,
    }
    checks = tuple(Check(name=name, value=value) for name, value in values.items())
    return Explanation(case=f"c{number}", explainer="e", text="", checks=checks)


def _below(least):
    return lambda one: abstains(one, least)


@pytest.fixture
def cases():
    return [_case(number) for number in range(len(TEXTS))]


@pytest.fixture
def explanations():
    return [_explanation(number, *row) for number, row in enumerate(TEXTS)]


@pytest.mark.parametrize(
    ("least", "withheld"), [(None, []), (0.0, [3]), (0.4, [3]), (0.5, [2, 3]), (1.0, [1, 2, 3])]
)
def test_texts_below_the_least_confidence_are_withheld(explanations, least, withheld):
    assert [k for k, one in enumerate(explanations) if abstains(one, least)] == withheld


def test_a_text_checked_before_there_were_confidences_is_given():
    old = Explanation(
        case="c0", explainer="e", text="", checks=(Check(name="grounding", value=0.0),)
    )
    assert not abstains(old, 1.0)
    assert abstention_metrics([old], [_case(0)], _below(0.5), 0) == []
    assert risk_curves([old]) == []
    assert risk_metrics([old], [_case(0)], 0) == []


def test_figures_of_what_is_given_stand_beside_coverage_of_all(explanations, cases):
    metrics = abstention_metrics(explanations, cases, _below(0.5), seed=0)
    found = {(m.task, m.metric): m for m in metrics}
    assert found["explanation", "coverage"].value == pytest.approx(3 / 5)
    assert found["explanation", "coverage"].n == 5
    kept = {name: m for (task, name), m in found.items() if task == "explanation_kept"}
    assert kept["risk"].value == pytest.approx(0.1)
    assert kept["faithfulness_drop"].value == pytest.approx(0.7)
    assert kept["decision_agreement"].n == 3  # unscored on the target: given
    assert {m.split for m in metrics} == {"held_out_users"}


def test_nothing_given_has_no_figures_and_no_coverage(explanations, cases):
    metrics = abstention_metrics(explanations[2:4], cases, _below(0.9), seed=0)
    assert [(m.metric, m.value) for m in metrics] == [("coverage", 0.0)]


def test_curve_counts_what_could_not_be_scored_as_never_given(explanations):
    (curve,) = risk_curves(explanations)
    corners = [(point.confidence, point.coverage, point.risk) for point in curve.points]
    assert corners == [
        (1.0, pytest.approx(1 / 5), 0.0),
        (0.5, pytest.approx(2 / 5), pytest.approx(0.1)),
        (0.4, pytest.approx(3 / 5), pytest.approx(0.8 / 3)),
        (None, pytest.approx(4 / 5), pytest.approx(0.45)),
    ]
    assert (curve.refuted, curve.unscored) == (pytest.approx(1 / 5), pytest.approx(1 / 5))


def test_what_holds_on_the_case_comes_before_what_does_not_at_equal_confidence(explanations):
    fragile = _explanation(4, 0.0, 0.8, 0.0, 1.0, 0.1)
    (curve,) = risk_curves([*explanations[:4], fragile])
    corners = [(point.confidence, point.coverage, point.risk) for point in curve.points[-2:]]
    assert corners == [
        (0.0, pytest.approx(4 / 5), pytest.approx(1.6 / 4)),
        (None, pytest.approx(1.0), pytest.approx(2.6 / 5)),
    ]


def test_areas_stand_beside_those_of_withholding_at_random(explanations, cases):
    found = {m.metric: m for m in risk_metrics(explanations, cases, seed=0)}
    assert found["area"].value == pytest.approx((0 + 0.1 + 0.8 / 3 + 0.45) / 4)
    assert found["area_at_random"].value == pytest.approx(0.45)
    assert found["area_not_refuted"].value == pytest.approx((0 + 0.1 + 0.8 / 3) / 3)
    assert found["area_at_random_not_refuted"].value == pytest.approx(0.8 / 3)
    assert (found["area"].n, found["area"].unscored) == (4, 1)
    assert found["area"].low <= found["area"].value <= found["area"].high
    assert {m.task for m in found.values()} == {"risk_coverage"}


def test_the_gain_of_what_is_given_is_relative_to_its_own_errors(cases):
    """By hand: the two texts given close .25 of .5 and 0 of .25; what is withheld is left out."""
    rights = [(0.75, 0.5), (0.75, 0.75), (0.0, 1.0), (0.25, 0.5), (0.5, 0.25)]
    texts = []
    for number, (told, plain) in enumerate(rights):
        one = _explanation(number, *TEXTS[number])
        added = (Check(name="simulated", value=told), Check(name="simulated_without", value=plain))
        texts.append(one.model_copy(update={"checks": (*one.checks, *added)}))
    metrics = abstention_metrics(texts, cases, lambda one: one.case not in {"c0", "c1"}, 0)
    (gain,) = [one for one in metrics if one.metric == "simulation_gain"]
    assert (gain.task, gain.n) == ("explanation_kept", 2)
    assert gain.value == pytest.approx((0.25 + 0.0) / (0.5 + 0.25))
