"""A Dask scheduler that goes is told in one line, a worker that goes is not."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

distributed = pytest.importorskip("distributed")

from recexplainer.batch.engine_dask import DaskEngine  # noqa: E402
from recexplainer.errors import StageError  # noqa: E402


@pytest.fixture
def engine(monkeypatch):
    from distributed.client import FuturesCancelledError

    def gone(*_, **__):
        raise FuturesCancelledError([])

    monkeypatch.setattr(distributed, "wait", gone)
    return DaskEngine("host:8786")


def test_a_scheduler_that_is_gone_is_told_and_how_to_go_on(engine):
    engine._client = SimpleNamespace(status="connecting")
    with pytest.raises(
        StageError, match=r"scheduler at host:8786 is gone; start one, then run the"
    ):
        engine._pause([object()])


def test_a_worker_that_is_gone_is_no_error(engine):
    engine._client = SimpleNamespace(status="running")
    engine._pause([object()])
