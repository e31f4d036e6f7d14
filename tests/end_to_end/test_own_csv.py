"""A log of one's own, a target without vectors: a whole run, its interruptions, its observers."""

from __future__ import annotations

import json
import signal
import time
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from recexplainer import default_plugins, load_config, run
from recexplainer.errors import ConfigError
from recexplainer.plugins.hookspecs import hookimpl
from recexplainer.plugins.manager import load_registry
from recexplainer.records import Bar, SilentProgress
from recexplainer.runs.steps import STAGES

SETTINGS = (
    *("target.name=popularity", "alignment.mode=behavior", "dataset.name=csv"),
    *("surrogate.tiny.layers=1", "surrogate.tiny.width=32", "surrogate.tiny.vocabulary=512"),
    *("training.threads=1", "training.save_every_seconds=0.001", "surrogate.device=cpu"),
    *("fidelity.users=20", "fidelity.batch_size=4", "explanations.users=5"),
    "explanations.options.surrogate.cases_at_once=2",
    "explanations.explainers=[surrogate, occlusion, random]",
    *(f"alignment.weights.{task}=0.3" for task in ("next_item_retrieval", "item_ranking")),
    *("alignment.weights.item_discrimination=0.3", "alignment.weights.history_reconstruction=0"),
    *("alignment.weights.interest_classification=1", "alignment.weights.rationale=1"),
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """60 users who each walk eight of the twelve films of a genre, in a circle."""
    folder = tmp_path_factory.mktemp("own")
    films = [f"{genre}{place}" for genre in ("comedy", "drama") for place in range(12)]
    items = ["item_id,title,genre"]
    items += [f"{film},The {film.capitalize()} Film,{film.rstrip('0123456789')}" for film in films]
    rows = ["user_id,item_id,timestamp"]
    for user in range(60):
        own = films[:12] if user % 2 else films[12:]
        start = user * user * 2 // 3 + user // 39  # so that films differ in popularity
        rows += [f"u{user},{own[(start + step) % 12]},{step}" for step in range(8)]
    (folder / "items.csv").write_text("\n".join(items) + "\n", encoding="utf-8")
    (folder / "log.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return [
        *SETTINGS,
        f"dataset.options.interactions={folder / 'log.csv'}",
        f"dataset.options.items={folder / 'items.csv'}",
    ]


class Watcher:
    """A plugin that only observes."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, bool]] = []

    @hookimpl
    def recx_stage_finished(self, record) -> None:
        self.seen.append((record.name, record.resumed))


def broken_plugin() -> types.ModuleType:
    module = types.ModuleType("broken_watcher")

    @hookimpl
    def recx_stage_finished(record) -> None:
        raise RuntimeError("no space for my log")

    module.recx_stage_finished = recx_stage_finished
    return module


@pytest.fixture(scope="module")
def finished(settings, tmp_path_factory) -> tuple[Path, Watcher]:
    """A run that nothing interrupted, watched."""
    out, watcher = tmp_path_factory.mktemp("runs") / "whole", Watcher()
    run(load_config(None, settings), out, registry=load_registry([default_plugins, watcher]))
    return out, watcher


def metrics(out: Path) -> list[dict[str, object]]:
    return json.loads((out / "report.json").read_text(encoding="utf-8"))["metrics"]


def test_the_run_ends_with_a_report_of_all_that_was_asked(finished) -> None:
    out, _ = finished
    report = json.loads((out / "report.json").read_text(encoding="utf-8"))
    assert report["run"]["dataset"]["users"] == 60
    assert report["run"]["dataset"]["items"] == 24
    assert report["run"]["dataset"]["interactions"] == 480
    assert {metric["subject"] for metric in report["metrics"]} >= {
        *("random", "popularity", "unaligned", "behavior", "occlusion")
    }
    assert len(report["explanations"]) == 3 * 2 * 5
    assert (out / "report.html").is_file()
    assert "popularity" in (out / "report.md").read_text(encoding="utf-8")


def test_stages_that_have_just_run_are_not_called_resumed(finished) -> None:
    report = json.loads((finished[0] / "report.json").read_text(encoding="utf-8"))
    assert [stage["name"] for stage in report["stages"]] == list(STAGES[:7])
    assert not any(stage["resumed"] for stage in report["stages"])
    assert all(stage["peak_rss_mb"] > 0 for stage in report["stages"])


def test_popularity_answers_as_a_target_of_popularity_does(finished) -> None:
    """The baseline is the target itself here, so nothing but its exact answers may come out."""
    out, _ = finished
    found = [
        metric
        for metric in metrics(out)
        if metric["subject"] == "popularity" and metric["task"] == "next_item_retrieval"
    ]
    assert {metric["split"] for metric in found} == {"leave_one_out", "held_out_users"}
    assert all(metric["value"] == 1.0 for metric in found)


def test_observers_hear_of_every_stage_in_order(finished) -> None:
    _, watcher = finished
    assert watcher.seen == [(name, False) for name in STAGES[:7]]


def test_a_second_run_resumes_all_and_an_observer_that_fails_only_warns(finished, settings) -> None:
    out, _ = finished
    before, watcher = metrics(out), Watcher()
    registry = load_registry([default_plugins, watcher, broken_plugin()])
    with pytest.warns(RuntimeWarning, match="no space for my log") as warned:
        run(load_config(None, settings), out, registry=registry)
    assert watcher.seen == [(name, True) for name in STAGES[:7]]
    assert sum("no space for my log" in str(warning.message) for warning in warned) == 7
    assert metrics(out) == before


class Interrupting(SilentProgress):
    """Interrupts when the bar ``label`` has come to ``steps``."""

    def __init__(self, label: str, steps: int) -> None:
        self.label, self.steps = label, steps

    @contextmanager
    def bar(self, label: str, total: int, **_: object) -> Iterator[Bar]:
        yield _Fuse(self.steps) if label == self.label else _Fuse(total + 1)


class _Fuse:
    def __init__(self, left: int) -> None:
        self.left = left

    def advance(self, steps: int = 1, **fields: str) -> None:
        self.left -= steps
        if self.left <= 0:
            raise KeyboardInterrupt


def test_a_run_interrupted_in_every_long_stage_ends_as_one_that_was_not(
    finished, settings, tmp_path
) -> None:
    config, out = load_config(None, settings), tmp_path / "run"
    places = [
        ("training the surrogate", 3, "4-surrogate/checkpoints/*"),
        ("training the surrogate", 5, "4-surrogate/checkpoints/*"),
        ("fidelity of behavior", 20, "5-fidelity/answers.jsonl"),
        ("explanations by surrogate", 4, "6-explanations/texts.jsonl"),
    ]
    for label, steps, left in places:
        with pytest.raises(KeyboardInterrupt):
            run(config, out, progress=Interrupting(label, steps))
        assert list(out.glob(left)), label
        assert not (out / "report.json").exists()
    run(config, out)
    assert metrics(out) == metrics(finished[0])


def test_other_beams_measure_again_and_train_nothing(finished, settings, tmp_path) -> None:
    from shutil import copytree

    out = tmp_path / "run"
    copytree(finished[0], out)
    watcher = Watcher()
    config = load_config(None, [*settings, "fidelity.beams=2"])
    run(config, out, registry=load_registry([default_plugins, watcher]))
    assert [name for name, resumed in watcher.seen if not resumed] == ["fidelity"]
    answers = (out / "5-fidelity" / "answers.jsonl").read_text(encoding="utf-8").strip().split("\n")
    retrieved = [
        record["answers"]
        for record in (json.loads(line)["payload"] for line in answers)
        if record["task"] == "next_item_retrieval" and record["subject"] == "behavior"
    ]
    assert {len(guesses) for guesses in retrieved} == {2}


def test_an_instruction_that_names_nothing_is_refused_before_the_target_is_trained(
    settings, tmp_path
) -> None:
    from recexplainer.errors import UserError

    config = load_config(None, [*settings, "explanations.instruction=only directors"])
    with pytest.raises(UserError, match="What can be asked for: only genre"):
        run(config, tmp_path / "run")
    assert not (tmp_path / "run" / "2-target" / "weights").exists()


def test_a_finished_run_needs_its_files_no_more(finished, settings, recx, tmp_path) -> None:
    out, _ = finished
    log = Path(next(s.partition("=")[2] for s in settings if "options.interactions" in s))
    hidden = log.rename(log.with_suffix(".hidden"))
    try:
        said = recx("explain", out, "--user", "u1", "--json")
        assert recx("report", out).code == 0
        with pytest.raises(ConfigError, match="there is no file"):
            run(load_config(None, settings), out)
    finally:
        hidden.rename(log)
    assert said.code == 0, said.err
    assert json.loads(said.out)["case"]["user"] == "u1"


def arguments(settings: list[str], out: Path) -> list[str]:
    return ["run", "--out", str(out), *(part for one in settings for part in ("--set", one))]


def stop_when(process, out: Path, left: str, stop: signal.Signals) -> tuple[str, str]:
    """Send ``stop`` when the run has left something at ``left``."""
    limit = time.monotonic() + 200
    while not any(out.glob(left)):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < limit
        time.sleep(0.01)
    process.send_signal(stop)
    return process.communicate(timeout=90)


@pytest.mark.slow
@pytest.mark.parametrize(
    "left", ["4-surrogate/checkpoints/checkpoint-*/trainer_state.json", "5-fidelity/answers.jsonl"]
)
def test_a_killed_run_ends_as_one_that_was_not(left, finished, settings, start, tmp_path) -> None:
    out = tmp_path / "run"
    stop_when(start(*arguments(settings, out)), out, left, signal.SIGKILL)
    assert not (out / "report.json").exists()
    run(load_config(None, settings), out)
    assert metrics(out) == metrics(finished[0])


def test_ctrl_c_ends_with_130_and_one_line_and_the_run_resumes(
    finished, settings, start, tmp_path
) -> None:
    out = tmp_path / "run"
    process = start(*arguments(settings, out))
    left = "4-surrogate/checkpoints/checkpoint-*/trainer_state.json"
    _, err = stop_when(process, out, left, signal.SIGINT)
    assert process.returncode == 130
    assert "recx: interrupted; the same command continues where it stopped\n" in err
    assert "FutureWarning" not in err
    assert "Traceback" not in err
    run(load_config(None, settings), out)
    assert metrics(out) == metrics(finished[0])
