"""A server is asked in batches, patiently, and believed only when it keeps to the schema."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import numpy as np
import pytest

from recexplainer.errors import StageError, UserError
from recexplainer.plugins.interfaces import LatentTarget, TargetKit
from recexplainer.records import Catalogue, Item
from recexplainer.targets.external import http_client
from recexplainer.targets.external.http_endpoint import HttpOptions, build_http
from recexplainer.testing import LatentTargetContract
from recexplainer.testing.servers.http_service import Reply, serving
from recexplainer.testing.toy import toy_log

IDS = ("a", "b", "c")
KIT = TargetKit(Catalogue([Item(one, one.upper()) for one in IDS]), max_history=3)


class Recommender:
    """What the server knows: its items in an order of its own, and a vector for each."""

    def __init__(self, items):
        self.items = list(items)
        self.vectors = np.random.default_rng(0).normal(size=(len(self.items), 4))
        self.requests = []  # (method and path, body, headers)
        self.replies = []  # (status, headers, body) to give before answering as it should

    def answer(self, sent):
        request, body = f"{sent.method} {sent.path}", sent.json
        self.requests.append((request, body, dict(sent.headers)))
        if self.replies:
            status, headers, text = self.replies.pop(0)
            return Reply(text, status, headers)
        return Reply(self.reply(request, body))

    def reply(self, request, body):
        if request == "GET /items":
            return {"items": self.items}
        if request == "GET /item_vectors":
            return {"vectors": self.vectors.tolist()}
        users = [
            self.vectors[[self.items.index(item) for item in history]].sum(axis=0)
            for history in body["histories"]
        ]
        if request == "POST /user_vectors":
            return {"vectors": np.array(users).tolist()}
        rows = [self.items.index(item) for item in body.get("items", self.items)]
        return {"scores": (np.array(users) @ self.vectors[rows].T).tolist()}


@pytest.fixture
def recommender():
    return Recommender(("c", "x", "a", "b"))


@pytest.fixture
def url(recommender):
    with serving(recommender.answer) as url:
        yield url


@pytest.fixture
def pauses(monkeypatch):
    slept = []
    monkeypatch.setattr(http_client.time, "sleep", slept.append)
    return slept


@pytest.fixture(scope="module")
def toy_url():
    with serving(Recommender(toy_log().catalogue.ids[::-1]).answer) as url:
        yield url


class TestHttpContract(LatentTargetContract):
    @pytest.fixture
    def make_target(self, toy_url):
        return lambda kit: build_http(HttpOptions(url=toy_url, vectors=True, batch_size=3), kit)


def test_scores_are_the_servers_in_our_order(recommender, url):
    target = build_http(HttpOptions(url=url + "/"), KIT)
    assert not isinstance(target, LatentTarget)
    user = recommender.vectors[3] + recommender.vectors[0]
    expected = [user @ recommender.vectors[row] for row in (2, 3, 0)]
    np.testing.assert_allclose(target.scores([["b", "c"]])[0], expected, rtol=1e-6)


def test_histories_are_sent_in_batches(recommender, url):
    build_http(HttpOptions(url=url, batch_size=2), KIT).scores([["a"], [], ["b"]])
    bodies = [body for request, body, _ in recommender.requests if request == "POST /scores"]
    assert bodies == [{"histories": [["a"], []]}, {"histories": [["b"]]}]


def test_items_can_be_sent_instead_of_asked_for(recommender, url):
    sent = build_http(HttpOptions(url=url, items="send"), KIT).scores([["a"]])
    assert [request for request, *_ in recommender.requests] == ["POST /scores"]
    assert recommender.requests[0][1] == {"histories": [["a"]], "items": ["a", "b", "c"]}
    np.testing.assert_array_equal(sent, build_http(HttpOptions(url=url), KIT).scores([["a"]]))


def test_a_busy_server_is_asked_again_after_growing_pauses(recommender, url, pauses):
    target = build_http(HttpOptions(url=url), KIT)
    recommender.replies += [(503, {}, "warming up"), (500, {}, ""), (408, {}, "")]
    assert target.scores([["a"]]).shape == (1, 3)
    assert pauses == [0.5, 1, 2]


def test_the_pause_that_the_server_asks_for_is_kept(recommender, url, pauses):
    target = build_http(HttpOptions(url=url), KIT)
    later = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    recommender.replies += [
        (429, {"Retry-After": "7"}, ""),
        (503, {"Retry-After": later}, ""),
        (503, {"Retry-After": "soon"}, ""),
    ]
    target.scores([["a"]])
    assert pauses[0] == 7
    assert 15 < pauses[1] <= 20
    assert pauses[2] == 2


def test_a_server_that_wants_too_long_a_pause_ends_the_run(recommender, url, pauses):
    target = build_http(HttpOptions(url=url, max_wait_seconds=10), KIT)
    recommender.replies += [(429, {"Retry-After": "3600"}, "quota")]
    with pytest.raises(
        StageError, match=r"429 Too Many Requests \(quota\) and asks to wait 3600 s"
    ):
        target.scores([["a"]])
    assert pauses == []


def test_a_server_that_stays_broken_ends_the_run(recommender, url, pauses):
    target = build_http(HttpOptions(url=url, retries=2), KIT)
    recommender.replies += [(500, {}, "boom")] * 3
    with pytest.raises(StageError, match=r"POST .*/scores was answered with 500 .*boom.*3 times"):
        target.scores([["a"]])
    assert len(pauses) == 2


def test_a_server_that_is_silent_times_out(url, recommender):
    release = threading.Event()
    recommender.reply = lambda *_: release.wait(5) and {}
    try:
        with pytest.raises(StageError, match=r"gave no answer .ReadTimeout.*tried once"):
            build_http(HttpOptions(url=url, timeout_seconds=0.2, retries=0), KIT)
    finally:
        release.set()


def test_nobody_listens(pauses):
    with serving(Recommender(IDS).answer) as url:
        pass
    with pytest.raises(
        UserError, match=r"ConnectError.*tried 5 times; is the server running there"
    ):
        build_http(HttpOptions(url=url), KIT)
    assert pauses == [0.5, 1, 2, 4]


REPLIES = {
    "401": ((401, {}, "no token"), r"401 Unauthorized \(no token\); set token_env"),
    "404": ((404, {}, ""), "404 Not Found; see the schema"),
    "405": ((405, {}, ""), "405 Method Not Allowed; see the schema"),
    "413": ((413, {}, ""), "413 .*; lower batch_size"),
    "422": ((422, {}, '{"detail": "histories"}'), r"422 .*detail"),
    "redirect": ((307, {"Location": "http://other/"}, ""), "leads to http://other/; set url"),
    "HTML": ((200, {}, "<html>\nhello"), "answered no JSON .* begins with '<html> hello'"),
    "half of a JSON": ((200, {}, '{"scores": [[1, 2'), "answered no JSON"),
    "a list": (
        (200, {}, "[[1, 2, 3, 4]]"),
        r'must answer {"scores": \[\.\.\.\]}, and answered \[\[',
    ),
    "another key": ((200, {}, '{"logits": []}'), r"an object with \['logits'\]"),
    "null": ((200, {}, '{"scores": null}'), "must answer"),
    "ragged": ((200, {}, '{"scores": [[1, 2, 3, 4], [1]]}'), "rows of different lengths"),
    "too few columns": ((200, {}, '{"scores": [[1, 2], [3, 4]]}'), r"\(2, 2\), where \(2, 4\)"),
    "too few rows": ((200, {}, '{"scores": [[1, 2, 3, 4]]}'), r"\(1, 4\), where \(2, 4\)"),
    "NaN": ((200, {}, '{"scores": [[1, NaN, 3, 4], [1, 2, 3, 4]]}'), "not finite.*row 0, column 1"),
    "null among them": ((200, {}, '{"scores": [[1, null, 3, 4], [1, 2, 3, 4]]}'), "of object"),
    "words": ((200, {}, '{"scores": [["1", "2", "3", "4"], ["1", "2", "3", "4"]]}'), "of <U1"),
}


@pytest.mark.parametrize(("reply", "message"), REPLIES.values(), ids=REPLIES)
def test_an_answer_outside_the_schema_is_one_line(recommender, url, reply, message, pauses):
    target = build_http(HttpOptions(url=url), KIT)
    recommender.replies.append(reply)
    with pytest.raises(UserError, match=message) as raised:
        target.scores([["a"], []])
    assert "\n" not in str(raised.value)
    assert pauses == []


@pytest.mark.parametrize("proxy", ["http://127.0.0.1:9", "socks5://127.0.0.1:9"])
def test_a_server_of_this_machine_is_asked_past_proxies(recommender, url, monkeypatch, proxy):
    for name in ("ALL_PROXY", "HTTP_PROXY", "http_proxy"):
        monkeypatch.setenv(name, proxy)
    build_http(HttpOptions(url=url), KIT).scores([["b", "c"]])
    assert "POST /scores" in {request for request, _, _ in recommender.requests}


def test_the_token_is_sent_and_said_nowhere(recommender, url, monkeypatch, tmp_path):
    monkeypatch.setenv("MY_TOKEN", "s3cret-token")
    options = HttpOptions(url=url, token_env="MY_TOKEN")  # noqa: S106  # a name
    target = build_http(options, KIT)
    target.save(tmp_path)
    assert {headers["Authorization"] for *_, headers in recommender.requests} == {
        "Bearer s3cret-token"
    }
    recommender.replies.append((403, {}, "no"))
    with pytest.raises(UserError) as raised:
        target.scores([["a"]])
    written = "".join(path.read_text("utf-8") for path in tmp_path.iterdir())
    assert "s3cret" not in f"{options!r}{options.model_dump()}{raised.value}{written}"
