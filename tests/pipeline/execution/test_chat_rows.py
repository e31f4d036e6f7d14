"""Rows of the fidelity table are asked by the rules that hold for every chat model."""

from __future__ import annotations

import pytest

from recexplainer.chat import AnswerBook, ChatOptions, ChatRequest, Message
from recexplainer.config import load_config
from recexplainer.config.chat_models import ChatRowConfig
from recexplainer.errors import ConfigError, StageError
from recexplainer.pipeline.execution.chat_rows import _client, chat_problems
from recexplainer.testing.servers.chat_service import chat_service


@pytest.mark.parametrize(
    ("address", "needs_key"),
    [("http://localhost:1/v1", False), ("http://10.0.0.7/v1", False), ("https://a.org/v1", True)],
)
def test_services_nearby_need_no_key_and_others_do(address, needs_key, monkeypatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    rows = f"fidelity.chat_models=[{{model: m, base_url: '{address}'}}]"
    found = list(chat_problems(load_config(None, [rows])))
    assert len(found) == needs_key
    assert all(line.startswith(f"fidelity.chat_models[0]: m asks {address}") for line in found)


def test_a_row_costs_no_more_than_it_may(chat_key) -> None:
    with chat_service(lambda _: "x") as service:
        prices = {"price_in": 1.0, "price_out": 1_000_000.0, "max_cost": 2.5}
        chat = ChatRowConfig(model="m", base_url=service.address, concurrency=1, **prices)
        requests = [ChatRequest((Message("user", str(n)),), max_tokens=1) for n in range(9)]
        with _client(chat, AnswerBook()) as asked, pytest.raises(StageError, match="max_cost"):
            asked.complete(requests)
        assert len(service.asked) < 4


def test_what_is_not_given_is_the_same_for_a_row_and_a_judge() -> None:
    row, judge = ChatRowConfig().model_dump(), ChatOptions().model_dump()
    shared = row.keys() & judge.keys()
    assert len(shared) == 10
    assert {name: row[name] for name in shared} == {name: judge[name] for name in shared}


def test_a_cost_without_prices_is_refused() -> None:
    with pytest.raises(ConfigError, match="max_cost needs price_in and price_out"):
        load_config(None, ["fidelity.chat_models=[{model: m, max_cost: 1}]"])
