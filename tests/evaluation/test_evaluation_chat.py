"""A chat model is asked over the wire, in words, once per question, and never beyond its cap."""

from __future__ import annotations

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

pytest.importorskip("openai")

from recexplainer.alignment.modes import render
from recexplainer.errors import StageError, UserError
from recexplainer.evaluation import (
    ChatClient,
    ChatServer,
    ChatSubject,
    RandomSubject,
    affordable,
    measure_fidelity,
)
from recexplainer.evaluation.chat_client import ChatRequest
from recexplainer.records import Example, HistorySlot, SilentProgress, Text, ask
from recexplainer.runs.journal import Journal


class Model:
    """What stands behind the server: answers by the question, or fails as it is told to."""

    def __init__(self, reply):
        self.reply = reply  # messages -> text, or (status, body)
        self.requests = []
        self.busy = self.busiest = 0
        self.lock = threading.Lock()


@contextmanager
def serving(model):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with model.lock:
                model.requests.append((self.path, body, self.headers["Authorization"]))
                model.busy += 1
                model.busiest = max(model.busiest, model.busy)
            said = model.reply(body["messages"])
            status, content = said if isinstance(said, tuple) else (200, said)
            answer = {
                "id": "1",
                "object": "chat.completion",
                "created": 1,
                "model": body["model"],
                "choices": [
                    {
                        "index": 0,
                        "finish_reason": "stop",
                        "message": {"role": "assistant", "content": content},
                    }
                ],
                "usage": {"prompt_tokens": 5, "completion_tokens": 2, "total_tokens": 7},
            }
            text = json.dumps(answer if status == 200 else {"error": {"message": content}}).encode()
            with model.lock:
                model.busy -= 1
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.send_header("Retry-After-Ms", "1")
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")


@pytest.fixture
def journal(tmp_path):
    with Journal(tmp_path / "chat.jsonl") as opened:
        yield opened


def client(url, journal, **settings):
    return ChatClient(ChatServer("gpt-x", url, **{"retries": 1, **settings}), journal)


def question(text, limit=9):
    return ChatRequest(({"role": "user", "content": text},), limit)


def test_answers_come_in_order_and_once(journal, tmp_path):
    model = Model(lambda messages: messages[-1]["content"].upper())
    with serving(model) as url:
        asked = client(url, journal)
        wanted = [question(f"q{number}") for number in (3, 1, 2, 1)]
        assert asked.complete(wanted) == ["Q3", "Q1", "Q2", "Q1"]
        assert asked.sent == len(model.requests) == 3
        again = client(url, journal)
        assert again.complete(wanted) == ["Q3", "Q1", "Q2", "Q1"]
        assert again.sent == 0
    path, body, authorization = model.requests[0]
    assert path == "/v1/chat/completions"
    assert authorization == "Bearer sk-secret"
    assert body.keys() == {"model", "messages", "max_tokens", "temperature"}
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("gpt-x", 9, 0.0)
    assert "sk-secret" not in (tmp_path / "chat.jsonl").read_text("utf-8")


@pytest.mark.parametrize("change", ["model", "server", "limit", "system"])
def test_whatever_could_change_the_answer_asks_anew(change, journal):
    model = Model(lambda _: "x")
    with serving(model) as url, serving(model) as other:
        client(url, journal).complete([question("q")])
        asked = ChatClient(
            ChatServer(
                "gpt-y" if change == "model" else "gpt-x", other if change == "server" else url
            ),
            journal,
        )
        messages = ({"role": "user", "content": "q"},)
        if change == "system":
            messages = ({"role": "system", "content": "s"}, *messages)
        asked.complete([ChatRequest(messages, 10 if change == "limit" else 9)])
    assert len(model.requests) == 2


