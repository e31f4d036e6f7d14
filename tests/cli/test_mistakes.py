"""A user's mistake ends with 2 and a message that says what to do; never with a traceback."""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path
from string import Template

import pytest


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


COMMAND_LINES = {
    "unknown command": ("rnu", "there is no command 'rnu'. Did you mean 'run'? See: recx --help"),
    "command like no other": ("xyzzy", "There is: run, "),
    "unknown flag": ("run --targt x", "Did you mean '--target'? See: recx run --help"),
    "flag of another command": ("report r --json", "No such option '--json'. See: recx report"),
    "flag without its value": ("run --target", "Option '--target' requires an argument"),
    "missing argument": ("explain --user 1", "Missing argument 'RUN'"),
    "missing option": (
        "explain r",
        "give --user ID for one user, or --users FILE",
    ),
    "too many arguments": ("run a.yaml b.yaml", "unexpected extra argument"),
    "judge without judges": ("judge r", "Missing option '--judge'"),
    "judge no case": (
        "judge $unfinished --judge offline --cases 0",
        "judging.cases: must be at least 1, got 0",
    ),
    "compare without runs": ("compare", "Missing argument 'RUN RUN...'"),
    "unknown data set": ("run --dataset ml100k", "dataset.name: unknown dataset 'ml100k'. Did you"),
    "unknown target": ("run --target sasrc", "Did you mean 'sasrec'? Available: sasrec, caser"),
    "unknown mode": ("run --align hybird", "alignment.mode: must be one of 'hybrid', 'behavior'"),
    "unknown explainer": ("run --explainers occlude", "Did you mean 'occlusion'?"),
    "no name between commas": ("run --explainers surrogate,,random", "unknown explainer ''"),
    "an explainer twice": ("run --explainers random,random", "got random more than once"),
    "unknown judge": ("run --set judging.judges=[ofline]", "Did you mean 'offline'?"),
    "unknown task": ("run --set alignment.weights.rationals=1", "Did you mean 'rationale'?"),
    "unknown task, left out": ("run --set alignment.weights.rationals=0", "mean 'rationale'?"),
    "options of no task": ("run --set alignment.options.rank={}", "unknown task 'rank'"),
    "options of no explainer": ("run --set explanations.options.x={}", "unknown explainer 'x'"),
    "options of no judge": ("run --set judging.options.x={}", "unknown judge 'x'"),
    "unknown option of a target": (
        "run --set target.options.hiden_size=3",
        "target.options.hiden_size: unknown key; did you mean 'hidden_size'?",
    ),
    "unknown option of an explainer": (
        "run --set explanations.options.surrogate.tokens=3",
        "explanations.options.surrogate.tokens: unknown key",
    ),
    "unknown option of a task": (
        "run --set alignment.options.rationale.x=3",
        "alignment.options.rationale.x: unknown key",
    ),
    "unknown key": ("run --set training.budgt=1", "unknown key; did you mean 'budget'?"),
    "unknown section": ("run --set trainig.budget=1", "did you mean 'training'?"),
    "negative budget": ("run --set training.budget=-1", "must be above 0, got -1"),
    "text for a number": ("run --set training.batch_size=many", "must be a whole number, got 'm"),
    "text for a list": ("run --set judging.judges=offline", "must be a list, such as [a, b]"),
    "seed in words": ("run --seed seven", "seed: must be a whole number, got 'seven'"),
    "no equals sign": ("run --set training.budget", "must look like section.key=value"),
    "value that is no YAML": ("run --set training.budget=[", "the value is not YAML"),
    "backbone that is neither": ("run --backbone tinny", "nor a hub id such as"),
    "backbone folder that is none": ("run --backbone ./no-model", "'./no-model' is neither"),
    "backbone folder without a model": ("run --backbone $empty", "is empty"),
    "configuration that is none": ("run no.yaml", "no.yaml: there is no such file; write one"),
    "csv without its files": ("run --dataset csv", "dataset.options.interactions: is required"),
    "csv with missing files": (
        "run --dataset csv --set 'dataset.options={interactions: a.csv, items: b.csv}'",
        "dataset.options.interactions: there is no file a.csv",
    ),
    "out is a file": ("run --out $file", "is a file; give a folder with --out"),
    "out lies in a file": ("run --out $file/run", "is a file; give a folder with --out"),
    "out holds other things": ("run --out $full", "holds files but is not a run"),
    "unknown listing": ("list target", "Did you mean 'targets'?"),
    "unknown kind": ("check targets popularity", "unknown kind 'targets'. Did you mean 'target'?"),
    "unknown part": ("check target popularty", "unknown target 'popularty'. Did you mean 'popul"),
    "bad JSON": ("check target popularity --options {", "--options is not JSON"),
    "JSON that is no object": ("check target popularity --options [1]", "must be a JSON object"),
    "options that are wrong": (
        """check target sasrec --options '{"layers": 0}'""",
        "options.layers: must be at least 1, got 0",
    ),
    "init over a file": ("init $configured", "is there already; edit it, or give another folder"),
    "init in a file": ("init $file", "is a file"),
    "report of nothing": ("report no-run", "there is no folder no-run. Make a run with: recx run"),
    "report of no run": ("report $full", "is not a run: it has no config.yaml"),
    "explain no run": ("explain $empty --user 1", "is not a run"),
    "judge no run": ("judge $empty --judge offline", "is not a run"),
    "compare no run": ("compare no-run", "no-run is not a folder"),
    "compare an empty folder": ("compare $empty $empty", "Build it with: recx report"),
    "unfinished run": ("report $unfinished", "Run the command that made the run again"),
    "explain an unfinished run": ("explain $unfinished --user 1", "finished dataset stage"),
    "judge an unfinished run": ("judge $unfinished --judge offline", "finished dataset stage"),
    "judge with nobody": ("judge $unfinished --judge ofline", "Did you mean 'offline'?"),
    "damaged report": ("compare $damaged", "report.json cannot be read"),
    "report of another version": ("compare $newer", "has schema_version 99"),
    "configuration of a run, damaged": ("report $broken", "config.yaml:1:"),
}


