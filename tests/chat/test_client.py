"""A chat model is asked over the wire, once per question, and never beyond its limits."""

from __future__ import annotations

import hashlib
import json
import threading
import time

import pytest

pytest.importorskip("openai")

from recexplainer.chat import (
    Answer,
    AnswerBook,
    ChatClient,
    ChatRequest,
    ChatServer,
    Limits,
    Message,
    NoAnswerError,
    answers_in,
)
from recexplainer.config.chat_models import ChatModelConfig
from recexplainer.errors import RunFolderError, StageError, UserError
from recexplainer.runs.journal import Journal
from recexplainer.testing.servers.chat_service import ChatReply, chat_service


@pytest.fixture(autouse=True)
def environment(chat_key):
    """The key is there."""


@pytest.fixture
def journal(tmp_path):
    with Journal(tmp_path / "chat.jsonl") as opened:
        yield opened


@pytest.fixture
def client(journal):
    def make(model, limits=None, setting="", **settings):
        chat = ChatModelConfig(model="gpt-x", base_url=model.address, **{"retries": 1, **settings})
        server = ChatServer(chat, setting)
        return ChatClient(server, AnswerBook(journal), limits=limits)

    return make


def shouting(body):
    return body["messages"][-1]["content"].upper()


def question(text, limit=9):
    return ChatRequest((Message("user", text),), limit)


def test_answers_come_in_order_and_once(client, tmp_path, chat_key):
    wanted = [question(f"q{number}") for number in (3, 1, 2, 1)]
    with chat_service(shouting) as model:
        with client(model) as asked:
            assert asked.complete(wanted) == ["Q3", "Q1", "Q2", "Q1"]
            assert asked.answered == len(model.asked) == 3
        again = client(model)
        assert again.complete(wanted) == ["Q3", "Q1", "Q2", "Q1"]
        assert again.answered == 0
    body = model.asked[0]
    assert model.keys[0] == f"Bearer {chat_key}"
    assert body.keys() == {"model", "messages", "max_tokens", "temperature"}
    assert (body["model"], body["max_tokens"], body["temperature"]) == ("gpt-x", 9, 0.0)
    assert chat_key not in (tmp_path / "chat.jsonl").read_text("utf-8")


@pytest.mark.parametrize("change", ["model", "server", "limit", "system", "temperature"])
def test_whatever_could_change_the_answer_asks_anew(change, client, journal):
    with chat_service(shouting) as model, chat_service(shouting) as other:
        client(model).complete([question("q")])
        chat = ChatModelConfig(
            model="gpt-y" if change == "model" else "gpt-x",
            base_url=other.address if change == "server" else model.address,
            temperature=0.5 if change == "temperature" else 0.0,
        )
        server = ChatServer(chat)
        messages = (Message("user", "q"),)
        if change == "system":
            messages = (Message("system", "s"), *messages)
        request = ChatRequest(messages, 10 if change == "limit" else 9)
        ChatClient(server, AnswerBook(journal)).complete([request])
        assert len(model.asked) + len(other.asked) == 2


def test_the_key_is_a_digest_of_the_whole_request(monkeypatch):
    monkeypatch.setenv("OPENAI_BASE_URL", "http://here/v1")
    identity = (
        '["http://here/v1", {"max_tokens": 9, "messages": [{"content": "é", "role": "user"}], '
        '"model": "m", "temperature": 0.0}]'
    )
    assert (
        ChatServer(ChatModelConfig(model="m")).key(question("é"))
        == hashlib.sha256(identity.encode()).hexdigest()
    )


def test_no_more_requests_at_once_than_allowed(client):
    with chat_service(shouting) as model:
        model.delay = 0.05
        client(model, concurrency=3).complete([question(str(n)) for n in range(12)])
        assert 2 <= model.most_at_once <= 3


