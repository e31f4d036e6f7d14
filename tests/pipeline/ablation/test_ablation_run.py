"""An ablation as a user runs it: shared once, resumed after a kill, and none stopped by another."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import recexplainer
from recexplainer.report.ablation_record import Ablation

pytestmark = pytest.mark.slow

ROOT = Path(recexplainer.__file__).parents[1]
_PATIENCE = 240


def started(args, out):
    """The command in a process of its own."""
    command = [sys.executable, "-m", "recexplainer", "ablate", *args, "--out", str(out)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with (out.parent / "said.txt").open("ab") as said:
        return subprocess.Popen(command, cwd=out.parent, env=environment, stdout=said, stderr=said)


def ended(args, out) -> tuple[int, str]:
    code = started(args, out).wait(_PATIENCE)
    return code, (out.parent / "said.txt").read_text(encoding="utf-8")


def record(out) -> Ablation:
    return Ablation.model_validate_json((out / "ablation.json").read_text(encoding="utf-8"))


def stamps(out) -> dict[str, int]:
    """When each stage of each run was last written."""
    found = out.glob("*/[1-7]-*/done.json")
    return {str(path.relative_to(out)): path.stat().st_mtime_ns for path in found}


@pytest.fixture
def args(walks) -> list[str]:
    settings = [word for setting in walks() for word in ("--set", setting)]
    grid = ["--without", "ranking", "--vary", "training.budget=0.1", "--until", "explanations"]
    return [*settings, *grid, "--workers", "2"]


def test_it_is_killed_and_the_same_command_ends_it(args, tmp_path) -> None:
    out = tmp_path / "out"
    process = started(args, out)
    marker = out / "base-seed0" / "3-alignment" / "done.json"
    until = time.monotonic() + _PATIENCE
    while not marker.exists() and time.monotonic() < until:
        time.sleep(0.05)
    workers = psutil.Process(process.pid).children(recursive=True)
    assert workers
    process.send_signal(signal.SIGKILL)
    process.wait()
    _, alive = psutil.wait_procs(workers, timeout=20)
    assert not alive  # nobody goes on where the next command works
    before = stamps(out)
    assert before

    code, said = ended(args, out)
    assert code == 0, said
    assert {name: before[name] for name in before} == {name: stamps(out)[name] for name in before}
    found = record(out)
    names = ["base", "without ranking", "training.budget=0.1"]
    assert [variant.name for variant in found.variants] == names
    assert not any(variant.failures for variant in found.variants)
    ranked = {one.variant for one in found.figures if one.task == "item_ranking"}
    assert ranked == set(names)  # also who was not taught it
    # One data set and one target for all; the corpus for those that are taught the same.
    for stage, results in (("1-dataset", 1), ("2-target", 1), ("3-alignment", 2)):
        marks = [json.loads(path.read_text()) for path in out.glob(f"*/{stage}/done.json")]
        assert len(marks) == 3
        assert len({mark["fingerprint"] for mark in marks}) == results
        assert len({mark["record"]["seconds"] for mark in marks}) == results  # copied, not made

    after = stamps(out)
    asked = tmp_path / "asked.yaml"
    shutil.copy(out / "ablation.yaml", asked)  # holds all that the flags said
    assert ended([str(asked), "--workers", "1"], out)[0] == 0
    assert stamps(out) == after
    assert ended(args, out)[0] == 0
    assert stamps(out) == after


def test_a_run_that_fails_is_named_and_the_others_go_on(args, tmp_path) -> None:
    out = tmp_path / "out"
    (out / "without-ranking-seed0").mkdir(parents=True)
    (out / "ablation.yaml").write_text("")
    code, said = ended([*args, "--vary", "dataset.top_items=3"], out)
    assert code == 1, said
    found = {variant.name: variant for variant in record(out).variants}
    (failed,) = found["dataset.top_items=3"].failures
    assert f"dataset.top_items=3, seed 0 failed: {failed.failure}" in said
    assert not any(found[name].failures for name in found if name != "dataset.top_items=3")
    page = (out / "ablation.html").read_text(encoding="utf-8")
    assert "dataset.top_items=3, seed 0 failed" in page
    (tmp_path / "said.txt").unlink()
    assert recx_runs(out / "without-ranking-seed0")


def recx_runs(run: Path) -> bool:
    """Whether the run of a variant goes on by the ordinary command."""
    command = [sys.executable, "-m", "recexplainer", "run", str(run / "config.yaml")]
    done = subprocess.run(
        [*command, "--out", str(run)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
    )
    return done.returncode == 0 and (run / "report.html").is_file()
