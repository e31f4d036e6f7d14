"""Which stages a changed setting re-runs: exactly those whose result it changes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from recexplainer.config import load_config
from recexplainer.pipeline import default_registry, plan
from recexplainer.pipeline.identity import (
    keep_source_files,
    kept_source_files,
    source_files,
    stages_of,
)
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.steps import STAGES

REGISTRY = default_registry()
ALL = STAGES[:7]
SINCE_TARGET, SINCE_ALIGNMENT, SINCE_SURROGATE = ALL[1:], ALL[2:], ALL[3:]


def fingerprints(folder: Path, *overrides: str) -> dict[str, str]:
    checked = plan(load_config(None, overrides), REGISTRY)
    stages = stages_of(checked, RunFolder(folder), source_files(checked))
    return {stage.name: stage.fingerprint for stage in stages}


def changed(folder: Path, *overrides: str, base: tuple[str, ...] = ()) -> tuple[str, ...]:
    before, after = fingerprints(folder, *base), fingerprints(folder, *base, *overrides)
    return tuple(name for name in before if before[name] != after[name])


def test_the_stages_come_in_their_order(tmp_path: Path) -> None:
    assert tuple(fingerprints(tmp_path)) == ALL


@pytest.mark.parametrize(
    "override",
    [
        *("report.cases=3", "training.threads=2", "training.save_every_seconds=5"),
        *("surrogate.device=cpu", "fidelity.batch_size=7"),
        *("alignment.weights.rationale=0.15", "alignment.options.instruction_following={}"),
        *("explanations.options.occlusion={}", "judging.options={}"),
    ],
)
def test_what_changes_no_result_re_runs_nothing(override: str, tmp_path: Path) -> None:
    base = ("alignment.weights={rationale: 0.15, instruction_following: 0}",)
    assert changed(tmp_path, override, base=base) == ()


@pytest.mark.parametrize(
    ("override", "stages"),
    [
        ("dataset.min_interactions=7", ALL),
        ("seed=1", SINCE_TARGET),
        ("target.options.max_epochs=3", SINCE_TARGET),
        ("dataset.max_history=9", SINCE_TARGET),
        ("target.name=popularity", SINCE_TARGET),
        ("alignment.mode=intention", SINCE_ALIGNMENT),
        ("alignment.hybrid_forms=combined", SINCE_ALIGNMENT),
        ("alignment.weights.rationale=0.7", SINCE_ALIGNMENT),
        ("alignment.weights.rationale=0", SINCE_ALIGNMENT),
        ("dataset.held_out_users=0.2", SINCE_ALIGNMENT),
        ("training.budget=2", SINCE_SURROGATE),
        ("training.batch_size=32", SINCE_SURROGATE),
        ("training.learning_rate=0.1", SINCE_SURROGATE),
        ("surrogate.tiny.layers=1", SINCE_SURROGATE),
        ("surrogate.precision=float32", SINCE_SURROGATE),
        ("fidelity.users=9", ("fidelity", "explanations", "verdicts")),
        ("fidelity.beams=9", ("fidelity",)),
        ("explanations.users=9", ("explanations", "verdicts")),
        ("explanations.instruction=only genres", ("explanations", "verdicts")),
        ("explanations.explainers=[occlusion]", ("explanations", "verdicts")),
        ("explanations.options.surrogate.max_new_tokens=9", ("explanations", "verdicts")),
        ("judging.judges=[]", ("verdicts",)),
    ],
)
def test_a_changed_setting_re_runs_what_it_changes(override, stages, tmp_path: Path) -> None:
    base = ("alignment.mode=behavior",) if "popularity" in override else ()
    assert changed(tmp_path, override, base=base) == stages


def test_a_default_written_out_is_the_default(tmp_path: Path) -> None:
    assert changed(tmp_path, "training.learning_rate=0.003", "target.options.layers=2") == ()


def named(own_log: dict[str, str]) -> tuple[str, ...]:
    files = (f"dataset.options.{option}={path}" for option, path in own_log.items())
    return "dataset.name=csv", *files


def test_a_changed_file_re_runs_everything(own_log, tmp_path: Path) -> None:
    items, log = Path(own_log["items"]), Path(own_log["interactions"])
    before = fingerprints(tmp_path / "run", *named(own_log))
    assert fingerprints(tmp_path / "run", *named(own_log)) == before
    was = items.stat()
    os.utime(items, ns=(was.st_atime_ns, was.st_mtime_ns + 1_000))
    touched = fingerprints(tmp_path / "run", *named(own_log))
    log.write_text(log.read_text() + "u0,a\n", encoding="utf-8")
    longer = fingerprints(tmp_path / "run", *named(own_log))
    for name in ALL:
        assert len({before[name], touched[name], longer[name]}) == 3


def test_a_run_remembers_files_that_are_gone(own_log, tmp_path: Path) -> None:
    config = load_config(None, named(own_log))
    folder = RunFolder.create(tmp_path / "run")
    checked = plan(config, REGISTRY)
    files = source_files(checked)
    keep_source_files(folder, files)
    before = stages_of(checked, folder, files)
    for path in own_log.values():
        Path(path).unlink()
    again = plan(config, REGISTRY)
    assert stages_of(again, folder, kept_source_files(folder)) == before


def test_a_file_in_the_home_folder_is_found(own_log, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    own_log = {option: f"~/{option}.csv" for option in own_log}
    assert len(fingerprints(tmp_path / "run", *named(own_log))) == 7
