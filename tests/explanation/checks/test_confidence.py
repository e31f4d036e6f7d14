"""Confidence and risk, against trials that are done again by hand on a linear target."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.explanation.checks.checker import check_explanations
from recexplainer.explanation.checks.confidence import LATER, TRIALS, Trials
from recexplainer.oracle import Oracle, Standing, leaning
from recexplainer.records import Claim, Explanation


def explained(case, cited, **changes):
    """A text that gives ``cited`` as causes of the target's decision, or of its leaning."""
    sides = tuple(
        Claim(
            kind="direction",
            text=item,
            start=0,
            end=1,
            real=True,
            items=(item,),
            toward=leaning(case),
        )
        for item in cited
    )
    fields = {"case": case.id, "explainer": "e", "text": "", "decision": case.decision}
    return Explanation(**{**fields, "cited": tuple(cited), "claims": sides, **changes})


@pytest.fixture
def checked(linear, plain_catalogue, linear_cases):
    def check(*explanations):
        return check_explanations(
            explanations, linear_cases, Oracle(linear, plain_catalogue), seed=3
        )

    return check


def _by_weight(linear, catalogue, case):
    """History items, the one that carries the decision most first."""
    column = linear.weights[:, catalogue.row(case.item)]
    sign = 1.0 if case.decision == "Yes" else -1.0
    return sorted(case.history, key=lambda item: -sign * column[catalogue.row(item)])


@pytest.fixture
def decided(linear_cases):
    return [case for case in linear_cases if case.decision is not None]


def _held(linear, catalogue, case, causes, gone):
    """Whether the target decides so and the causes pull that way without ``gone``."""

    def score(removed):
        kept = [item for item in case.history if item not in removed]
        rows = linear.weights[catalogue.rows(kept)]
        return rows.sum(axis=0) if kept else np.zeros(len(catalogue))

    row = catalogue.row(case.item)
    whole = score(gone)
    seen = set(catalogue.rows(case.history))
    rank = 1 + sum(whole[k] > whole[row] for k in range(len(catalogue)) if k not in seen | {row})
    decided = Standing(int(rank) - 1, 0, case.candidates).decision == case.decision
    sign = 1.0 if case.decision == "Yes" else -1.0
    return decided and sign * (whole[row] - score({*gone, *causes})[row]) > 1e-4


def test_confidence_and_risk_are_the_shares_of_their_own_trials(
    linear, plain_catalogue, decided, checked
):
    seen = []
    for case in decided:
        causes = _by_weight(linear, plain_catalogue, case)[:1]
        explanation = explained(case, causes)
        (one,) = checked(explanation)
        if one.check("refuted"):
            continue
        trials = Trials.plan(explanation, case, 3).draws
        held = [_held(linear, plain_catalogue, case, causes, gone) for gone in trials]
        assert len(trials) == TRIALS + LATER
        assert one.check("confidence") == pytest.approx(np.mean(held[:TRIALS]))
        assert one.check("risk") == pytest.approx(1 - np.mean(held[TRIALS:]))
        seen.append(one.check("confidence"))
    assert len(seen) > 20
    assert min(seen) < max(seen)


def test_trials_leave_out_items_that_are_no_causes(decided):
    for case in decided[:20]:
        causes = case.history[2:4]
        for gone in Trials.plan(explained(case, causes), case, 0).draws:
            assert len(set(gone)) == len(gone) == 2  # a quarter of the other six, rounded
            assert not set(gone) & set(causes)


def test_trials_depend_on_seed_case_and_causes_only(decided):
    case, other = decided[:2]
    plan = Trials.plan(explained(case, case.history[:1]), case, 1)
    reworded = explained(case, case.history[:1], text="other words", explainer="another")
    assert Trials.plan(reworded, case, 1).draws == plan.draws
    assert Trials.plan(explained(case, case.history[:1]), case, 2).draws != plan.draws
    assert Trials.plan(explained(other, other.history[:1]), other, 1).draws != plan.draws


def test_where_no_title_is_the_cause_only_the_decision_is_tried(
    linear, plain_catalogue, decided, checked
):
    case = decided[0]
    linear.weights[:, plain_catalogue.row(case.item)] = 0.0  # nothing pulls the item
    says = Claim(kind="no_cause", text="", start=0, end=1, real=True, toward=case.decision)
    explanation = explained(case, (), claims=(says,))
    plan = Trials.plan(explanation, case, 3)
    assert (len(plan.draws), len(plan.questions)) == (TRIALS + LATER, TRIALS + LATER)
    (one,) = checked(explanation)
    decisions = []
    for gone in plan.draws[:TRIALS]:
        rows = plain_catalogue.rows([item for item in case.history if item not in gone])
        scores = linear.weights[rows].sum(axis=0)
        rank = 1 + sum(
            scores[k] > 0.0
            for k in range(len(plain_catalogue))
            if plain_catalogue.ids[k] not in (*case.history, case.item)
        )
        decisions.append(Standing(int(rank) - 1, 0, case.candidates).decision == case.decision)
    assert one.check("refuted") == 0.0
    assert one.check("confidence") == pytest.approx(np.mean(decisions))


