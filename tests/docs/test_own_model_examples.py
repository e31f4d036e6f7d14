"""The five ways to bring one's own model, as ``examples/own_model`` shows them."""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
import threading

import numpy as np
import pytest
from pages import ROOT

from recexplainer import run
from recexplainer.config import load_config
from recexplainer.pipeline import default_registry, plan
from recexplainer.plugins.interfaces import TargetKit
from recexplainer.records import Catalogue, Item, SilentProgress, TrainingHistories

CONFIG = ROOT / "examples" / "own_model" / "books.yaml"
BOOKS = [f"b{number:02}" for number in range(1, 25)]
KIT = TargetKit(Catalogue([Item(book, f"Title of {book}") for book in BOOKS[::-1]]), max_history=8)
HISTORIES = [["b01", "b02", "b03"], ["b20"], []]


@pytest.fixture(autouse=True)
def at_the_root(monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.syspath_prepend(ROOT)


def example(name):
    return importlib.import_module(f"examples.own_model.{name}")


def target(name, **options):
    config = load_config(CONFIG)
    chosen = config.target.model_copy(update={"name": name, "options": options})
    part = plan(config.model_copy(update={"target": chosen}), default_registry()).target
    built = part.provider.build(part.options, KIT)
    built.fit(TrainingHistories(example("next_book").read_histories(), {}), SilentProgress())
    return built


def own_scores():
    """What the class itself says, in the order of the catalogue."""
    return example("next_book").NextBook(BOOKS).scores(HISTORIES)[:, ::-1]


@pytest.mark.slow
def test_the_object_is_run_to_a_report(tmp_path):
    config = load_config(
        CONFIG, ["training.budget=0.5", "explanations.users=2", "fidelity.users=4"]
    )
    report = run(config, tmp_path / "run")
    assert {metric.subject for metric in report.metrics} >= {"hybrid", "popularity"}
    assert report.explanations
    saved = tmp_path / "run" / "2-target" / "weights"
    assert [path.name for path in saved.iterdir()] == ["answers.json"]
    resumed = run(config, tmp_path / "run")
    assert all(stage.resumed for stage in resumed.stages)


def test_the_object():
    asked = target("examples.own_model.next_book:NextBook")
    np.testing.assert_allclose(asked.scores(HISTORIES), own_scores(), atol=1e-5)


def test_the_tables(tmp_path):
    example("write_vectors").main(tmp_path)
    asked = target(
        "vectors",
        item_vectors=str(tmp_path / "items.npy"),
        item_ids=str(tmp_path / "item_ids.txt"),
        user_vectors=str(tmp_path / "readers.parquet"),
    )
    model = example("next_book").NextBook(BOOKS)
    np.testing.assert_allclose(asked.item_vectors(), model.item_vectors()[::-1], atol=1e-6)
    assert asked.scores(HISTORIES).shape == (3, 24)


def test_the_server():
    server = example("serve").server()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        asked = target("http", url=f"http://127.0.0.1:{server.server_port}", vectors=True)
        np.testing.assert_allclose(asked.scores(HISTORIES), own_scores(), atol=1e-5)
        products = asked.user_vectors(HISTORIES) @ asked.item_vectors().T
        np.testing.assert_allclose(products, own_scores(), atol=1e-5)
        del asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _alone(module, *arguments, cwd):
    """Run an example in a process of its own, as its reader does."""
    variables = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-W", "ignore", "-m", f"examples.own_model.{module}", *arguments]
    done = subprocess.run(
        command, cwd=cwd, env=variables, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_the_onnx_file(tmp_path):
    for package in ("onnx", "onnxruntime", "onnxscript"):
        pytest.importorskip(package)
    _alone("write_onnx", str(tmp_path), cwd=tmp_path)
    asked = target(
        "onnx",
        model=str(tmp_path / "model.onnx"),
        item_ids=str(tmp_path / "item_ids.txt"),
        length_input="length",
        scores_output="scores",
        user_vectors_output="user",
        item_vectors=str(tmp_path / "items.npy"),
    )
    items = asked.item_vectors()
    rows = KIT.catalogue.rows(HISTORIES[0])
    np.testing.assert_allclose(asked.scores(HISTORIES)[0], items @ items[rows].mean(axis=0), 1e-5)


def test_the_checkpoint(tmp_path):
    printed = _alone("train_recbole", str(tmp_path), "SASRec", cwd=tmp_path)
    checkpoint = printed.splitlines()[-1]
    ids = str(tmp_path / "item_ids.txt")
    asked = target("recbole-checkpoint", checkpoint=checkpoint, item_ids=ids)
    scores = asked.scores(HISTORIES)
    assert scores.shape == (3, 24)
    assert np.ptp(scores[0]) > 0
    products = asked.user_vectors(HISTORIES) @ asked.item_vectors().T
    np.testing.assert_allclose(products, scores, atol=1e-5)


def test_what_is_saved_is_no_model(tmp_path):
    target("examples.own_model.next_book:NextBook").save(tmp_path)
    assert json.loads((tmp_path / "answers.json").read_text("utf-8"))["histories"][0] == []
