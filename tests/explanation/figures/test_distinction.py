"""What words give away, on texts whose words are chosen here."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.explanation.figures.distinction import wording_metrics
from recexplainer.records import Explanation


@pytest.fixture
def cases(linear_cases):
    """Twenty users, whose scores are high or low."""
    return [
        case.model_copy(update={"user": f"u{row % 20}", "score": float(row % 2) * 4 + row * 0.001})
        for row, case in enumerate(linear_cases[:80])
    ]


def _texts(cases, explainer, write):
    return [Explanation(case=case.id, explainer=explainer, text=write(case)) for case in cases]


def _value(metrics, subject, metric):
    return next(m.value for m in metrics if (m.subject, m.metric) == (subject, metric))


def test_habits_of_speech_are_recognized_and_equal_speech_is_not(cases):
    plain = _texts(cases, "plain", lambda case: "the score owes to these titles")
    grand = _texts(cases, "grand", lambda case: "verily a most splendid choice indeed")
    metrics = wording_metrics([*plain, *grand], cases, seed=0)
    assert _value(metrics, "plain", "distinction") == _value(metrics, "grand", "distinction") == 1.0
    same = _texts(cases, "same", lambda case: "the score owes to these titles")
    metrics = wording_metrics([*plain, *same], cases, seed=0)
    both = [_value(metrics, name, "distinction") for name in ("plain", "same")]
    assert np.mean(both) == pytest.approx(0.5, abs=0.05)


def test_words_that_follow_the_score_tell_it_and_constant_words_do_not(cases):
    telling = _texts(cases, "telling", lambda c: "surely liked" if c.score > 2 else "hardly so")
    silent = _texts(cases, "silent", lambda case: "it was recommended for good reasons")
    metrics = wording_metrics([*telling, *silent], cases, seed=0)
    assert _value(metrics, "telling", "simulatability") > 0.9
    assert _value(metrics, "silent", "simulatability") == pytest.approx(0.0, abs=0.05)


def test_what_is_learned_of_a_user_says_nothing_of_others(cases):
    """A text that names the user gives the score away only to who has seen that user before."""
    scores = {f"u{number}": float(number % 7) for number in range(20)}
    own = [case.model_copy(update={"score": scores[case.user]}) for case in cases]
    naming = _texts(own, "naming", lambda case: f"because it is {case.user}")
    metrics = wording_metrics(naming, own, seed=0)
    assert _value(metrics, "naming", "simulatability") < 0.05


def test_one_author_or_few_users_are_not_scored(cases):
    alone = _texts(cases, "alone", lambda case: "yes")
    measured = {metric.metric for metric in wording_metrics(alone, cases, seed=0)}
    assert measured == {"simulatability"}
    few = [case for case in cases if case.user in {"u0", "u1", "u2"}]
    metrics = wording_metrics(_texts(few, "alone", lambda case: "yes"), few, seed=0)
    assert _value(metrics, "alone", "simulatability") is None
    assert wording_metrics([], [], seed=0) == []


def test_texts_without_a_word_are_told_from_others(cases):
    mute = _texts(cases, "mute", lambda case: " ")
    plain = _texts(cases, "plain", lambda case: "the score owes to these titles")
    metrics = wording_metrics([*mute, *plain], cases, seed=0)
    assert _value(metrics, "mute", "distinction") == 1.0
    assert _value(metrics, "mute", "simulatability") == pytest.approx(0.0, abs=0.05)
