"""In-context rows read two answered questions of other users first, the same ones each time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from recexplainer.evaluation import InContextSubject, Shots, SpeakerSubject, measure_fidelity
from recexplainer.records import Context, Example, HistorySlot, SilentProgress, Text, ask
from recexplainer.runs.journal import Journal


@pytest.fixture
def shown(contexts):
    """Contexts of other users, and one more of u0, behind those that are measured."""
    own = Context("u0", 1, ("i9",), "train")
    return [*contexts, own, *(Context(f"v{n}", 1, (f"i{n}",), "train") for n in range(1, 4))]


@pytest.fixture
def shots(shown, example):
    """Answered questions of two tasks about each further user; the answer names the user."""
    made = [
        example(task, row, (f"{task} of {shown[row].user}",))
        for task in ("retrieval", "ranking")
        for row in range(4, len(shown))
    ]
    return Shots(made, shown, seed=3)


class Listener:
    """A speaker that notes what it is asked about which contexts."""

    name = "listener"

    def __init__(self):
        self.heard = []

    def answer(self, questions, contexts, **_):
        self.heard += [(question, contexts) for question in questions]
        return [("x",)] * len(questions)


def spoken(turns):
    return ["".join(p.text for p in t.content if isinstance(p, Text)) for t in turns]


def test_two_questions_of_the_task_about_others_come_first(shots, examples, contexts, shown):
    model = Listener()
    row = InContextSubject("in_context", SpeakerSubject("m", model), shots)
    asked = [one for one in examples if one.task == "retrieval"]
    assert row.answer(asked, contexts, kind="list", constrained=False) == [("x",)] * 4
    pairs = set()
    for one, (question, known) in zip(asked, model.heard, strict=True):
        assert known == shown
        assert [turn.role for turn in question] == ["user", "assistant"] * 2 + ["user"]
        assert question[-1:] == one.question
        answers = spoken(question)[1::2]
        owners = [answer.removeprefix("retrieval of ") for answer in answers]
        slots = [p for t in question for p in t.content if isinstance(p, HistorySlot)]
        assert [shown[slot.context].user for slot in slots[:2]] == owners
        assert len({*owners, shown[slots[2].context].user}) == 3
        pairs.add(tuple(owners))
    assert len(pairs) > 1


def test_the_same_question_is_shown_the_same(shots, examples):
    again = [shots.of(one) for one in reversed(examples)]
    assert [shots.of(one) for one in examples] == again[::-1]


def test_where_there_are_not_two_to_show_nothing_is_measured(examples, shown, example):
    few = Shots([example("ranking", 5, ("a",)), example("ranking", 5, ("b",))], shown, seed=3)
    row = InContextSubject("in_context", SpeakerSubject("m", Listener()), few)
    assert not any(row.can_answer(one, constrained=False) for one in examples)


def test_what_the_model_cannot_be_asked_it_is_not_asked_with_shots(shots, examples, example):
    row = InContextSubject("x", SpeakerSubject("m", Listener(), reads_vectors=False), shots)
    hidden = Example("h", "ranking", ask([HistorySlot(0, vector_only=True)], "x"), ("i0",))
    assert not row.can_answer(hidden, constrained=False)
    assert row.can_answer(example("ranking", 0, ("i4",)), constrained=False)


def test_answers_are_graded_against_the_question_itself(
    shots, tasks, examples, contexts, catalogue, tmp_path
):
    """Not against those that precede it: their answers are known."""

    class Copycat(Listener):
        def answer(self, questions, contexts, **_):
            return [(spoken(question)[-2],) for question in questions]

    asked = [replace(one, options=()) for one in examples if one.task == "ranking"]
    row = InContextSubject("in_context", SpeakerSubject("m", Copycat()), shots)
    with Journal(tmp_path / "a.jsonl") as journal:
        figures = measure_fidelity(
            [row],
            tasks,
            asked,
            contexts,
            catalogue,
            journal=journal,
            batch_size=3,
            seed=0,
            progress=SilentProgress(),
        )
    assert {m.value for m in figures if m.metric == "ndcg@5"} == {0.0}
    assert {m.subject for m in figures} == {"in_context"}
