"""Proxies are for what lies behind them."""

from __future__ import annotations

import pytest

from recexplainer.errors import UserError
from recexplainer.runs.web_access import client_settings, is_own_machine, is_own_network


@pytest.mark.parametrize(
    ("url", "machine", "network"),
    [
        ("http://localhost:8000/v1", True, True),
        ("http://127.0.0.1", True, True),
        ("http://127.9.9.9:1", True, True),
        ("http://[::1]:80", True, True),
        ("http://model.localhost", True, True),
        ("http://192.168.1.7:11434", False, True),
        ("http://10.0.0.2", False, True),
        ("https://example.org/v1", False, False),
        ("http://8.8.8.8", False, False),
        ("http://localhost.example.org", False, False),
    ],
)
def test_where_an_address_is(url, machine, network):
    assert is_own_machine(url) == machine
    assert is_own_network(url) == network


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:9", "nonsense://127.0.0.1:9"])
def test_a_proxy_that_cannot_be_used_is_one_line(monkeypatch, proxy):
    monkeypatch.setenv("ALL_PROXY", proxy)
    if proxy.startswith("socks"):
        monkeypatch.setitem(__import__("sys").modules, "socksio", None)
    with pytest.raises(UserError, match="proxy in the environment") as caught:
        client_settings("https://example.org/v1")
    assert "\n" not in str(caught.value)
    assert client_settings("http://127.0.0.1:8000")["trust_env"] is False


def test_without_proxies_nothing_is_set(monkeypatch):
    for name in ("ALL_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert client_settings("https://example.org/v1") == {}
