"""The plugin tutorial, done as it says: each file saved, each command typed."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import sysconfig
import venv

import pytest
from pages import ROOT, blocks

from recexplainer.plugins.scaffold import write_plugin

PAGE = ROOT / "docs" / "tutorial" / "write-a-plugin.md"
PACKAGE = "recx-next-up"


def _commands():
    shell = [block.text for block in blocks(PAGE) if block.language == "sh"]
    return [line for text in shell for line in text.splitlines() if line.strip()]


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    return write_plugin(tmp_path_factory.mktemp("written") / PACKAGE, "target")


def test_what_the_page_shows_of_the_package_is_what_is_written(package):
    shown = [block for block in blocks(PAGE) if (block.file or "").startswith(f"{PACKAGE}/")]
    assert len(shown) >= 4
    for block in shown:
        written = (package.parent / block.file).read_text("utf-8")
        assert block.text.split("\n", 1)[1] in written
    (announced,) = [block.text for block in blocks(PAGE) if block.language == "toml"]
    assert announced in (package / "pyproject.toml").read_text("utf-8")


def test_the_page_names_every_file_of_the_package(package):
    text = PAGE.read_text("utf-8")
    files = [path for path in package.rglob("*") if path.is_file()]
    assert all(f"`{path.relative_to(package).as_posix()}`" in text for path in files)


def test_passing_contract_tests_are_ten_commands_away():
    commands = _commands()
    assert commands[-2:] == [f"pytest {PACKAGE}", "recx check target next_up"]
    assert len(commands) <= 10


def test_the_mistake_that_the_page_quotes_is_answered_so(recx_in_package, package):
    (command,) = [command for command in _commands() if "decay=0.8" in command]
    done = recx_in_package(*shlex.split(command.replace("0.8", "8"))[1:])
    (quoted,) = re.findall(r"ends with `([^`]*)`", PAGE.read_text("utf-8"))
    assert done.returncode == 2
    assert quoted in done.stderr


@pytest.fixture
def recx_in_package(package, tmp_path):
    """Runs ``recx`` where the package is announced, though not by pip."""
    info = tmp_path / "site" / "recx_next_up-0.1.0.dist-info"
    info.mkdir(parents=True)
    info.joinpath("METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 0.1.0\n"
    )
    info.joinpath("entry_points.txt").write_text("[recexplainer]\nnext_up = recx_next_up\n")
    paths = os.pathsep.join(map(str, (package, info.parent, ROOT)))

    def call(*words):
        return subprocess.run(
            [sys.executable, "-m", "recexplainer", *words],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": paths},
            capture_output=True,
            text=True,
            check=False,
        )

    return call


@pytest.mark.slow
def test_every_command_of_the_page_works_in_its_order(tmp_path):
    """With real pip, in an environment of its own that sees this one's packages."""
    pytest.importorskip("setuptools", minversion="77", reason="pip must build without network")
    venv.create(tmp_path / "venv")
    folder = tmp_path / "venv" / "bin"
    (site,) = (tmp_path / "venv" / "lib").glob("python*/site-packages")
    (site / "outer.pth").write_text(f"{sysconfig.get_path('purelib')}\n{ROOT}\n")
    for name in ("recx", "pytest", "pip"):
        program, module = folder / name, "recexplainer" if name == "recx" else name
        program.write_text(f'#!/bin/sh\nexec "{folder}/python" -m {module} "$@"\n')
        program.chmod(0o755)
    variables = {
        **os.environ,
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        # No network, and recexplainer may be run from a checkout, which pip does not know.
        "PIP_NO_BUILD_ISOLATION": "0",  # pip's way of saying yes
        "PIP_NO_DEPS": "1",
    }
    said = []
    for command in _commands():
        done = subprocess.run(
            shlex.split(command), cwd=tmp_path, env=variables, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        said.append(done.stdout)
    assert "next_up" in said[2]
    assert "passed" in said[-2]
    assert "passed" in said[-1]
