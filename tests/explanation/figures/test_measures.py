"""Shares of claims and texts that hold, counted by hand."""

from __future__ import annotations

import pytest

from recexplainer.explanation.checks.plain_reading import ASKED
from recexplainer.explanation.figures.measures import explanation_metrics
from recexplainer.records import Check, Claim, Explanation


def _claims(**held):
    return tuple(
        Claim(kind=kind, text=str(place), start=0, end=1, real=real)
        for kind, reals in held.items()
        for place, real in enumerate(reals)
    )


@pytest.fixture
def found(linear_cases):
    """The figures of four texts about as many users, by name."""
    cases = [
        case.model_copy(update={"user": f"u{row}", "split": "held_out_users"})
        for row, case in enumerate(linear_cases[:4])
    ]
    texts = [
        (_claims(reason=[True, True], together=[True]), 1.0, 0),
        (_claims(reason=[True, False, False, False], together=[False]), 0.0, 1),
        (_claims(no_cause=[True], attribute=[True, False]), 0.0, 2),
        ((), None, 0),
    ]
    explanations = [
        Explanation(
            case=case.id,
            explainer="e",
            text="x",
            claims=claims,
            checks=(Check(name="true_as_read", value=true),),
            mended=mended,
        )
        for case, (claims, true, mended) in zip(cases, texts, strict=True)
    ]
    return {one.metric: one for one in explanation_metrics(explanations, cases, 0)}


@pytest.mark.parametrize(
    ("kind", "value", "texts"),
    [
        ("reason", (1 + 1 / 4) / 2, 2),  # the mean over texts, however many claims each makes
        ("together", 1 / 2, 2),
        ("no_cause", 1.0, 1),
        ("attribute", 1 / 2, 1),
        ("strongest", None, 0),
    ],
)
def test_claims_that_hold_are_told_by_kind(kind, value, texts, found) -> None:
    metric = found[f"claims_true_{kind}"]
    assert metric.value == (None if value is None else pytest.approx(value))
    assert (metric.n, metric.unscored) == (texts, 4 - texts)


def test_texts_of_which_every_claim_holds_and_those_put_right_are_counted(found) -> None:
    assert (found["true_as_read"].value, found["true_as_read"].n) == (pytest.approx(1 / 3), 3)
    assert found["true_as_read"].unscored == 1
    assert (found["mended"].value, found["mended"].n) == (2 / 4, 4)
    assert {f"claims_true_{kind}" for kind in (*ASKED, "attribute")} <= found.keys()