@pytest.fixture
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / "empty").mkdir()
    write(tmp_path / "full" / "letter.txt", "dear")
    write(tmp_path / "configured" / "recx.yaml", "seed: 1\n")
    write(tmp_path / "unfinished" / "config.yaml", "seed: 1\n")
    write(tmp_path / "damaged" / "report.json", "{")
    write(tmp_path / "newer" / "report.json", '{"schema_version": 99}')
    write(tmp_path / "broken" / "config.yaml", "[")
    write(tmp_path / "file", "text")
    return {path.name: path for path in tmp_path.iterdir()}


@pytest.mark.parametrize(
    ("line", "words"), [pytest.param(*case, id=name) for name, case in COMMAND_LINES.items()]
)
def test_a_mistake_is_named_with_what_to_do_next(line, words, places, recx) -> None:
    said = recx(*shlex.split(Template(line).substitute(places)))
    assert said.code == 2
    assert said.err.startswith("recx: ")
    assert said.out == ""
    assert "Traceback" not in said.err
    assert words in said.err


def test_nothing_is_made_by_a_run_that_is_refused(places, recx) -> None:
    assert recx("run", "--target", "sasrc", "--out", places["empty"] / "run").code == 2
    assert list(places["empty"].iterdir()) == []
    assert list(Path.cwd().iterdir()) == []