def test_the_cap_holds_before_anything_is_sent(journal):
    model = Model(lambda _: "x")
    with serving(model) as url:
        asked = client(url, journal, max_requests=3)
        asked.complete([question("a"), question("b")])
        with pytest.raises(StageError, match=r"exceed max_requests \(3\)"):
            asked.complete([question("a"), question("c"), question("d")])
        assert len(model.requests) == 2
        assert asked.complete([question("b"), question("c")]) == ["x", "x"]


def test_no_more_requests_at_once_than_allowed(journal):
    def slow(_):
        time.sleep(0.05)
        return "x"

    model = Model(slow)
    with serving(model) as url:
        client(url, journal, concurrency=3).complete([question(str(n)) for n in range(12)])
    assert 2 <= model.busiest <= 3


def test_a_busy_server_is_asked_again(journal):
    failures = iter([(429, "slow down"), (503, "later")])
    model = Model(lambda _: next(failures, "at last"))
    with serving(model) as url:
        assert client(url, journal, retries=2).complete([question("q")]) == ["at last"]
    assert len(model.requests) == 3


def test_what_was_answered_before_a_failure_is_kept(journal):
    broken = True
    model = Model(lambda m: (500, "no") if broken and m[-1]["content"] == "q5" else "fine")
    wanted = [question(f"q{number}") for number in range(8)]
    with serving(model) as url:
        with pytest.raises(StageError, match="run the same command again") as caught:
            client(url, journal, concurrency=1, retries=0).complete(wanted)
        assert "\n" not in str(caught.value)
        assert len(journal) == 5
        assert len(model.requests) == 6  # after the failure nobody asks
        broken = False
        assert client(url, journal).complete(wanted) == ["fine"] * 8
        assert len(model.requests) == 9


@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "refused the key in OPENAI_API_KEY"), (404, "refused the request"), (400, "refused")],
)
def test_a_refusal_is_the_users_to_mend(status, words, journal):
    model = Model(lambda _: (status, "no such thing"))
    with serving(model) as url, pytest.raises(UserError, match=words) as caught:
        client(url, journal).complete([question("q")])
    assert len(model.requests) == 1
    assert "sk-secret" not in str(caught.value)


def test_a_server_that_is_not_there(journal):
    with serving(Model(lambda _: "x")) as url:
        pass
    with pytest.raises(StageError, match="failed 1 times"):
        client(url, journal, retries=0).complete([question("q")])


def subject(url, journal, catalogue, **settings):
    return ChatSubject("gpt", client(url, journal), catalogue=catalogue, render=render, **settings)


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
    kind, said, answer, example, contexts, catalogue, journal
):
    model = Model(lambda _: said)
    with serving(model) as url:
        (read,) = subject(url, journal, catalogue).answer(
            [example("t", 1, ("i1",))], contexts, kind=kind, constrained=False
        )
    assert read == answer
    (system, user) = model.requests[0][1]["messages"]
    assert system["role"] == "system"
    assert user == {"role": "user", "content": "t for Title 17; Title 3; Title 16"}


def perfect(tasks, examples, contexts, catalogue):
    """Answer every question as f does, in words alone."""
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
    return lambda messages: known[messages[-1]["content"]]


def test_its_row_holds_what_can_be_had_and_nothing_else(
    tasks, examples, contexts, catalogue, journal, tmp_path
):
    model = Model(perfect(tasks, examples, contexts, catalogue))
    hidden = ask([Text("reconstruct "), HistorySlot(0, vector_only=True)], "x")
    asked = [*examples, Example("hidden", "reconstruction", hidden, ("i0",))]
    with serving(model) as url, Journal(tmp_path / "answers.jsonl") as answers:
        metrics = measure_fidelity(
            [RandomSubject(catalogue, 0), subject(url, journal, catalogue)],
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


def test_questions_beyond_the_cap_are_not_its_to_answer(examples, catalogue, journal):
    asked = frozenset(examples[:2])
    row = subject("http://127.0.0.1:9/v1", journal, catalogue, asked=asked)
    able = [one for one in examples if row.can_answer(one, constrained=False)]
    assert able == examples[:2]
    assert not row.can_answer(examples[0], constrained=True)
