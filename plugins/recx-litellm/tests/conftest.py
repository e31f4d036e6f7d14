"""A chat model to ask, on this machine."""

from __future__ import annotations

import json

import pytest

from recexplainer.testing.servers.chat_service import chat_service


def by_the_rubric(body):
    """Grade what the message holds: the decision first, then whether the history is spoken of."""
    shown = json.loads(body["messages"][-1]["content"])
    text = shown["explanation"]
    if not text.startswith(shown["decision_of_the_recommender"]):
        return "It states another decision.\nRATING-1"
    names = [item["title"] for item in shown["history"]]
    return f"It is right.\n\nRATING-{4 if any(name in text for name in names) else 2}"


@pytest.fixture(autouse=True)
def key(monkeypatch):
    """The key, which is there before anything looks at the environment."""
    monkeypatch.setenv("OPENAI_API_KEY", "secret-of-the-test")


@pytest.fixture
def server():
    # litellm's pool would keep a connection open when a test is over.
    with chat_service(by_the_rubric, keep_alive=False) as stand_in:
        yield stand_in