def test_mistakes_of_every_sort_are_reported_at_once(places, recx) -> None:
    file = write(Path("run.yaml"), "datset: {name: csv}\nfidelity: {beams: 0}\n")
    said = recx(
        *("run", file, "--target", "sasrc", "--align", "hybird", "--explainers", "occlude"),
        *("--backbone", "tinny", "--set", "training.budgt=1", "--set", "judging.judges=[ofline]"),
        *("--dataset", "csv", "--set", "dataset.options={interactions: a.csv, items: b.csv}"),
        *("--out", places["full"]),
    )
    found = [line.strip().partition(":")[0] for line in said.err.splitlines()[1:]]
    assert said.err.startswith("recx: the configuration has 11 problems:\n")
    assert sorted(found) == sorted(
        [
            *("datset", "fidelity.beams", "alignment.mode", "training.budgt", "target.name"),
            *("explanations.explainers", "surrogate.backbone", "judging.judges", "out"),
            *("dataset.options.interactions", "dataset.options.items"),
        ]
    )


@pytest.mark.parametrize(
    ("text", "place"),
    [("seed: 1\ntarget: [\n", ":3:1: is not YAML"), ("seed: 1\nseed: 2\n", ":2:1: is not YAML")],
)
def test_bad_yaml_names_file_and_line(text, place, places, recx) -> None:
    said = recx("run", write(Path("bad.yaml"), text))
    assert said.code == 2
    assert f"bad.yaml{place}" in said.err


def test_a_wrong_mode_is_not_held_against_the_target(places, recx) -> None:
    said = recx("run", "--target", "popularity", "--align", "behaviour")
    assert said.code == 2
    assert "has 1 problem:" in said.err
    assert "'behavior'" in said.err


def test_a_zero_for_every_task_is_refused(places, recx) -> None:
    listed = recx("list", "tasks").out.split("\n")
    names = [re.match(r"  (\w+)", line).group(1) for line in listed if line.startswith("  ")]
    weights = json.dumps(dict.fromkeys(names, 0))
    said = recx("run", "--set", f"alignment.weights={weights}")
    assert said.code == 2
    assert "every task has weight 0; give at least one a weight above 0" in said.err


@pytest.mark.parametrize(
    "size",
    [
        ("alignment.examples=50",),
        ("training.steps=9", "surrogate.backbone=owner/model"),
        ("training.minutes=9", "surrogate.backbone=owner/model"),
    ],
)
def test_more_questions_of_a_drawn_corpus_are_refused(places, recx, size) -> None:
    given = [part for setting in ("alignment.questions=2", *size) for part in ("--set", setting)]
    said = recx("run", *given)
    assert said.code == 2
    assert "alignment.questions: the corpus of this run is drawn" in said.err


def test_muon_is_refused_where_it_cannot_be_had(places, recx) -> None:
    said = recx(
        "run",
        *("--backbone", "org/model", "--set", "training.optimizer=muon"),
        *("--set", "training.parallel=zero3"),
    )
    assert said.code == 2
    assert "training.optimizer: muon updates whole matrices" in said.err
    assert "training.optimizer: muon needs whole matrices, which zero3 cuts" in said.err


def test_a_full_disk_is_refused_before_anything_runs(places, recx, monkeypatch) -> None:
    total, used, free = 10**9, 10**9 - 10**7, 10**7
    monkeypatch.setattr(
        "recexplainer.pipeline.execution.preflight.shutil.disk_usage",
        lambda place: type("Usage", (), {"total": total, "used": used, "free": free}),
    )
    said = recx("run", "--out", places["empty"] / "run")
    assert said.code == 2
    assert "has 10 MB free; a run needs 500 MB" in said.err
    assert list(places["empty"].iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_to_is_refused(places, recx) -> None:
    places["empty"].chmod(0o500)
    try:
        said = recx("run", "--out", places["empty"] / "run")
    finally:
        places["empty"].chmod(0o700)
    assert said.code == 2
    assert "cannot be written to" in said.err


def test_a_disk_that_fills_up_is_one_line_and_exit_1(places, recx, monkeypatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device", "somewhere")

    monkeypatch.setattr("recexplainer.runs.artifacts.write_text", full)
    said = recx("init", places["empty"])
    assert said.code == 1
    assert said.err.startswith("recx: [Errno 28] No space left on device")
    assert said.err.count("\n") == 1