@pytest.mark.parametrize("header", [{"Retry-After-Ms": "300"}, {"Retry-After": "0.3"}])
def test_a_busy_server_is_asked_again_when_it_says(client, header):
    with chat_service(shouting) as model:
        model.script += [
            ChatReply(status=429, headers=header),
            ChatReply(status=503, headers=header),
        ]
        began = time.monotonic()
        with client(model, retries=2) as asked:
            assert asked.complete([question("q")]) == ["Q"]
        assert 0.6 <= time.monotonic() - began < 5  # of itself it would wait for hundredths
        assert asked.failures == {"rate limit": 1, "server error 503": 1}
        assert asked.spending.requests == len(model.asked) == 3


def test_what_was_answered_before_a_failure_is_kept(client, journal):
    broken = True

    def say(body):
        if broken and body["messages"][-1]["content"] == "q5":
            return ChatReply(status=500)
        return "fine"

    wanted = [question(f"q{number}") for number in range(8)]
    with chat_service(say) as model:
        with pytest.raises(StageError, match="run the same command again") as caught:
            client(model, concurrency=1, retries=0).complete(wanted)
        assert "failed 1 times: server error 500" in str(caught.value)
        assert "\n" not in str(caught.value)
        assert len(journal) == 5
        assert len(model.asked) == 6  # after the failure nobody asks
        broken = False
        assert client(model).complete(wanted) == ["fine"] * 8
        assert len(model.asked) == 9


def test_one_failure_need_not_end_it(client):
    requests = [question(f"q{number}") for number in range(5)]
    with chat_service(shouting) as model:
        model.script.append(ChatReply(status=500))
        with client(model, concurrency=1, retries=0).asking(requests) as reply:
            with pytest.raises(NoAnswerError, match="no answer in 1 try: server error 500"):
                reply(requests[0])
            assert [reply(one).text for one in requests[1:]] == ["Q1", "Q2", "Q3", "Q4"]


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "gpt-x at .* refuses the key in OPENAI_API_KEY: .*no such thing"),
        (404, "there is no gpt-x at .*no such thing.* See some.setting: model, base_url"),
        (400, "gpt-x at .* refuses the request: .*no such thing.* See some.setting"),
    ],
)
def test_a_refusal_is_the_users_to_mend(status, words, client, chat_key):
    refusal = ChatReply(status=status, error="no such thing")
    with chat_service(lambda _: refusal) as model, pytest.raises(UserError, match=words) as caught:
        client(model, setting="some.setting").complete([question("q")])
    tries = {json.dumps(body, sort_keys=True) for body in model.asked}
    assert len(model.asked) == len(tries) <= (4 if status == 400 else 1)  # never the same again
    assert chat_key not in str(caught.value)


def test_a_server_that_is_not_there(client):
    with chat_service(shouting) as model:
        pass
    with pytest.raises(StageError, match="failed 1 times: no connection"):
        client(model, retries=0).complete([question("q")])


def test_a_limit_that_is_reached_says_what_to_raise(client, journal):
    requests = [question(f"q{number}") for number in range(5)]
    with chat_service(shouting) as model:
        limited = client(model, limits=Limits(max_requests=3), concurrency=1)
        with pytest.raises(StageError, match="max_requests of 3 is reached; raise it"):
            limited.complete(requests)
        assert len(journal) == len(model.asked) == 3
        assert [request.text for request in limited.new(requests)] == ["q3", "q4"]


def test_an_estimate_is_an_upper_bound():
    limits = Limits(price_in=1.0, price_out=10.0)
    requests = [
        ChatRequest((Message("system", "s" * 30), Message("user", "é" * 15)), 100),
        question("x", 7),
    ]
    estimate = limits.estimate(requests)
    assert (estimate.requests, estimate.tokens_in, estimate.tokens_out) == (2, 20 + 1, 107)
    assert estimate.cost == pytest.approx((21 * 1 + 107 * 10) / 1e6)
    assert str(estimate) == "2 requests, at most 21 tokens in and 107 out, at most $0.00"


def test_a_folder_keeps_answers_and_is_held(tmp_path):
    with answers_in(tmp_path / "judges") as book:
        book.keep("k", Answer(text="a", tokens_in=3))
        with (
            pytest.raises(RunFolderError, match="another process"),
            answers_in(tmp_path / "judges"),
        ):
            pass
    with answers_in(tmp_path / "judges") as book:
        assert book.find("k") == Answer(text="a", tokens_in=3)
        assert book.find("other") is None


