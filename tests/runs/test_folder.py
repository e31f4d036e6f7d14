import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from recexplainer.errors import RunFolderError
from recexplainer.runs.folder import RunFolder, package_versions


def made(path: Path) -> RunFolder:
    run = RunFolder.create(path)
    run.write_config("seed: 0\n")
    return run


def test_a_run_is_made_opened_and_keeps_its_config(tmp_path: Path) -> None:
    made(tmp_path / "runs" / "a")
    run = RunFolder.open(tmp_path / "runs" / "a")
    assert run.config_path.read_text(encoding="utf-8") == "seed: 0\n"
    assert run.config_path == tmp_path / "runs" / "a" / "config.yaml"
    assert RunFolder.create(run.path).path == run.path


def test_a_folder_of_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(RunFolderError, match="holds files but is not a run"):
        RunFolder.create(tmp_path)
    with pytest.raises(RunFolderError, match="is a file; give a folder with --out"):
        RunFolder.create(tmp_path / "thesis.tex")
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_what_is_no_run_is_refused_with_the_runs_nearby(tmp_path: Path) -> None:
    with pytest.raises(RunFolderError, match=r"there is no folder .*recx run --out"):
        RunFolder.open(tmp_path / "absent")
    made(tmp_path / "one")
    with pytest.raises(RunFolderError, match=rf"no folder .*Runs nearby: {tmp_path}/one\."):
        RunFolder.open(tmp_path / "onee")
    with pytest.raises(
        RunFolderError, match=rf"it has no config.yaml. Runs nearby: {tmp_path}/one"
    ):
        RunFolder.open(tmp_path)


def test_records_are_those_of_the_finished_stages_in_order(tmp_path: Path) -> None:
    run = made(tmp_path)
    for name in ("report", "dataset"):
        run.stage(name, version="1", settings={}).run(lambda folder: None)
    with pytest.raises(ZeroDivisionError):
        run.stage("target", version="1", settings={}).run(lambda folder: 1 / 0)
    assert [(record.name, record.resumed) for record in run.records()] == [
        ("dataset", True),
        ("report", True),
    ]


def test_versions_are_the_installed_ones(tmp_path: Path) -> None:
    run = made(tmp_path)
    run.write_versions(["pytest", "no-such-package"])
    versions = run.read_versions()
    assert versions["python"] == ".".join(map(str, sys.version_info[:3]))
    assert versions["numpy"] == version("numpy")
    assert versions["pytest"] == version("pytest")
    assert "no-such-package" not in versions
    assert package_versions([]).keys() == {"python", "platform"}


def test_nothing_heavy_is_imported_by_a_run_folder() -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "import recexplainer.runs.progress_lines, recexplainer.runs.journal, recexplainer.config\n"
        "from recexplainer.runs.folder import RunFolder, package_versions\n"
        "package_versions()\n"
        "heavy = {'torch', 'transformers', 'recbole', 'pandas', 'datasets', 'rich', 'psutil'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert printed.stdout == "[]\n"
