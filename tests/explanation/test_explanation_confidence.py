"""Confidence and risk, against trials that are done again by hand on a linear target."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.explanation.checks.checker import check_drafts, check_explanations
from recexplainer.explanation.checks.confidence import LATER, TRIALS, Trials
from recexplainer.oracle import Oracle, Standing, oracle_of
from recexplainer.plugins.interfaces import ExplainerKit
from recexplainer.records import Claim, Explanation


def explained(case, cited, **changes):
    fields = {"case": case.id, "explainer": "e", "text": "", "decision": case.decision}
    return Explanation(**{**fields, "cited": tuple(cited), **changes})


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


def _held(linear, catalogue, case, cited, trial):
    """Whether f, asked by hand, decides so and leans on ``cited`` in one trial."""

    def score(removed):
        kept = [item for item in case.history if item not in removed]
        rows = linear.weights[catalogue.rows(kept)]
        return rows.sum(axis=0) if kept else np.zeros(len(catalogue))

    row = catalogue.row(case.item)
    whole = score(trial.left_out)
    seen = set(catalogue.rows(case.history))
    rank = 1 + sum(whole[k] > whole[row] for k in range(len(catalogue)) if k not in seen | {row})
    decided = Standing(int(rank) - 1, 0, case.candidates).decision == case.decision
    sign = 1.0 if case.decision == "Yes" else -1.0
    without = score({*trial.left_out, *cited})[row]
    others = score({*trial.left_out, *trial.others})[row]
    return decided and sign * (others - without) > 1e-4


def test_confidence_and_risk_are_the_shares_of_their_own_trials(
    linear, plain_catalogue, decided, checked
):
    seen = []
    for case in decided:
        cited = _by_weight(linear, plain_catalogue, case)[:1]
        explanation = explained(case, cited)
        (one,) = checked(explanation)
        if one.check("refuted"):
            continue
        trials = Trials.plan(explanation, case, 3).draws
        held = [_held(linear, plain_catalogue, case, cited, trial) for trial in trials]
        assert len(trials) == TRIALS + LATER
        assert one.check("confidence") == pytest.approx(np.mean(held[:TRIALS]))
        assert one.check("risk") == pytest.approx(1 - np.mean(held[TRIALS:]))
        seen.append(one.check("confidence"))
    assert len(seen) > 20
    assert min(seen) < max(seen)


def test_trials_leave_out_and_compare_with_uncited_items_only(decided):
    for case in decided[:20]:
        cited = case.history[2:4]
        for trial in Trials.plan(explained(case, cited), case, 0).draws:
            drawn = (*trial.left_out, *trial.others)
            assert len(trial.others) == len(cited)
            assert len(trial.left_out) == 2  # a quarter of the other six, rounded
            assert len(set(drawn)) == len(drawn)
            assert not set(drawn) & set(cited)


def test_trials_depend_on_seed_case_and_cited_items_only(decided):
    case, other = decided[:2]
    plan = Trials.plan(explained(case, case.history[:1]), case, 1)
    reworded = explained(case, case.history[:1], text="other words", explainer="another")
    assert Trials.plan(reworded, case, 1).draws == plan.draws
    assert Trials.plan(explained(case, case.history[:1]), case, 2).draws != plan.draws
    assert Trials.plan(explained(other, other.history[:1]), other, 1).draws != plan.draws


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


def test_what_f_does_not_lean_on_is_refuted_on_the_case_itself(
    linear, plain_catalogue, decided, checked
):
    case = decided[0]
    (one,) = checked(explained(case, _by_weight(linear, plain_catalogue, case)[-1:]))
    assert one.check("faithfulness_drop") < 0
    assert [one.check(name) for name in ("refuted", "confidence", "risk")] == [1.0, 0.0, 1.0]


def test_a_what_if_that_fails_refutes_the_text(linear, plain_catalogue, decided, checked):
    case = next(case for case in decided if case.decision == "Yes")
    best = _by_weight(linear, plain_catalogue, case)[0]
    sentence = Claim(
        kind="counterfactual",
        text="Without it it would still be recommended",
        start=0,
        end=10,
        real=True,
        items=case.history,
        outcome="recommended",
    )
    (one,) = checked(explained(case, [best], claims=(sentence,)))
    # f without any history scores all alike, so only the first items of the catalogue are on top
    if one.check("counterfactual_validity") == 0.0:
        assert one.check("refuted") == 1.0
    (plain,) = checked(explained(case, [best]))
    assert plain.check("refuted") == 0.0


def test_what_names_nothing_or_too_much_is_not_scored(decided, checked):
    case = decided[0]
    for cited in ((), case.history[:5]):
        (one,) = checked(explained(case, cited))
        assert one.check("confidence") is None
        assert one.check("risk") is None
        assert one.check("refuted") == 0.0


def test_drafts_are_chosen_without_the_trials(linear, plain_catalogue, linear_cases, decided):
    kit = ExplainerKit(plain_catalogue, linear, np.ones(40, dtype=np.int64), seed=3)
    case = decided[0]
    (draft,) = check_drafts(
        [explained(case, case.history[:1])], linear_cases, oracle_of(kit), kit.seed
    )
    assert draft.check("faithfulness_drop") is not None
    assert not {"confidence", "risk", "refuted"} & {check.name for check in draft.checks}


def test_confidence_foretells_the_risk_it_has_not_seen(linear, plain_catalogue, decided, checked):
    """Calibration: texts of about the same confidence fail about as often as that says."""
    rng = np.random.default_rng(0)
    texts = [explained(case, rng.choice(case.history, size=1)) for case in decided]
    found = [one for one in checked(*texts) if one.check("refuted") == 0.0]
    assert len(found) > 25
    sure = np.array([one.check("confidence") for one in found])
    risk = np.array([one.check("risk") for one in found])
    assert abs((1 - sure).mean() - risk.mean()) < 0.08
    assert np.corrcoef(sure, risk)[0, 1] < -0.5
