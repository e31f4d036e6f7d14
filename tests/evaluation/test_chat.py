"""A chat model is asked over the wire, in words, once per question, and never beyond its cap."""

from __future__ import annotations

import pytest

pytest.importorskip("openai")

from recexplainer.alignment.modes import render
from recexplainer.chat import AnswerBook, ChatClient, ChatServer
from recexplainer.config.chat_models import ChatModelConfig
from recexplainer.errors import StageError
from recexplainer.evaluation import (
    ChatSubject,
    InContextSubject,
    RandomSubject,
    Shots,
    affordable,
    measure_fidelity,
)
from recexplainer.records import Context, Example, HistorySlot, SilentProgress, Text, ask
from recexplainer.runs.journal import Journal
from recexplainer.testing.servers.chat_service import chat_service


@pytest.fixture(autouse=True)
def key(chat_key):
    """The key is there."""


@pytest.fixture
def subject(catalogue):
    """Make a row of the table that asks at an address."""

    def make(address, asked=None, **settings):
        chat = ChatModelConfig(model="gpt-x", base_url=address, retries=0, **settings)
        server = ChatServer(chat, "fidelity.chat_models")
        client = ChatClient(server, AnswerBook())
        return ChatSubject("gpt", client, catalogue=catalogue, render=render, asked=asked)

    return make


def test_the_cap_holds_before_anything_is_sent(subject, example, contexts):
    examples = [example("t", row, ("i1",)) for row in range(4)]
    how = {"kind": "order", "constrained": False}
    with chat_service(lambda _: "x") as model:
        row = subject(model.address, max_requests=3)
        row.answer(examples[:2], contexts, **how)
        with pytest.raises(
            StageError, match=r"exceed max_requests \(3\); raise it in fidelity.chat_models"
        ):
            row.answer([examples[0], *examples[2:]], contexts, **how)
        assert len(model.asked) == 2
        assert row.answer(examples[1:3], contexts, **how) == [("x",), ("x",)]


@pytest.mark.parametrize(
    ("kind", "said", "answer"),
    [
        (
            "item",
            '1. Title 3\n2) Title 4\n- "Title 5"\n\n* Title 3\n1984\nTitle 6\nTitle 7',
            ("Title 3", "Title 4", "Title 5", "1984", "Title 6"),
        ),
        ("order", "Title 3; Title 4\n", ("Title 3; Title 4",)),
        ("list", " Title 3;\nTitle 4", ("Title 3; Title 4",)),
        ("label", "**Yes**, surely", ("Yes",)),
        ("label", "no.", ("No",)),
        ("label", "Nobody knows", ("Nobody knows",)),
    ],
)
def test_the_text_is_read_as_the_kind_of_answer_asked_for(
    kind, said, answer, example, contexts, subject
):
    with chat_service(lambda _: said) as model:
        (read,) = subject(model.address).answer(
            [example("t", 1, ("i1",))], contexts, kind=kind, constrained=False
        )
    assert read == answer
    (system, user) = model.asked[0]["messages"]
    assert system["role"] == "system"
    assert user == {"role": "user", "content": "t for Title 17; Title 3; Title 16"}


def perfect(tasks, examples, contexts, catalogue):
    """Answer every question as the target does, in words alone."""
    known = {}
    for one in examples:
        text = render(one.question, contexts, catalogue, "behavior").turns[0].text
        known[text] = (
            "\n".join(catalogue.title(item) for item in one.reference)
            if one.task == "retrieval"
            else "; ".join(
                catalogue.title(item) if item in catalogue else item for item in one.reference
            )
        )
    return lambda body: known[body["messages"][-1]["content"]]


def test_its_row_holds_what_can_be_had_and_nothing_else(
    tasks, examples, contexts, catalogue, subject, tmp_path
):
    hidden = ask([Text("reconstruct "), HistorySlot(0, vector_only=True)], "x")
    asked = [*examples, Example("hidden", "reconstruction", hidden, ("i0",))]
    said = perfect(tasks, examples, contexts, catalogue)
    with chat_service(said) as model, Journal(tmp_path / "answers.jsonl") as answers:
        metrics = measure_fidelity(
            [RandomSubject(catalogue, 0), subject(model.address)],
            tasks,
            asked,
            contexts,
            catalogue,
            journal=answers,
            batch_size=4,
            seed=0,
            progress=SilentProgress(),
        )
    row = {(m.task, m.metric, m.split): m for m in metrics if m.subject == "gpt"}
    assert {metric for _, metric, _ in row} == {
        *("hit@5", "ndcg@5", "kendall_tau", "accuracy", "history_coverage")
    }
    assert all(figure.value == 1 for figure in row.values())
    counts = {
        m.subject: m.n
        for m in metrics
        if (m.metric, m.split) == ("history_coverage", "leave_one_out")
    }
    assert counts == {"random": 4, "gpt": 3}  # the hidden history cannot be put in words


def test_shots_are_turns_of_the_conversation(subject, example, contexts):
    users = [*contexts, Context("v1", 1, ("i1",), "train"), Context("v2", 1, ("i2",), "train")]
    shots = Shots([example("t", row, (f"i{row}",)) for row in (4, 5)], users, seed=0)
    with chat_service(lambda _: "Title 9; Title 8") as model:
        row = InContextSubject("gpt_in_context", subject(model.address), shots)
        (read,) = row.answer([example("t", 2, ("i9",))], contexts, kind="order", constrained=False)
    assert read == ("Title 9; Title 8",)
    system, *shown, asked = model.asked[0]["messages"]
    assert [turn["role"] for turn in (system, *shown)] == ["system", *["user", "assistant"] * 2]
    pairs = {(shown[n]["content"], shown[n + 1]["content"]) for n in (0, 2)}
    assert pairs == {("t for Title 1", "i4"), ("t for Title 2", "i5")}
    assert asked == {"role": "user", "content": "t for Title 5"}


@pytest.mark.parametrize("limit", [1, 7, 12, 100])
def test_the_cap_is_spent_on_all_tasks_alike(limit, examples):
    measured = ("retrieval", "ranking", "interest", "reconstruction")  # 4, 4, 8 and 4 examples
    chosen = affordable(examples, measured, limit, seed=0)
    assert len(chosen) == min(limit, 20)
    assert chosen <= {one for one in examples if one.task in measured}
    counts = [sum(one.task == task for one in chosen) for task in measured]
    if limit == 12:
        assert counts == [3, 3, 3, 3]
    if limit == 7:
        assert sorted(counts) == [1, 2, 2, 2]
    assert affordable(examples, measured, limit, seed=0) == chosen


def test_questions_beyond_the_cap_are_not_its_to_answer(examples, subject):
    asked = frozenset(examples[:2])
    row = subject("http://127.0.0.1:9/v1", asked=asked)
    able = [one for one in examples if row.can_answer(one, constrained=False)]
    assert able == examples[:2]
    assert not row.can_answer(examples[0], constrained=True)
