"""What ``recx init --plugin`` writes works as it is: its own tests are run on it.

A real installation by pip is part of ``tests/docs/test_docs_plugin_tutorial.py``.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from recexplainer.errors import UserError
from recexplainer.pipeline import default_registry
from recexplainer.plugins.providers import CodeKind
from recexplainer.plugins.scaffold import write_plugin

ROOT = Path(__file__).parents[2]
KINDS = get_args(CodeKind)


def environment(*paths):
    known = os.pathsep.join([*map(str, paths), str(ROOT), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": known.strip(os.pathsep), "OMP_NUM_THREADS": "1"}


def announce(package, site):
    """Do what pip does, as far as recexplainer sees: leave the package's entry points."""
    project = tomllib.loads((package / "pyproject.toml").read_text("utf-8"))
    (points,) = project["project"]["entry-points"].items()
    info = site / f"{package.name.replace('-', '_')}-0.1.0.dist-info"
    info.mkdir(parents=True)
    info.joinpath("METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {package.name}\nVersion: {project['project']['version']}\n"
    )
    lines = [f"[{points[0]}]", *(f"{name} = {module}" for name, module in points[1].items())]
    info.joinpath("entry_points.txt").write_text("\n".join(lines) + "\n")
    return site


def run(*command, **options):
    done = subprocess.run(
        [str(word) for word in command], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_the_package_passes_its_own_tests(kind, tmp_path):
    package = write_plugin(tmp_path / "made" / f"recx-of-mine-{kind}", kind)
    site = announce(package, tmp_path / "site")
    command = [sys.executable, "-W", "error", "-m", "pytest", "-p", "no:cacheprovider", package]
    said = run(*command, cwd=tmp_path, env=environment(package, site))
    assert "passed" in said
    assert not {"failed", "warning", "warnings"} & set(said.split())


@pytest.mark.parametrize("kind", KINDS)
def test_the_package_is_well_formed(kind, tmp_path):
    package = write_plugin(tmp_path / "recx-of-mine", kind)
    files = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    assert files == {
        "README.md", "pyproject.toml", "recx_of_mine.py", "tests/test_of_mine.py"
    }  # fmt: skip
    assert list(tmp_path.iterdir()) == [package]  # nothing unfinished is left
    for path in files:
        text = (package / path).read_text("utf-8")
        assert not {"{{", "}}", "{%"} & set(text.split()), path
        assert text.endswith("\n")
        assert not text.endswith("\n\n")
        assert max(map(len, text.splitlines())) <= 100
    project = tomllib.loads((package / "pyproject.toml").read_text("utf-8"))["project"]
    assert (project["name"], project["version"]) == ("recx-of-mine", "0.1.0")
    assert project["entry-points"] == {"recexplainer": {"of_mine": "recx_of_mine"}}


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Recx-Mine", "cannot be a plugin's name"),
        ("recx_mine", "cannot be a plugin's name"),
        ("recx mine", "cannot be a plugin's name"),
        ("recx-", "cannot be a plugin's name"),
        ("recx-import", "cannot be a plugin's name"),
        ("recx-2nd", "cannot be a plugin's name"),
        ("json", "there is a Python module 'json' already"),
        ("recexplainer", "there is a Python module 'recexplainer' already"),
        ("recx-popularity", "there is a target called 'popularity' already"),
    ],
)
def test_names_that_cannot_be_used_are_refused(name, said, tmp_path):
    with pytest.raises(UserError, match=said):
        write_plugin(tmp_path / name, "target", default_registry().names("target"))
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path):
    package = write_plugin(tmp_path / "recx-of-mine", "judge")
    before = {path: path.stat().st_mtime_ns for path in package.rglob("*")}
    with pytest.raises(UserError, match="is there already"):
        write_plugin(package, "target")
    assert {path: path.stat().st_mtime_ns for path in package.rglob("*")} == before


def test_a_file_in_the_way_is_refused(tmp_path):
    (tmp_path / "file").write_text("kept")
    with pytest.raises(UserError, match="is a file, or lies in one"):
        write_plugin(tmp_path / "file" / "recx-of-mine", "target")
    assert (tmp_path / "file").read_text() == "kept"


def test_a_failure_leaves_nothing(tmp_path, monkeypatch):
    def full(self, *given, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(OSError, match="No space"):
        write_plugin(tmp_path / "recx-of-mine", "target")
    assert list(tmp_path.iterdir()) == []
