"""One short run that is served: forty users, two genres, a tiny surrogate."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

import pytest

import recexplainer

SETTINGS = (
    *("dataset.name=csv", "target.name=ease", "alignment.mode=behavior"),
    *("surrogate.tiny={layers: 1, width: 32, heads: 2, vocabulary: 512}", "surrogate.device=cpu"),
    *("training.threads=1", "training.budget=0.2", "dataset.max_history=6"),
    *("fidelity.users=12", "explanations.users=6", "explanations.explainers=[surrogate]"),
)


@pytest.fixture(scope="session")
def out(tmp_path_factory):
    """A finished run; a title of it has what HTML would read."""
    folder = tmp_path_factory.mktemp("served")
    films = [f"{genre}{place}" for genre in ("comedy", "drama") for place in range(12)]
    titles = {film: f"The {film.capitalize()} Film" for film in films}
    titles["drama11"] = "Tom & 'Jerry <3"
    items = ["item_id,title", *(f"{film},{title}" for film, title in titles.items())]
    rows = ["user_id,item_id,timestamp"]
    for user in range(40):
        own = films[:12] if user % 2 else films[12:]
        start = user * user * 2 // 3 + user // 39  # so that films differ in popularity
        rows += [f"u{user},{own[(start + step) % 12]},{step}" for step in range(8)]
    for name, lines in (("items", items), ("interactions", rows)):
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    files = (f"dataset.options.{n}={folder / n}.csv" for n in ("items", "interactions"))
    run = tmp_path_factory.mktemp("runs") / "short"
    recexplainer.run(recexplainer.load_config(None, [*SETTINGS, *files]), run)
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
