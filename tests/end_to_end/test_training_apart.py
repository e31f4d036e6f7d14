"""A run that is prepared here, trained by processes elsewhere, and goes on here."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

WORDS = (
    *("run", "--target", "popularity", "--align", "behavior"),
    *("--set", "surrogate.tiny={layers: 1, width: 32, vocabulary: 512}"),
    *("--set", "training={budget: 0.05, threads: 1}", "--set", "surrogate.device=cpu"),
    *("--set", "fidelity.users=5", "--set", "explanations.users=2", "--dataset", "csv"),
    *("--set", "dataset.options={interactions: log.csv, items: items.csv}"),
)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a log of 40 users who each walk ten of twenty items."""
    rows = ["user_id,item_id,timestamp"]
    rows += [f"u{u},item {(u + s) % 20},{s}" for u in range(40) for s in range(10)]
    (tmp_path / "log.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    items = ["item_id,title", *(f"item {k},Film number {k}" for k in range(20))]
    (tmp_path / "items.csv").write_text("\n".join(items) + "\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.slow
def test_a_training_folder_is_trained_elsewhere_and_the_run_goes_on(start, place: Path) -> None:
    def call(*words: object) -> str:
        process = start(*words)
        out, error = process.communicate(timeout=250)
        assert process.returncode == 0, error
        return out

    run = place / "run"
    assert "recx train" in call(*WORDS, "--out", run, "--prepare-only")
    assert not (run / "4-surrogate" / "model").exists()
    planned = call(*WORDS, "--out", run, "--dry-run")
    assert "tokens" in planned
    assert "training takes about" in planned

    elsewhere = place / "cluster" / "folder"
    shutil.copytree(run / "4-surrogate", elsewhere)
    call("train", elsewhere, "--nproc", 2)
    shutil.copytree(elsewhere, run / "4-surrogate", dirs_exist_ok=True)
    before = (run / "4-surrogate" / "training.jsonl").read_bytes()
    call(*WORDS, "--out", run)
    assert (run / "4-surrogate" / "training.jsonl").read_bytes() == before
    assert json.loads(before)["processes"] == 2
    assert (run / "report.html").exists()
    assert json.loads((run / "4-surrogate" / "training.jsonl").read_text())["parallel"] == "ddp"
