"""The service as a process: where it listens, who may ask it, and that it loses nothing."""

from __future__ import annotations

import re
import signal
import sys

import httpx2
import pytest

from recexplainer.service.http_server import TOKEN, token_for
from recexplainer.service.served_run import ServedRun
from recexplainer.service.shared_run import Limits

SECRET = "a-secret-of-32-letters-or-so-4711"  # noqa: S105


@pytest.fixture(autouse=True)
def no_token(monkeypatch):
    monkeypatch.delenv(TOKEN, raising=False)


@pytest.fixture
def started(start, out):
    """Start a service at a free port, and return the process and its address when it is ready."""
    processes = []

    def call(*options):
        process = start("serve", out, "--port", "0", *options)
        processes.append(process)
        for line in process.stderr:
            found = re.search(r"running on (http://\S+)", line)
            if found:
                address = found.group(1)
                break
        while httpx2.get(f"{address}/healthz").status_code != 200:
            assert process.poll() is None
        return process, address

    yield call
    for process in processes:
        process.kill()
        process.communicate()


def test_killed_and_started_again_it_answers_the_same(started):
    questions = [
        ("recommend", {"user": "u0", "top": 3, "explain": True}),
        ("explain", {"user": "u0"}),
        ("explain", {"history": ["drama1", "comedy2"], "explainer": "occlusion"}),
        ("what-if", {"user": "u0", "item": "comedy3"}),
    ]
    told = []
    for end in (signal.SIGKILL, signal.SIGTERM):
        process, address = started("--deadline", "60")
        answers = [httpx2.post(f"{address}/v1/{path}", json=q, timeout=60) for path, q in questions]
        assert [answer.status_code for answer in answers] == [200] * len(questions)
        told.append([answer.json() for answer in answers])
        process.send_signal(end)
        process.communicate(timeout=60)
        assert process.returncode in (-end, 0)
    assert told[0] == told[1]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "models.example"])  # noqa: S104
def test_others_than_this_machine_are_not_answered_without_a_token(host, out, recx):
    said = recx("serve", out, "--host", host)
    assert (said.code, said.out) == (2, "")
    assert TOKEN in said.err
    assert len(said.err.splitlines()) == 1


def test_a_secret_that_can_be_guessed_is_refused(out, recx, monkeypatch):
    monkeypatch.setenv(TOKEN, "letmein")
    said = recx("serve", out)
    assert said.code == 2
    assert "too short" in said.err
    assert "letmein" not in said.err


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_this_machine_may_ask_without_a_token(host):
    assert token_for(host) is None


def test_without_the_token_only_health_is_told(client, out, caplog, capsys, monkeypatch):
    monkeypatch.setenv(TOKEN, SECRET)
    served = ServedRun.open(out, explainers=["occlusion"], limits=Limits(deadline=60.0))
    asked = client(served, token=token_for("::"))
    assert asked.get("/healthz").status_code == 200
    right = {"Authorization": f"Bearer {SECRET}"}
    paths = ("/v1/recommend?user=u1", "/metrics", "/openapi.json")
    seen = [asked.get("/healthz").text]
    for path in paths:
        for wrong in ({}, {"Authorization": SECRET}, {"Authorization": f"Bearer {SECRET}x"}):
            answer = asked.get(path, headers=wrong)
            assert (answer.status_code, answer.json()["error"]["kind"]) == (401, "token")
            assert answer.headers["www-authenticate"] == "Bearer"
            seen.append(answer.text)
        assert asked.get(path, headers={**right, "host": "elsewhere.example"}).status_code == 200
        seen.append(asked.get(path, headers=right).text)
    assert SECRET not in "".join([*seen, caplog.text, *capsys.readouterr()])
    held = [
        path for path in out.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()
    ]
    assert held == []


def test_before_the_run_is_loaded_it_is_not_ready(client, out, monkeypatch):
    async def never(self):
        return None

    monkeypatch.setattr(ServedRun, "warm", never)
    asked = client(ServedRun.open(out), ready=False)
    assert asked.get("/healthz").status_code == 503
    assert asked.get("/healthz").json()["ready"] is False
    answer = asked.post("/v1/explain", json={"user": "u1"})
    assert (answer.status_code, answer.json()["error"]["kind"]) == (503, "not_ready")
    assert answer.headers["retry-after"] == "5"


def test_what_is_no_run_is_told_in_a_line(tmp_path, recx):
    said = recx("serve", tmp_path)
    assert (said.code, len(said.err.splitlines())) == (2, 1)


def test_a_run_that_cannot_be_asked_ends_the_service(out, tmp_path, recx):
    import shutil

    early = shutil.copytree(out, tmp_path / "early")
    shutil.rmtree(early / "4-surrogate")
    said = recx("serve", early, "--port", "0")
    assert said.code == 2
    assert "surrogate stage" in said.err


def test_what_is_not_installed_is_named_with_what_installs_it(out, recx, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    said = recx("serve", out)
    assert said.code == 2
    assert "pip install 'recexplainer[serve]'" in said.err
    assert len(said.err.splitlines()) == 1
