"""Which stages a changed setting re-runs: exactly those whose result it changes."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from recexplainer.config import load_config
from recexplainer.errors import RunFolderError
from recexplainer.pipeline import default_registry, plan
from recexplainer.pipeline.execution import stage_table
from recexplainer.pipeline.execution.identity import (
    keep_source_files,
    kept_source_files,
    require_backbone,
    source_files,
)
from recexplainer.pipeline.execution.plan import plugin_packages
from recexplainer.pipeline.execution.stage_table import STAGE_TABLE, stages_of
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.steps import STAGES

REGISTRY = default_registry()
ALL = STAGES[:7]
SINCE_TARGET, SINCE_ALIGNMENT, SINCE_SURROGATE = ALL[1:], ALL[2:], ALL[3:]


def fingerprints(folder: Path, *overrides: str, registry=REGISTRY) -> dict[str, str]:
    checked = plan(load_config(None, overrides), registry)
    stages = stages_of(checked, RunFolder(folder), source_files(checked, RunFolder(folder)))
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
    log = Path(own_log["interactions"])
    before = fingerprints(tmp_path / "run", *named(own_log))
    log.write_text(log.read_text() + "u0,a\n", encoding="utf-8")
    after = fingerprints(tmp_path / "run", *named(own_log))
    assert all(before[name] != after[name] for name in ALL)


def test_a_file_of_the_same_size_and_time_counts_by_what_it_holds(own_log, tmp_path: Path) -> None:
    log, before = Path(own_log["interactions"]), fingerprints(tmp_path / "run", *named(own_log))
    was, text = log.stat(), log.read_bytes()
    log.write_bytes(bytes(reversed(text)))
    os.utime(log, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert log.stat().st_size == was.st_size
    after = fingerprints(tmp_path / "run", *named(own_log))
    assert all(before[name] != after[name] for name in ALL)


def test_neither_a_new_time_nor_another_folder_re_runs_anything(own_log, tmp_path: Path) -> None:
    before = fingerprints(tmp_path / "run", *named(own_log))
    os.utime(own_log["items"], ns=(1, 1))
    assert fingerprints(tmp_path / "run", *named(own_log)) == before
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    moved = {option: str(shutil.move(path, elsewhere)) for option, path in own_log.items()}
    assert fingerprints(tmp_path / "run", *named(moved)) == before


def movielens(folder: Path) -> tuple[str, ...]:
    folder.mkdir()
    (folder / "movies.csv").write_text("movieId,title,genres\n1,One (1995),Drama\n", "utf-8")
    (folder / "ratings.csv").write_text("userId,movieId,rating,timestamp\n1,1,4.0,9\n", "utf-8")
    return "dataset.name=movielens", f"dataset.options.folder={folder}"


@pytest.mark.parametrize(
    ("file", "again"), [("ratings.csv", ALL), ("movies.csv", ALL), ("README.txt", ())]
)
def test_of_a_folder_the_files_count_that_are_read(file: str, again, tmp_path: Path) -> None:
    given = movielens(tmp_path / "ml")
    before = fingerprints(tmp_path / "run", *given)
    with (tmp_path / "ml" / file).open("a", encoding="utf-8") as opened:
        opened.write("2,1,4.0,9\n")
    after = fingerprints(tmp_path / "run", *given)
    assert tuple(name for name in ALL if before[name] != after[name]) == again


def test_a_file_deep_in_a_folder_of_the_hub_s_kind_counts(tmp_path: Path) -> None:
    part = tmp_path / "log" / "data" / "train.jsonl"
    part.parent.mkdir(parents=True)
    part.write_text("{}\n", encoding="utf-8")
    given = ("dataset.name=hub", f"dataset.options.path={tmp_path / 'log'}")
    before = fingerprints(tmp_path / "run", *given)
    part.write_text("[]\n", encoding="utf-8")
    assert fingerprints(tmp_path / "run", *given) != before


@pytest.fixture
def own_module(tmp_path: Path, monkeypatch):
    """Return the folder of a recommender whose module imports another one beside it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "recx_own.py").write_text("from recx_layers import one\nmake = one\n", "utf-8")
    (tmp_path / "recx_layers.py").write_text("def one(item_ids): pass\n", encoding="utf-8")
    (tmp_path / "recx_beside.py").write_text("", encoding="utf-8")
    yield tmp_path
    for name in ("recx_own", "recx_layers"):
        sys.modules.pop(name, None)


