"""The service over HTTP: what it answers is what the run says, and every mistake has one shape."""

from __future__ import annotations

import asyncio
import re

import pytest

from recexplainer.service.refusals import BusyError, TooLateError
from recexplainer.service.request_models import MOST_ITEMS, MOST_LISTED, MOST_USERS
from recexplainer.service.served_run import ServedRun
from recexplainer.service.shared_run import Limits


@pytest.fixture(scope="module")
def served(out):
    made = ServedRun.open(out, limits=Limits(deadline=60.0))
    yield made
    made.close()


@pytest.fixture(scope="module")
def asked(served):
    from starlette.testclient import TestClient

    from recexplainer.service.app import make_app

    with TestClient(
        make_app(served), base_url="http://localhost", raise_server_exceptions=False
    ) as client:
        while not served.ready:
            client.portal.call(asyncio.sleep, 0.01)
        yield client


def error_of(answer):
    """Return what an answer says went wrong; every such answer has the same shape."""
    assert set(answer.json()) == {"error"}
    assert set(answer.json()["error"]) == {"kind", "message", "nearest"}
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "Traceback" not in answer.text
    assert not re.search(r"/(tmp|home|root|usr|work)/", answer.text)
    return answer.json()["error"]


def test_the_list_is_the_one_that_the_run_gives(asked, door):
    (told,) = asked.get("/v1/recommend", params={"user": "u0", "top": 5}).json()["lists"]
    own = door.recommend(user="u0", top=5)
    assert [one["item"] for one in told["items"]] == [one.item for one in own.items]
    assert [one["score"] for one in told["items"]] == pytest.approx(
        [one.score for one in own.items]
    )
    assert told["candidates"] == own.candidates
    assert asked.post("/v1/recommend", json={"user": "u0", "top": 5}).json()["lists"] == [told]
    history = list(own.history)
    left = {"history": history, "without": history[:1], "top": 3}
    (edited,) = asked.post("/v1/recommend", json=left).json()["lists"]
    again = door.recommend(**left)
    assert [one["item"] for one in edited["items"]] == [one.item for one in again.items]


def test_a_batch_is_answered_in_its_order_and_a_bad_user_has_an_error_in_its_place(asked, door):
    told = asked.post("/v1/recommend", json={"users": ["u3", "u99", "u1"], "top": 2}).json()
    first, bad, last = told["lists"]
    for one, user in ((first, "u3"), (last, "u1")):
        own = door.recommend(user=user, top=2)
        assert [item["item"] for item in one["items"]] == [item.item for item in own.items]
        assert one["error"] is None
    assert bad["error"]["kind"] == "unknown_user"
    assert bad["items"] == []


def test_each_item_of_a_list_can_have_its_reason(asked, door):
    told = asked.get("/v1/recommend", params={"user": "u0", "top": 3, "explain": True}).json()
    assert told["written_by"] == {"machine": True, "run": "short", "explainers": ["occlusion"]}
    for item in told["lists"][0]["items"]:
        own = door.explain(user="u0", item=item["item"], explainers=["occlusion"])
        assert item["reason"]["text"] == own.explanations[0].text
        assert item["reason"]["source"] == "recommender"


@pytest.mark.parametrize("explainer", ["surrogate", "occlusion"])
def test_a_text_is_that_of_the_run_with_what_the_target_said_of_each_claim(explainer, asked, door):
    question = {"user": "u0", "item": "drama11", "explainer": explainer}
    told = asked.post("/v1/explain", json=question).json()
    own = door.explain(user="u0", item="drama11", explainers=[explainer])
    given = own.answer
    assert (told["text"], told["explainer"]) == (given.text, given.explainer)
    assert [(one["text"], one["holds"], one["said"]) for one in told["claims"]] == [
        (one.text, one.real, one.detail) for one in given.claims
    ]
    for one in told["claims"]:
        assert told["text"][one["start"] : one["end"]] == one["text"]
    assert told["target"]["rank"] == own.case.rank
    assert told["written_by"] == {
        "machine": True,
        "run": "short",
        "explainers": [given.explainer],
    }
    withheld = bool(own.withheld)  # nobody else was asked
    assert (told["source"] == "surrogate") == (explainer == "surrogate" and not withheld)
    assert (told["why"] is not None) == withheld
    assert asked.post("/v1/explain", json=question).json() == told  # from the cache


