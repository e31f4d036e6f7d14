import pytest

from recexplainer.records import Context, HistorySlot, Text, Turn
from recexplainer.surrogate.generation import answer_memory as remembering
from recexplainer.surrogate.generation.answer_memory import RememberingSpeaker


class Counting:
    name = "hybrid"

    def __init__(self):
        self.asked = []

    def answer(self, questions, contexts, **wishes):
        self.asked.append(len(questions))
        return [(f"{_history(q, contexts)} {sorted(wishes.items())}",) for q in questions]


def _history(question, contexts):
    return contexts[question[0].content[1].context].history


def _context(*history):
    return Context(user="u", end=len(history), history=history, split="train")


def _ask(row):
    return (Turn("user", (Text("Why after "), HistorySlot(row))),)


@pytest.fixture
def counting():
    return Counting()


def test_the_same_question_about_the_same_history_is_asked_once(counting):
    speaker = RememberingSpeaker(counting)
    contexts = [_context("a"), _context("b"), _context("a")]
    first = speaker.answer([_ask(0), _ask(1), _ask(2)], contexts, beams=1)
    assert counting.asked == [2]
    assert first[0] == first[2] != first[1]
    # Where a history stands among the contexts does not matter; what it holds does.
    moved = speaker.answer([_ask(0), _ask(1)], [_context("b"), _context("c")], beams=1)
    assert counting.asked == [2, 1]
    assert moved[0] == first[1]
    assert moved == counting.answer([_ask(0), _ask(1)], [_context("b"), _context("c")], beams=1)


def test_another_wish_is_another_question(counting):
    speaker = RememberingSpeaker(counting)
    said = [speaker.answer([_ask(0)], [_context("a")], beams=beams) for beams in (1, 2, 1)]
    assert counting.asked == [1, 1]
    assert said[0] == said[2] != said[1]


def test_it_forgets_rather_than_grows(counting, monkeypatch):
    monkeypatch.setattr(remembering, "_MOST", 2)
    speaker = RememberingSpeaker(counting)
    for name in "abcab":
        speaker.answer([_ask(0)], [_context(name)])
        assert len(speaker._answers) <= 2
    assert speaker.answer([_ask(0), _ask(1)], [_context("b"), _context("d")])[0][0].startswith(
        "('b'"
    )
