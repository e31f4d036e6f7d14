"""What the judge ``chat`` lacks is said before a run, in one line."""

from __future__ import annotations

import importlib.util

import pytest

from recexplainer.chat import ChatOptions, ChatServer, missing_for
from recexplainer.pipeline import default_registry


def _problems(**options):
    return list(missing_for(ChatOptions(**options), "the judge chat"))


def test_a_missing_key_is_named(monkeypatch):
    assert _problems() == []
    monkeypatch.delenv("OPENAI_API_KEY")
    (problem,) = _problems()
    assert "set OPENAI_API_KEY" in problem
    assert "\n" not in problem
    assert len(_problems(base_url="https://example.org/v1")) == 1


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1", "192.168.1.7:11434", "[::1]:80"])
def test_services_nearby_need_no_key(monkeypatch, host):
    monkeypatch.delenv("OPENAI_API_KEY")
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://{host}/v1")
    assert _problems() == []
    assert ChatServer(ChatOptions()).address == f"http://{host}/v1"


@pytest.mark.parametrize("key", ["sk abc", "sk-\x07abc", "sk-äbc", "sk-a\nb"])
def test_a_key_that_cannot_be_sent_is_one_line(monkeypatch, key):
    monkeypatch.setenv("OPENAI_API_KEY", key)
    (problem,) = _problems()
    assert "OPENAI_API_KEY holds" in problem
    assert key not in problem
    assert "\n" not in problem


def test_a_key_of_blanks_is_none(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", " \r\n")
    (problem,) = _problems()
    assert "set OPENAI_API_KEY" in problem


def test_a_proxy_that_cannot_be_used_is_one_line(monkeypatch):
    monkeypatch.setenv("ALL_PROXY", "nonsense://127.0.0.1:9")
    (problem,) = _problems()
    assert "proxy in the environment" in problem
    assert _problems(base_url="http://127.0.0.1:8000/v1") == []


def test_a_missing_package_is_named(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "openai" else found(name)
    )
    (problem,) = _problems()
    assert "pip install 'recexplainer[judge]'" in problem


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"api_key": "k"}, "unknown key"),
        ({"timeout": 0}, "timeout: must be above 0"),
        ({"base_url": "here"}, "base_url: must begin with http"),
        ({"base_url": "https://me:pw@host/v1"}, "no user or password"),
        ({"max_cost": 3.0}, "max_cost needs price_in and price_out"),
    ],
)
def test_mistakes_in_options_are_found_before_anything_runs(given, said):
    (problem,) = default_registry().options("judge", "chat", given, "judging.options.chat")
    assert problem.startswith("judging.options.chat")
    assert said in problem


def test_it_goes_by_its_model_too():
    registry = default_registry()
    assert registry.options("judge", "chat:llama3:8b", {}, "o") == ChatOptions(model="llama3:8b")