def test_the_first_recommendation_is_explained_by_the_runs_first_explainer(asked, door):
    told = asked.post("/v1/explain", json={"history": ["comedy3", "drama3"]}).json()
    own = door.explain(history=["comedy3", "drama3"], explainers=["surrogate"])
    assert (told["item"], told["text"]) == (own.case.item, own.answer.text)
    assert told["first"] is True
    assert [one["item"] for one in told["history"]] == list(own.case.history)


def test_an_edit_is_the_one_that_the_run_finds(asked, door):
    told = asked.post("/v1/what-if", json={"user": "u0", "item": "comedy3", "aim": "top 3"}).json()
    own = door.what_if(user="u0", item="comedy3", aim="top 3")
    assert told["text"] == own.text
    assert (told["found"] is None) == (own.found is None)
    standing, change = (own.found or own.nearest), (told["found"] or told["nearest"])
    assert [one["item"] for one in change["history"]] == list(standing.history)
    assert (change["rank"], told["questions"]) == (standing.rank, own.questions)
    # No explainer has written it: it is the recommender's answers, put in a sentence.
    assert told["written_by"] == {"machine": True, "run": "short", "explainers": []}


def test_a_title_is_data_and_nothing_that_a_browser_would_run(asked):
    answer = asked.get("/v1/recommend", params={"history": ["drama10"], "top": 30})
    titles = [one["title"] for one in answer.json()["lists"][0]["items"]]
    assert "Tom & 'Jerry <3" in titles
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(
    ("question", "status", "kind", "words"),
    [
        ({"user": "u99"}, 404, "unknown_user", "unknown user 'u99'. Did you mean 'u9'?"),
        ({"user": "u1", "item": "comedy99"}, 404, "unknown_item", "unknown item 'comedy99'"),
        ({"user": "u1", "explainer": "oclusion"}, 422, "unknown_explainer", "'occlusion'"),
        ({}, 422, "question", "give one of the two"),
        ({"user": "u1", "history": []}, 422, "question", "give one of the two"),
        ({"history": ["drama1", "drama1"]}, 422, "question", "twice"),
        ({"user": "u0", "without": ["comedy9"]}, 422, "question", "cannot be taken out"),
        ({"user": "u1", "audience": "engineer"}, 422, "question", "The explainer told can"),
        ({"user": "u1", "language": "German"}, 422, "question", "The explainer told can"),
        ({"user": "u1", "instruction": "only colors"}, 422, "question", "attribute"),
        ({"user": "u1", "path": "/etc/passwd"}, 422, "invalid", "path: Extra inputs"),
        ({"user": "u" * 301}, 422, "invalid", "at most 300 characters"),
        ({"history": ["drama1"] * (MOST_ITEMS + 1)}, 422, "invalid", f"at most {MOST_ITEMS} items"),
        ([1], 422, "invalid", ""),
    ],
)
def test_a_mistake_is_told_in_a_sentence(question, status, kind, words, asked):
    answer = asked.post("/v1/explain", json=question)
    told = error_of(answer)
    assert (answer.status_code, told["kind"]) == (status, kind)
    assert words in told["message"]
    assert (told["nearest"] != []) == kind.startswith("unknown")


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ({"user": "u1", "top": 0}, "top"),
        ({"user": "u1", "top": MOST_LISTED + 1}, "top"),
        ({"users": ["u1"] * (MOST_USERS + 1)}, f"at most {MOST_USERS} items"),
        ({"users": ["u1"], "user": "u1"}, "not two of them"),
        ({"users": ["u1", "u2", "u3"], "top": 7, "explain": True}, "21 reasons are asked for"),
    ],
)
def test_what_is_too_much_is_refused(question, words, asked):
    answer = asked.post("/v1/recommend", json=question)
    assert answer.status_code == 422
    assert words in error_of(answer)["message"]