def test_a_file_of_other_things_is_named(tmp_path):
    (tmp_path / "chat-answers.jsonl").write_text(
        json.dumps({"id": "k", "payload": {"x": 1}}) + "\n"
    )
    with (
        answers_in(tmp_path) as book,
        pytest.raises(RunFolderError, match=r"chat-answers.jsonl holds something else"),
    ):
        book.find("k")


def test_the_first_question_goes_out_alone_and_a_busy_server_is_asked_less(client):
    """It bears four at a time, and refuses what is more."""
    at_once, lock, most = [0], threading.Lock(), []

    def say(body):
        with lock:
            at_once[0] += 1
            most.append(at_once[0])
            refused = at_once[0] > 4
        time.sleep(0 if refused else 0.05)
        with lock:
            at_once[0] -= 1
        return ChatReply(status=429, headers={"Retry-After": "0"}) if refused else "fine"

    wanted = [question(f"q{number}") for number in range(60)]
    with chat_service(say) as model, client(model, retries=20, concurrency=32) as asked:
        assert asked.complete(wanted) == ["fine"] * 60
        assert model.at[1] - model.at[0] >= 0.05
        # Without minding, 31 at once would have been refused again and again.
        assert asked.failures["rate limit"] < 60
        assert asked.window.widest < 32


def test_the_key_is_taken_without_what_files_and_pastes_leave_around_it(client, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", " sk-abc\r\n")
    with chat_service(shouting) as model:
        client(model).complete([question("q")])
    assert model.keys == ["Bearer sk-abc"]


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "socks5://127.0.0.1:9", "nonsense://x"])
def test_a_service_of_this_machine_is_asked_past_proxies(client, monkeypatch, proxy):
    for name in ("ALL_PROXY", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, proxy)
    with chat_service(shouting) as model:
        assert client(model, retries=0).complete([question("q")]) == ["Q"]


def test_thoughts_are_no_part_of_what_is_answered(client):
    with chat_service(lambda _: "<think>Q?</think>\nA<|im_end|>") as model:
        assert client(model).complete([question("q")]) == ["A"]


def test_tokens_and_seconds_of_answers_are_counted(client):
    usage = {
        "prompt_tokens": 100,
        "completion_tokens": 7,
        "prompt_tokens_details": {"cached_tokens": 80},
    }
    raw = json.dumps({"choices": [{"message": {"content": "a"}}], "usage": usage})
    with chat_service(lambda _: ChatReply(raw=raw, wait=0.05)) as model, client(model) as asked:
        asked.complete([question(f"q{n}") for n in range(4)])
        assert (asked.tally.tokens_in, asked.tally.tokens_out) == (400, 28)
        assert "400 tokens in (80% of those in kept by the service) and 28 out" in str(asked.tally)
        assert "about 4,000 tokens in and 280 out in all" in asked.tally.forecast(40)


@pytest.mark.parametrize(
    ("message", "text", "reasoning"),
    [
        ({"content": "A"}, "A", ""),
        ({"content": None, "reasoning_content": "Q?"}, "", "Q?"),
        ({"content": "A", "reasoning": "Q?"}, "A", "Q?"),
        ({"content": "A", "reasoning": None}, "A", ""),
        ({"content": [{"type": "text", "text": "A"}, {"type": "text", "text": "B"}]}, "AB", ""),
        (
            {"content": [{"type": "thinking", "thinking": "Q?"}, {"type": "text", "text": "A"}]},
            "A",
            "Q?",
        ),
        (
            {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Q?"}]}]},
            "",
            "Q?",
        ),
    ],
)
def test_an_answer_may_come_in_parts(client, message, text, reasoning):
    raw = json.dumps({"choices": [{"message": message}]})
    with chat_service(lambda _: ChatReply(raw=raw)) as model, client(model) as asked:
        request = question("q")
        with asked.asking([request]) as reply:
            answer = reply(request)
    assert (answer.text, answer.reasoning) == (text, reasoning)
    assert len(model.asked) == 1
