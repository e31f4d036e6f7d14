"""What the light commands do, what they end with, and what they leave unloaded."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

import recexplainer
from recexplainer.config import RunConfig, load_config

HEAVY = {
    *("torch", "transformers", "peft", "recbole", "datasets", "deepspeed", "accelerate"),
    *("pandas", "numpy", "sklearn", "scipy", "matplotlib", "pydantic", "openai"),
}
NEVER = HEAVY - {"numpy", "pydantic", "scipy"}


def loaded_by(code: str, *args: object) -> tuple[set[str], subprocess.CompletedProcess[str]]:
    """Run ``code`` in a new process; return the top-level modules that it loaded."""
    script = (
        "import atexit, json, sys\n"
        "names = lambda: sorted({name.partition('.')[0] for name in sys.modules})\n"
        "atexit.register(lambda: print('\\n' + json.dumps(names()), file=sys.stderr))\n" + code
    )
    root = str(Path(recexplainer.__file__).parents[1])
    ended = subprocess.run(
        [sys.executable, "-c", script, *map(str, args)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": root},
    )
    return set(json.loads(ended.stderr.strip().splitlines()[-1])), ended


COMMAND = "from recexplainer.cli.main import main; main(sys.argv[1:])"


@pytest.mark.parametrize("line", ["--help", "--version", "run --help", "explain --help", "rnu"])
def test_help_and_typing_errors_load_nothing_heavy(line: str) -> None:
    modules, ended = loaded_by(COMMAND, *line.split())
    assert "click" in modules
    assert not HEAVY & modules
    assert ended.returncode == (2 if line == "rnu" else 0)


@pytest.mark.parametrize(
    "line", ["list", "list plugins", "run --target sasrc", "init .", "init --preset paper ."]
)
def test_listing_and_planning_load_no_torch(line: str, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    modules, ended = loaded_by(COMMAND, *line.split())
    assert "recexplainer" in modules
    assert not NEVER & modules
    assert ended.returncode == (2 if "sasrc" in line else 0), ended.stderr


def test_importing_the_package_loads_nothing() -> None:
    modules, ended = loaded_by("import recexplainer")
    assert ended.returncode == 0
    assert not (HEAVY | {"click", "yaml", "pluggy"}) & modules


def test_using_the_package_loads_no_torch() -> None:
    modules, ended = loaded_by("from recexplainer import *")
    assert ended.returncode == 0, ended.stderr
    assert not NEVER & modules


def test_every_exported_name_resolves_and_no_other_does() -> None:
    assert sorted(recexplainer.__all__) == recexplainer.__all__
    for name in recexplainer.__all__:
        assert getattr(recexplainer, name) is not None
    assert recexplainer.run.__name__ == "run"
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = recexplainer.nothing


def test_list_names_all_that_is_registered(recx) -> None:
    said = recx("list")
    assert said.code == 0
    sections = [line for line in said.out.splitlines() if not line.startswith(" ")]
    assert sections == [
        *("datasets", "targets", "tasks", "explainers", "judges", "backbones", "plugins")
    ]
    for name in ("ml-100k", "csv", "sasrec", "popularity", "rationale", "occlusion", "offline"):
        assert f"  {name} " in said.out


def test_list_of_one_shelf_is_that_shelf(recx) -> None:
    head, *rows = recx("list", "targets").out.splitlines()
    assert head.split("  ")[1] == "NAME"
    by_name = {row.split()[0]: row.split()[1:4] for row in rows}
    assert by_name["sasrec"] == ["native", "yes", "yes"]
    assert by_name["lightgcn"] == ["fold-in", "yes", "yes"]
    assert by_name["deepfm"] == ["fold-in", "no", "no"]
    assert by_name["popularity"] == ["native", "no", "no"]


def test_init_writes_the_defaults_and_run_accepts_them(recx, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = recx("init", "project")
    assert said.code == 0
    assert said.out.strip().endswith("recx run project/recx.yaml")
    assert load_config(Path("project/recx.yaml")) == RunConfig()
    assert recx("run", "project/recx.yaml", "--dry-run").code == 0
    assert not Path("runs").exists()


def test_a_dry_run_tells_the_plan_and_makes_nothing(recx, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = recx("run", "--target", "popularity", "--align", "behavior", "--dry-run")
    assert said.code == 0
    assert "recommender popularity" in said.out
    assert "alignment   behavior, backbone tiny" in said.out
    assert "run folder  runs/ml-100k-popularity-behavior" in said.out
    assert said.out.count(" to do\n") == 7
    assert re.search(r"^memory      about \d+\.\d GB$", said.out, re.MULTILINE)
    assert re.search(r"\ntime        training takes about .* here: [\d,]+ steps", said.out)
    assert list(tmp_path.iterdir()) == []


def test_a_run_folder_has_a_name_that_every_system_takes(recx, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    asked = ("run", "--target", "recbole:EASE", "--align", "behavior", "--dry-run")
    assert "run folder  runs/ml-100k-recbole-EASE-behavior" in recx(*asked).out
    Path("runs/ml-100k-recbole:EASE-behavior").mkdir(parents=True)  # as it was named before
    assert "run folder  runs/ml-100k-recbole:EASE-behavior" in recx(*asked).out


def test_flags_win_over_the_file_and_set_over_flags(recx, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("run.yaml").write_text(
        yaml.safe_dump({"target": {"name": "popularity"}, "alignment": {"mode": "intention"}})
    )
    said = recx("run", "run.yaml", "--align", "behavior", "--dry-run")
    assert "recommender popularity" in said.out
    said = recx("run", "run.yaml", "--target", "x", "--set", "target.name=sasrec", "--dry-run")
    assert "recommender sasrec\nalignment   intention" in said.out


def test_doctor_tells_versions_and_device(recx) -> None:
    said = recx("doctor")
    assert said.code == 0
    for name in ("python", "torch", "recbole", "device"):
        assert any(line.startswith(f"{name} ") for line in said.out.splitlines())


def test_an_interrupt_ends_with_130_and_one_line(recx, monkeypatch) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("recexplainer.config.commented_config", interrupt)
    said = recx("init", "/nowhere/at/all")
    assert said.code == 130
    assert said.err.strip() == ("recx: interrupted; the same command continues where it stopped")


def test_our_own_failure_ends_with_1(recx, monkeypatch) -> None:
    from recexplainer.errors import StageError

    def fail(*_: object, **__: object) -> None:
        raise StageError("the surrogate stage failed")

    monkeypatch.setattr("recexplainer.config.commented_config", fail)
    said = recx("init", "/nowhere/at/all")
    assert (said.code, said.err) == (1, "recx: the surrogate stage failed\n")


def test_a_reader_that_leaves_early_is_no_error() -> None:
    root = str(Path(recexplainer.__file__).parents[1])
    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", '"$0" -m recexplainer list | true', sys.executable],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": root},
    )
    assert (ended.returncode, ended.stderr) == (0, "")
