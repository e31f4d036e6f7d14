"""One short run that is served: forty users, two genres, a tiny surrogate."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

import recexplainer

EXPLAINERS = "explanations.explainers=[surrogate]"


@pytest.fixture(scope="session")
def out(walks, tmp_path_factory):
    """A finished run; a title of it has what HTML would read."""
    run = tmp_path_factory.mktemp("runs") / "short"
    recexplainer.run(
        recexplainer.load_config(None, [*walks({"drama11": "Tom & 'Jerry <3"}), EXPLAINERS]), run
    )
    return run


@pytest.fixture(scope="session")
def door(out):
    """The same run, asked without the service."""
    return recexplainer.load(out, explainers=["surrogate", "occlusion"])


@pytest.fixture
def client():
    """Make a client of a served run that is loaded; it is closed when the test ends."""
    from starlette.testclient import TestClient

    from recexplainer.service.app import make_app

    opened = []

    def make(served, *, token=None, ready=True, **more):
        asked = TestClient(
            make_app(served, token=token),
            base_url="http://localhost",
            raise_server_exceptions=False,
            **more,
        )
        asked.__enter__()
        opened.append(asked)
        while ready and not served.ready:
            asked.portal.call(asyncio.sleep, 0.01)
        return asked

    yield make
    for asked in opened:
        asked.__exit__(None, None, None)


@pytest.fixture
def start():
    """Start a command in a process of its own."""

    def call(*args):
        return subprocess.Popen(
            [sys.executable, "-m", "recexplainer", *map(str, args)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": str(Path(recexplainer.__file__).parents[1])},
        )

    return call