def test_a_query_is_checked_as_a_body_is(asked):
    answer = asked.get("/v1/recommend", params={"user": "u1", "top": 21, "explain": True})
    assert answer.status_code == 422
    assert "21 reasons are asked for" in error_of(answer)["message"]


def test_what_the_user_had_cannot_be_brought_into_the_list(asked):
    answer = asked.post("/v1/what-if", json={"user": "u0", "item": "drama0"})
    assert answer.status_code == 422
    assert "already had" in error_of(answer)["message"]


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"{", 400, "not_json"),
        (b"\xff\xfe", 400, None),
        (b"[" * 100_000, 400, None),
        (b'{"user": "' + b"u" * 2**19 + b'"}', 413, "content_too_large"),
        (b'{"user": "\\ud800"}', 422, "invalid"),
    ],
)
def test_a_malformed_body_is_no_failure_of_ours(body, status, kind, asked):
    headers = {"content-type": "application/json"}
    answer = asked.post("/v1/explain", content=body, headers=headers)
    told = error_of(answer)
    assert answer.status_code == status
    assert kind in (None, told["kind"])


def test_a_body_without_a_length_has_an_end_too(asked):
    parts = (b" " * 2**16 for _ in range(9))
    headers = {"content-type": "application/json"}
    answer = asked.post("/v1/explain", content=parts, headers=headers)
    assert answer.status_code == 413
    error_of(answer)


def test_other_paths_and_methods_are_told_in_the_same_shape(asked):
    for answer, status in ((asked.get("/v1/nothing"), 404), (asked.get("/v1/explain"), 405)):
        assert answer.status_code == status
        error_of(answer)


def test_the_document_is_there_and_no_page_that_fetches_scripts(asked):
    document = asked.get("/openapi.json").json()
    assert {"/v1/recommend", "/v1/explain", "/v1/what-if", "/healthz"} <= set(document["paths"])
    for page in ("/docs", "/redoc"):
        assert asked.get(page).status_code == 404
    told = document["components"]["schemas"]["ExplainAnswer"]["properties"]
    assert told["why"]["description"]


def test_health_and_metrics(asked):
    health = asked.get("/healthz").json()
    assert health == {
        "ready": True,
        "run": "short",
        "target": "ease",
        "explainers": ["surrogate", "occlusion"],
    }

    def count():
        text = asked.get("/metrics").text
        found = re.search(r'recx_requests_total\{path="/v1/explain",status="404"\} (\S+)', text)
        return float(found.group(1)) if found else 0.0

    before = count()
    asked.post("/v1/explain", json={"user": "nobody"})
    asked.get("/v1/never/" + "x" * 50)
    assert count() == before + 1
    assert "/v1/never" not in asked.get("/metrics").text


@pytest.mark.parametrize(
    ("raised", "status", "kind", "after"),
    [
        (BusyError(4, 3), 429, "busy", "3"),
        (TooLateError(2.0), 504, "late", None),
        (RuntimeError("/root/secret is gone"), 500, "internal", None),
    ],
)
def test_what_the_service_cannot_do_now_is_told(
    raised, status, kind, after, asked, served, monkeypatch
):
    async def refuse(*_, **__):
        raise raised

    monkeypatch.setattr(served.recommender, "ask", refuse)
    answer = asked.post("/v1/what-if", json={"user": "u0", "item": "comedy3"})
    assert (answer.status_code, error_of(answer)["kind"]) == (status, kind)
    assert answer.headers.get("retry-after") == after


def test_a_page_whose_name_points_here_is_not_answered(asked):
    answer = asked.get("/healthz", headers={"host": "elsewhere.example:8000"})
    assert answer.status_code == 403
    error_of(answer)
    for host in ("localhost:8000", "127.0.0.1", "[::1]:8000"):
        assert asked.get("/healthz", headers={"host": host}).status_code == 200


def test_the_folder_of_the_run_is_left_as_it_was(asked, out):
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*")}
    asked.post("/v1/explain", json={"user": "u5"})
    asked.post("/v1/what-if", json={"user": "u5", "item": "drama3"})
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*")} == before
