"""``recx`` as a user calls it, without the cost of a process."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from recexplainer.cli.main import main


class Said(NamedTuple):
    code: int | str | None
    out: str
    err: str


@pytest.fixture
def recx(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Said]:
    for name, value in (("OMP_WAIT_POLICY", "PASSIVE"), ("TOKENIZERS_PARALLELISM", "false")):
        monkeypatch.setenv(name, value)

    def call(*args: object) -> Said:
        with pytest.raises(SystemExit) as ended:
            main([str(arg) for arg in args])
        return Said(ended.value.code, *capsys.readouterr())

    return call