@pytest.mark.parametrize("what", ["decision", "silent", "made up"])
def test_what_is_plainly_false_has_no_confidence_and_asks_nothing(decided, checked, what):
    case = decided[0]
    wrong = "No" if case.decision == "Yes" else "Yes"
    false = Claim(kind="cause", text="Nowhere", start=0, end=7, real=False)
    changes = {
        "decision": {"decision": wrong},
        "silent": {"decision": None},
        "made up": {"claims": (false,)},
    }[what]
    explanation = explained(case, case.history[:1], **changes)
    assert Trials.plan(explanation, case, 0).questions == []
    (one,) = checked(explanation)
    assert [one.check(name) for name in ("refuted", "confidence", "risk")] == [1.0, 0.0, 1.0]


def test_an_undecided_f_bears_no_decision_out(linear_cases, checked):
    case = next(case for case in linear_cases if case.decision is None)
    (one,) = checked(explained(case, case.history[:1], decision="Yes"))
    assert one.check("confidence") == 0.0


def test_what_does_not_pull_that_way_is_refuted_on_the_case_itself(
    linear, plain_catalogue, decided, checked
):
    case = decided[0]
    (one,) = checked(explained(case, _by_weight(linear, plain_catalogue, case)[-1:]))
    assert [one.check(name) for name in ("refuted", "confidence", "risk")] == [1.0, 0.0, 1.0]


def test_a_what_if_that_fails_refutes_the_text(linear, plain_catalogue, decided, checked):
    case = next(case for case in decided if case.decision == "Yes")
    best = _by_weight(linear, plain_catalogue, case)[0]
    (plain,) = checked(explained(case, [best]))
    assert plain.check("refuted") == 0.0
    sentence = Claim(
        kind="counterfactual",
        text="Without it it would not be rejected",
        start=0,
        end=10,
        real=True,
        items=(best,),
        outcome="not recommended" if case.rank == 1 else "recommended",
    )
    rows = plain_catalogue.rows([item for item in case.history if item != best])
    scores = linear.weights[rows].sum(axis=0)
    own = scores[plain_catalogue.row(case.item)]
    others = [item for item in plain_catalogue.ids if item not in (*case.history, case.item)]
    ahead = sum(scores[plain_catalogue.row(item)] > own for item in others)
    recommended = Standing(int(ahead), 0, case.candidates).decision == "Yes"
    holds = recommended == (sentence.outcome == "recommended")
    claims = (*explained(case, [best]).claims, sentence)
    (one,) = checked(explained(case, [best], claims=claims))
    assert one.check("counterfactual_validity") == float(holds)
    assert one.check("refuted") == float(not holds)


def test_a_text_without_a_reason_explains_nothing(decided, checked):
    (one,) = checked(explained(decided[0], ()))
    assert [one.check(name) for name in ("refuted", "confidence", "risk")] == [1.0, 0.0, 1.0]


def test_where_nothing_is_left_to_leave_out_nothing_is_tried(
    linear, plain_catalogue, decided, checked
):
    case = decided[0]
    sign = 1.0 if case.decision == "Yes" else -1.0
    linear.weights[plain_catalogue.rows(case.history), plain_catalogue.row(case.item)] = sign
    (one,) = checked(explained(case, case.history))
    assert (one.check("refuted"), one.check("confidence"), one.check("risk")) == (0.0, None, None)


def test_confidence_foretells_the_risk_it_has_not_seen(linear, plain_catalogue, decided, checked):
    """Calibration: texts of about the same confidence fail about as often as that says."""
    rng = np.random.default_rng(0)
    texts = [explained(case, rng.choice(case.history, size=1).tolist()) for case in decided]
    found = [one for one in checked(*texts) if one.check("refuted") == 0.0]
    assert len(found) > 25
    sure = np.array([one.check("confidence") for one in found])
    risk = np.array([one.check("risk") for one in found])
    assert abs((1 - sure).mean() - risk.mean()) < 0.08
    assert np.corrcoef(sure, risk)[0, 1] < -0.5
