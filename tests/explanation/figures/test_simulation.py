"""What texts foretell of a target whose decision rests on one title, known here."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.explanation.figures.edited_histories import draw_edits
from recexplainer.explanation.figures.simulation import gain_metrics, simulate
from recexplainer.explanation.figures.text_groups import text_groups
from recexplainer.metrics import ratio_interval
from recexplainer.oracle import question_without
from recexplainer.records import Check


def _graded(world, texts):
    return simulate(texts, world.cases, world.oracle, seed=0)


def _gains(world, texts):
    (group,) = text_groups(texts, world.cases)
    return {one.metric: one for one in gain_metrics(group, 0)}


def _mean(texts, check):
    return np.mean([text.check(check) for text in texts])


def _supports(title):
    return f"Yes. The strongest support comes from “Film {title}”."


def test_edits_are_as_often_decisive_as_not_and_the_target_says_which(one_cause):
    for case, edits in zip(
        one_cause.cases, draw_edits(one_cause.cases, one_cause.oracle, 0), strict=True
    ):
        assert edits
        assert sum(edit.kept for edit in edits) == len(edits) / 2
        for edit in edits:
            assert 0 < len(edit.removed) < len(case.history)
            assert edit.kept == (one_cause.cause[case.item] not in edit.removed)
            (answer,) = one_cause.oracle.ask([question_without(case, edit.removed)])
            assert edit.kept == (answer.decision == "Yes")


def test_a_text_that_names_the_one_cause_closes_all_of_the_error(one_cause):
    texts = _graded(one_cause, one_cause.told(lambda case: _supports(one_cause.cause[case.item])))
    gains = _gains(one_cause, texts)
    assert gains["simulation_gain"].value == gains["simulation_gain"].high == 1.0
    assert _mean(texts, "simulated") == 1.0 > _mean(texts, "simulated_without")
    assert _mean(texts, "misled") == 0.0
    assert gains["simulation_gain_shuffled"].value == pytest.approx(0.0, abs=0.1)


def test_a_text_without_causes_closes_nothing(one_cause):
    gains = _gains(one_cause, _graded(one_cause, one_cause.told(lambda case: "Yes, it suits.")))
    assert gains["simulation_gain"].value == pytest.approx(0.0, abs=0.1)


def test_a_few_lies_among_truths_mislead(one_cause):
    """Three in four tell the truth, so the named title is believed: right where it agrees."""
    lies = {case.id for case in one_cause.cases[::4]}
    named = {
        case.id: one_cause.other_title(case) if case.id in lies else one_cause.cause[case.item]
        for case in one_cause.cases
    }
    texts = _graded(one_cause, one_cause.told(lambda case: _supports(named[case.id])))
    edits = draw_edits(one_cause.cases, one_cause.oracle, 0)
    for text, of in zip(texts, edits, strict=True):
        right = [(named[text.case] not in edit.removed) == edit.kept for edit in of]
        assert text.check("simulated") == pytest.approx(np.mean(right), abs=0.13)  # one of eight
        lost = text.check("simulated_without") - text.check("simulated")
        assert max(0.0, lost) <= text.check("misled") <= 1.0 - text.check("simulated")
    lying = [text for text in texts if text.case in lies]
    assert _mean(lying, "misled") > 0.15
    assert _mean([text for text in texts if text.case not in lies], "misled") == 0.0
    without, told = _mean(texts, "simulated_without"), _mean(texts, "simulated")
    gain = _gains(one_cause, texts)["simulation_gain"]
    assert gain.value == pytest.approx((told - without) / (1 - without))
    assert gain.low < gain.value < gain.high < 1.0


def test_who_always_says_the_opposite_gains_nothing_by_it(one_cause):
    """A reader may stop believing, but does not read the opposite of what the words say."""
    texts = one_cause.told(lambda case: f"“Film {one_cause.cause[case.item]}” lowers its score.")
    assert all(any(one.toward == "No" for one in text.claims) for text in texts)
    gain = _gains(one_cause, _graded(one_cause, texts))["simulation_gain"].value
    assert gain == pytest.approx(0.0, abs=0.1)


def test_few_users_or_no_change_are_not_scored(one_cause):
    few = one_cause.told(lambda case: "Yes.")[:4]
    (text, *_) = simulate(few, one_cause.cases[:4], one_cause.oracle, seed=0)
    assert text.check("simulated") is None
    undecided = [case.model_copy(update={"decision": None}) for case in one_cause.cases]
    texts = simulate(one_cause.told(lambda case: "Yes."), undecided, one_cause.oracle, seed=0)
    gain = _gains(one_cause, texts)["simulation_gain"]
    assert (gain.value, gain.n, gain.unscored) == (None, 0, len(texts))


def test_the_gain_is_of_the_texts_at_hand(one_cause):
    """By hand: of two texts with .5 and .75 right without, and 1 and .75 with, .5 of .75."""
    found = [
        {"simulated": 1.0, "simulated_without": 0.5},
        {"simulated": 0.75, "simulated_without": 0.75},
    ]
    texts = [
        text.model_copy(update={"checks": [Check(name=k, value=v) for k, v in values.items()]})
        for text, values in zip(one_cause.told(lambda case: "Yes."), found, strict=False)
    ]
    assert _gains(one_cause, texts)["simulation_gain"].value == pytest.approx(0.5 / 0.75)


def test_the_interval_of_a_ratio_draws_users_and_takes_both_sums_anew():
    rng = np.random.default_rng(1)
    below = rng.integers(1, 10, 300).astype(float)
    above = 0.3 * below + rng.normal(scale=0.1, size=300)
    low, high = ratio_interval(above, below, list(range(300)))
    assert low < 0.3 < high
    assert high - low < 0.02
    twice = ratio_interval(np.tile(above, 2), np.tile(below, 2), [*range(300), *range(300)])
    assert twice == pytest.approx((low, high))
    assert ratio_interval([1.0], [2.0], ["u"]) == (None, None)
