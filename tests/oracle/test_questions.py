"""Answers against asking the target by hand, and how often and how much it is asked."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.errors import StageError
from recexplainer.oracle import Oracle, Question, parts_to_ask, standing_of
from recexplainer.oracle import questions as asking


def questions_of(histories, rng):
    return [
        Question(
            history,
            item := f"i{rng.integers(40)}",
            frozenset(f"i{row}" for row in rng.choice(40, 6)) - {item},
        )
        for history in histories
        for _ in range(3)
    ]


@pytest.fixture
def questions(histories):
    return questions_of(histories, np.random.default_rng(2))


def test_answers_are_what_the_target_says(target, catalogue, questions):
    for question, answer in zip(questions, Oracle(target, catalogue).ask(questions), strict=True):
        scores = target.row(question.history)
        row = int(question.item[1:])
        seen = [int(item[1:]) for item in question.seen]
        assert answer.score == scores[row]
        assert answer.spread == pytest.approx(scores.std())
        assert answer.standing == standing_of(scores, row, seen)
        assert answer.candidates == 40 - len(set(seen))
        assert answer.noise == pytest.approx(1e-5 * max(scores.std(), abs(scores[row])))


def test_a_history_is_put_to_the_target_once(target, catalogue, questions, histories):
    oracle = Oracle(target, catalogue)
    first = oracle.ask([*questions, *questions[::-1]])
    asked = [history for batch in target.batches for history in batch]
    assert sorted(asked) == sorted(set(histories))
    assert first[: len(questions)] == first[: len(questions) - 1 : -1]
    assert oracle.ask(questions[5:20]) == first[5:20]
    assert len(target.batches) == 1


def test_what_is_forgotten_is_asked_again(target, catalogue, questions, monkeypatch):
    monkeypatch.setattr(asking, "_KEPT", 10)
    oracle = Oracle(target, catalogue)
    questions = list({question.history: question for question in questions}.values())
    first = oracle.ask(questions)
    assert oracle.ask(questions[-10:]) == first[-10:]
    assert len(target.batches) == 1
    assert oracle.ask(questions[:3]) == first[:3]
    assert len(target.batches) == 2


def test_the_bar_is_moved_once_for_every_question(target, catalogue, questions):
    class Bar:
        steps = 0

        def advance(self, steps=1, **fields):
            self.steps += steps

    oracle, bar = Oracle(target, catalogue), Bar()
    oracle.ask([*questions, *questions[:7]], bar)
    assert bar.steps == len(questions) + 7
    oracle.ask(questions, bar)
    assert bar.steps == 2 * len(questions) + 7


@pytest.mark.parametrize(("at_once", "largest"), [(1, 1), (100, 2), (39, 1), (10**9, 60)])
def test_a_bounded_number_of_scores_is_held(
    target, catalogue, histories, monkeypatch, at_once, largest
):
    monkeypatch.setattr(asking, "_SCORES_AT_ONCE", at_once)
    rows = list(Oracle(target, catalogue).rows_of_scores(histories))
    assert max(map(len, target.batches)) == largest
    assert [history for batch in target.batches for history in batch] == histories
    np.testing.assert_array_equal(rows, [target.row(history) for history in histories])


def test_the_next_batch_is_asked_for_only_when_it_is_read(
    target, catalogue, histories, monkeypatch
):
    monkeypatch.setattr(asking, "_HISTORIES_AT_ONCE", 10)
    rows = Oracle(target, catalogue).rows_of_scores(histories)
    for _ in range(11):
        next(rows)
    assert len(target.batches) == 2


@pytest.mark.parametrize(("items", "size"), [(1000, 512), (2**20, 16), (2**24, 1), (2**30, 1)])
def test_parts_hold_at_most_64_megabytes_or_one_history(items, size):
    parts = list(parts_to_ask(1300, items))
    assert max(part.stop - part.start for part in parts) == size
    assert [row for part in parts for row in range(1300)[part]] == list(range(1300))


@pytest.mark.parametrize("shape", [(1, 39), (2, 40), (40,), (40, 1)])
def test_scores_of_another_shape_are_refused(target, catalogue, monkeypatch, shape):
    monkeypatch.setattr(target, "scores", lambda histories: np.zeros(shape, dtype=np.float32))
    with pytest.raises(StageError, match=r"\(1, 40\) is needed"):
        Oracle(target, catalogue).ask([Question(("i1",), "i2", frozenset())])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_scores_that_are_no_numbers_are_refused(target, catalogue, monkeypatch, value):
    def broken(histories):
        scores = np.zeros((len(histories), 40), dtype=np.float32)
        scores[-1, 3] = value
        return scores

    monkeypatch.setattr(target, "scores", broken)
    with pytest.raises(StageError, match="not finite"):
        Oracle(target, catalogue).ask([Question(("i1",), "i2", frozenset())])
