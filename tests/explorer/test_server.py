"""What keeps the explorer from starting is said in one line."""

from __future__ import annotations

import importlib
import socket
import sys

import pytest

from recexplainer.errors import MissingExtraError, UserError
from recexplainer.explorer.server import explore


def started(run_folder, port: int) -> None:
    explore((run_folder,), port=port, explainers=(), ready=lambda _: pytest.fail("it started"))


def test_without_nicegui_the_extra_is_named(tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "nicegui", None)
    with pytest.raises(MissingExtraError, match=r"recexplainer\[explore\]"):
        started(tmp_path, 0)


def test_pages_to_share_need_no_nicegui(monkeypatch) -> None:
    for name in [name for name in sys.modules if name.startswith("recexplainer.explorer")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "nicegui", None)
    assert importlib.import_module("recexplainer.explorer.bundle").write_bundle


def test_a_port_that_is_taken_is_named(tmp_path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(UserError, match="--port"):
            started(tmp_path, taken.getsockname()[1])
