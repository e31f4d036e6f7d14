"""Which Python ``tools/install.sh`` makes the environment of, with stand-ins for interpreters.

A stand-in answers the script's questions by its exit status and says when it is to make an
environment, at which the script ends.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "install.sh"
NEEDED = ("bash", "dirname", "grep")
MADE = 9


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A PATH with what the script calls, and no Python and no uv."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in NEEDED:
        (folder / name).symlink_to(str(shutil.which(name)))
    return folder


def program(path: Path, name: str, *lines: str) -> Path:
    file = path / name
    file.write_text("\n".join(("#!/bin/bash", *lines)) + "\n", encoding="utf-8")
    file.chmod(0o755)
    return file


def python(path: Path, name: str, *, supported: bool = True, venv: bool = True) -> Path:
    return program(
        path,
        name,
        'case "$*" in',
        "*-venv*) echo python3.13-venv ;;",
        f"*version_info*) exit {int(not supported)} ;;",
        f"*ensurepip*) exit {int(not venv)} ;;",
        f'"-m venv "*) echo "made by {name}"; exit {MADE} ;;',
        "*) exit 1 ;;",
        "esac",
    )


def install(path: Path, chosen: Path | None = None) -> tuple[int, str]:
    """Return the script's exit status and all that it said."""
    variables = {"PATH": str(path), "PYTHON": str(chosen or "")}
    done = subprocess.run(
        ["bash", str(SCRIPT), str(path.parent / "venv")],
        env={"HOME": os.environ.get("HOME", "/"), **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def test_the_newest_that_is_supported_is_taken(path: Path) -> None:
    python(path, "python3.14", supported=False)  # as a name of pyenv that fails when called
    for name in ("python3.13", "python3.12", "python3.11", "python3", "python"):
        python(path, name)
    assert install(path) == (MADE, "made by python3.13\n")


def test_python3_is_taken_where_no_name_has_a_version(path: Path) -> None:
    python(path, "python3")
    assert install(path) == (MADE, "made by python3\n")


def test_the_named_one_wins(path: Path) -> None:
    python(path, "python3.14")
    assert install(path, python(path, "mine")) == (MADE, "made by mine\n")


def test_a_named_one_that_is_of_no_use_is_refused(path: Path) -> None:
    python(path, "python3.14")
    chosen = python(path, "mine", supported=False)
    code, said = install(path, chosen)
    assert code == 1
    assert f"PYTHON={chosen} does not run, or is not Python 3.11 to 3.14" in said


def test_one_without_venv_gives_way_to_an_older_one_with_it(path: Path) -> None:
    python(path, "python3.13", venv=False)
    python(path, "python3.12")
    assert install(path) == (MADE, "made by python3.12\n")


@pytest.mark.parametrize(
    ("tool", "asked"),
    [
        ("uv", "venv --seed --python python3.13 {venv}"),
        ("virtualenv", "--quiet --python python3.13 {venv}"),
    ],
)
def test_uv_or_virtualenv_make_an_environment_of_one_without_venv(tool, asked, path: Path) -> None:
    python(path, "python3.13", venv=False)
    program(path, tool, f'echo "$*"; exit {MADE}')
    assert install(path) == (MADE, asked.format(venv=path.parent / "venv") + "\n")


def test_without_any_the_package_to_install_is_named(path: Path) -> None:
    python(path, "python3.13", venv=False)
    code, said = install(path)
    assert code == 1
    assert "python3.13 cannot make virtual environments" in said
    assert "apt install python3.13-venv" in said


def test_uv_brings_a_python_where_there_is_none(path: Path) -> None:
    python(path, "python3", supported=False)
    program(path, "uv", f'echo "$*"; exit {MADE}')
    venv = path.parent / "venv"
    assert install(path) == (MADE, f"venv --seed --python >=3.11,<3.15 {venv}\n")


def test_where_there_is_none_at_all_it_is_said(path: Path) -> None:
    code, said = install(path)
    assert code == 1
    assert "No Python from 3.11 to 3.14 was found" in said