@pytest.mark.parametrize(
    ("file", "again"),
    [("recx_own.py", SINCE_TARGET), ("recx_layers.py", SINCE_TARGET), ("recx_beside.py", ())],
)
def test_an_edited_module_asks_its_recommender_anew(file: str, again, own_module: Path) -> None:
    given = ("target.name=recx_own:make", "alignment.mode=behavior")
    before = fingerprints(own_module / "run", *given)
    with (own_module / file).open("a", encoding="utf-8") as opened:
        opened.write("\nTWO = 2\n")
    after = fingerprints(own_module / "run", *given)
    assert tuple(name for name in ALL if before[name] != after[name]) == again


def test_a_file_that_a_module_is_given_counts(own_module: Path) -> None:
    weights = own_module / "weights.bin"
    (own_module / "recx_layers.py").write_text("def one(item_ids, weights): pass\n", "utf-8")
    given = (
        *("target.name=python", "target.options.factory=recx_own:make", "alignment.mode=behavior"),
        f"target.options.arguments={{weights: {weights}}}",
    )
    weights.write_bytes(b"1")
    before = fingerprints(own_module / "run", *given)
    weights.write_bytes(b"2")
    after = fingerprints(own_module / "run", *given)
    assert tuple(name for name in ALL if before[name] != after[name]) == SINCE_TARGET


def test_the_folder_that_is_worked_in_is_no_input_of_a_module(own_module: Path) -> None:
    (own_module / "recx_layers.py").write_text("def one(item_ids, folder): pass\n", "utf-8")
    given = (
        *("target.name=python", "target.options.factory=recx_own:make", "alignment.mode=behavior"),
        "target.options.arguments={folder: .}",
    )
    before = fingerprints(own_module / "run", *given)
    (own_module / "notes.txt").write_text("written by the run itself", encoding="utf-8")
    assert fingerprints(own_module / "run", *given) == before


def test_weights_beside_an_onnx_file_count(tmp_path: Path) -> None:
    model, weights = tmp_path / "m.onnx", tmp_path / "m.onnx.data"
    model.write_bytes(b"\x08...location\x12\x0bm.onnx.data...")
    for path in (weights, tmp_path / "ids.txt", tmp_path / "notes.md"):
        path.write_bytes(b"1")
    given = (
        *("target.name=onnx", f"target.options.model={model}", "alignment.mode=behavior"),
        f"target.options.item_ids={tmp_path / 'ids.txt'}",
    )
    before = fingerprints(tmp_path / "run", *given)
    (tmp_path / "notes.md").write_bytes(b"2")
    assert fingerprints(tmp_path / "run", *given) == before
    weights.write_bytes(b"2")
    after = fingerprints(tmp_path / "run", *given)
    assert tuple(name for name in ALL if before[name] != after[name]) == SINCE_TARGET


@pytest.mark.parametrize(
    ("setting", "file", "again"),
    [
        ("surrogate.backbone", "model.safetensors", SINCE_SURROGATE),
        ("surrogate.backbone", "tokenizer.json", SINCE_SURROGATE),
        ("surrogate.backbone", "README.md", ()),
        ("explanations.text_encoder", "model.safetensors", ("explanations", "verdicts")),
    ],
)
def test_a_model_replaced_in_its_folder_is_another_one(
    setting: str, file: str, again, tmp_path: Path
) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / "config.json").write_text('{"model_type": "llama"}', encoding="utf-8")
    (folder / file).write_bytes(b"1")
    given = (f"{setting}={folder}",)
    before = fingerprints(tmp_path / "run", *given)
    (folder / file).write_bytes(b"2")
    after = fingerprints(tmp_path / "run", *given)
    assert tuple(name for name in ALL if before[name] != after[name]) == again


def test_a_surrogate_is_not_loaded_over_another_backbone(tmp_path: Path) -> None:
    weights = tmp_path / "model" / "model.safetensors"
    weights.parent.mkdir()
    (weights.parent / "config.json").write_text('{"model_type": "llama"}', encoding="utf-8")
    weights.write_bytes(b"1")
    checked = plan(load_config(None, [f"surrogate.backbone={weights.parent}"]), REGISTRY)
    folder = RunFolder.create(tmp_path / "run")
    keep_source_files(folder, source_files(checked, folder))
    require_backbone(checked, folder)
    weights.write_bytes(b"2")
    with pytest.raises(RunFolderError, match="safetensors holds something else"):
        require_backbone(checked, folder)


def test_a_run_remembers_files_that_are_gone(own_log, tmp_path: Path) -> None:
    config = load_config(None, named(own_log))
    folder = RunFolder.create(tmp_path / "run")
    checked = plan(config, REGISTRY)
    files = source_files(checked, folder)
    keep_source_files(folder, files)
    before = stages_of(checked, folder, files)
    for path in own_log.values():
        Path(path).unlink()
    again = plan(config, REGISTRY)
    assert stages_of(again, folder, kept_source_files(folder)) == before


