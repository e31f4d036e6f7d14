"""One short run that is served: forty users, two genres, a tiny surrogate."""

from __future__ import annotations

import asyncio

import pytest

import recexplainer

SETTINGS = (
    *("dataset.name=csv", "target.name=recbole:FPMC", "target.options.max_epochs=1"),
    *("dataset.min_interactions=1", "surrogate.tiny.layers=1", "surrogate.tiny.width=32"),
    *("surrogate.tiny.heads=2", "training.budget=0.1", "dataset.max_history=6"),
    *("fidelity.users=4", "explanations.users=2", "explanations.explainers=[surrogate]"),
)


@pytest.fixture(scope="session")
def out(tmp_path_factory):
    """A finished run; a title of it is a script."""
    folder = tmp_path_factory.mktemp("served")
    films = [f"{genre}{place}" for genre in ("comedy", "drama") for place in range(12)]
    titles = {film: f"The {film.capitalize()} Film" for film in films}
    titles["drama11"] = "<script>alert(1)</script> & 'Co'"
    items = ["item_id,title", *(f"{film},{title}" for film, title in titles.items())]
    rows = ["user_id,item_id,timestamp"]
    for user in range(40):
        own = films[:12] if user % 2 else films[12:]
        rows += [f"u{user},{own[(user * 2 // 3 + step) % 12]},{step}" for step in range(8)]
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