def kept_and_gone(given, path: Path, folder: Path) -> bool:
    """Return whether a run still knows what it was made from when ``path`` is gone."""
    checked = plan(load_config(None, given), REGISTRY)
    run = RunFolder.create(folder / "run")
    keep_source_files(run, source_files(checked, run))
    before = stages_of(checked, run, kept_source_files(run))
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    sys.modules.pop("recx_own", None)
    again = plan(load_config(None, given), REGISTRY)
    return stages_of(again, run, kept_source_files(run)) == before


def test_a_run_remembers_a_folder_that_is_gone(tmp_path: Path) -> None:
    assert kept_and_gone(movielens(tmp_path / "ml"), tmp_path / "ml", tmp_path)


def test_a_run_remembers_a_module_that_is_gone(own_module: Path) -> None:
    given = ("target.name=recx_own:make", "alignment.mode=behavior")
    assert kept_and_gone(given, own_module / "recx_own.py", own_module)


def test_a_file_in_the_home_folder_is_found(own_log, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    own_log = {option: f"~/{option}.csv" for option in own_log}
    assert len(fingerprints(tmp_path / "run", *named(own_log))) == 7


@pytest.mark.parametrize(
    ("stage", "again"),
    [
        ("dataset", ALL),
        ("target", SINCE_TARGET),
        ("alignment", SINCE_ALIGNMENT),
        ("surrogate", SINCE_SURROGATE),
        ("fidelity", ("fidelity",)),
        ("explanations", ("explanations", "verdicts")),
        ("verdicts", ("verdicts",)),
    ],
)
def test_a_stage_whose_code_changed_re_runs_what_builds_on_it(
    stage, again, tmp_path: Path, monkeypatch
) -> None:
    before = fingerprints(tmp_path)
    changed = tuple(
        replace(row, version="next") if row.name == stage else row for row in STAGE_TABLE
    )
    monkeypatch.setattr(stage_table, "STAGE_TABLE", changed)
    after = fingerprints(tmp_path)
    assert tuple(name for name in ALL if before[name] != after[name]) == again


PLUGIN = """
from recexplainer.plugins.hookspecs import hookimpl
from recexplainer.plugins.interfaces import Provider

@hookimpl
def recx_register_explainers():
    return [Provider("installed-explainer", lambda options, kit: None, "explains")]

@hookimpl
def recx_register_targets():
    return [Provider("installed-target", lambda options, kit: None, "recommends")]
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch):
    """Return a function that installs a release of a plugin and returns a registry with it."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "recx_installed.py").write_text(PLUGIN, encoding="utf-8")
    monkeypatch.syspath_prepend(str(site))

    def release(version: str):
        for old in site.glob("*.dist-info"):
            shutil.rmtree(old)
        info = site / f"recx_installed-{version}.dist-info"
        info.mkdir()
        head = f"Metadata-Version: 2.1\nName: recx-installed\nVersion: {version}\n"
        (info / "METADATA").write_text(head, encoding="utf-8")
        entry = "[recexplainer]\ninstalled = recx_installed\n"
        (info / "entry_points.txt").write_text(entry, encoding="utf-8")
        return default_registry()

    yield release
    sys.modules.pop("recx_installed", None)


@pytest.mark.parametrize(
    ("overrides", "again"),
    [
        (("explanations.explainers=[installed-explainer]",), ("explanations", "verdicts")),
        (("target.name=installed-target", "alignment.mode=behavior"), SINCE_TARGET),
        ((), ()),
    ],
)
def test_a_plugin_s_other_release_re_runs_what_it_had_a_part_in(
    overrides, again, installed, tmp_path: Path
) -> None:
    first = fingerprints(tmp_path / "run", *overrides, registry=installed("1.0"))
    same = fingerprints(tmp_path / "run", *overrides, registry=installed("1.0"))
    other = fingerprints(tmp_path / "run", *overrides, registry=installed("1.1"))
    assert first == same
    assert tuple(name for name in ALL if first[name] != other[name]) == again


def test_the_packages_of_plugins_are_named_once(installed) -> None:
    overrides = ["explanations.explainers=[installed-explainer, occlusion]"]
    overrides += ["target.name=installed-target", "alignment.mode=behavior"]
    checked = plan(load_config(None, overrides), installed("1.0"))
    assert plugin_packages(checked) == ["recx-installed"]
    assert plugin_packages(plan(load_config(None, ()), REGISTRY)) == []


def test_a_release_of_ours_re_runs_nothing(tmp_path: Path, monkeypatch) -> None:
    """What is built in counts by the versions of stages, or each patch would train anew."""
    before = fingerprints(tmp_path)
    monkeypatch.setattr("recexplainer.plugins.manager.version", lambda _name: "99.0")
    assert fingerprints(tmp_path, registry=default_registry()) == before
