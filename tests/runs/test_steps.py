import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import BaseModel

from recexplainer.errors import RunFolderError
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.journal import Journal
from recexplainer.runs.steps import STAGES, Stage, fingerprint

KILLED = """
import sys, time
from pathlib import Path
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.journal import Journal

def build(folder):
    with Journal(folder / "answers.jsonl") as journal:
        for number in range(5):
            journal.append(str(number), number)
    print("ready", flush=True)
    time.sleep(60)

RunFolder(Path(sys.argv[1])).stage("fidelity", version="1", settings={"a": 1}).run(build)
"""


class Settings(BaseModel):
    names: frozenset[str]
    path: Path = Path("a/b")


def stage(path: Path, **settings: object) -> Stage:
    return RunFolder(path).stage("target", version="1", settings=settings)


def writing(text: str) -> Callable[[Path], None]:
    def build(folder: Path) -> None:
        (folder / "result.txt").write_text(text)

    return build


def refuse(folder: Path) -> None:
    pytest.fail("a stage that is done was built again")


def test_folders_are_numbered_in_the_order_of_the_stages(tmp_path: Path) -> None:
    run = RunFolder(tmp_path)
    assert [run.stage_folder(name).name for name in STAGES] == [
        "1-dataset",
        "2-target",
        "3-alignment",
        "4-surrogate",
        "5-fidelity",
        "6-explanations",
        "7-verdicts",
        "8-report",
    ]


def test_a_fingerprint_depends_on_everything_it_is_made_of_and_on_no_order() -> None:
    def of(name="target", version="1", settings=None, inputs=("x", "y")) -> str:
        return fingerprint(name, version=version, settings=settings or {"a": 1}, inputs=inputs)

    changed = [
        of(name="dataset"),
        of(version="2"),
        of(settings={"a": 2}),
        of(settings={"a": 1, "b": None}),
        of(inputs=("y", "x")),
        of(inputs=("x",)),
    ]
    assert len({of(), *changed}) == 7
    assert of(settings={"a": 1, "b": (1, 2)}) == of(settings={"b": [1, 2], "a": 1})


def test_a_fingerprint_is_the_same_in_every_process() -> None:
    # Sets of strings are ordered differently from one process to the next.
    code = (
        "from recexplainer.runs.steps import fingerprint\n"
        "print(fingerprint('t', version='1', settings={'s': frozenset('abcdefgh')}, inputs=()))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(printed) == 1


def test_models_paths_and_sets_count_by_their_content() -> None:
    one, other = (
        fingerprint("t", version="1", settings={"m": Settings(names=names)}, inputs=())
        for names in (frozenset("ab"), frozenset("ba"))
    )
    plain = {"m": {"names": ["a", "b"], "path": "a/b"}}
    assert one == other == fingerprint("t", version="1", settings=plain, inputs=())


def test_a_stage_runs_once(tmp_path: Path) -> None:
    first = stage(tmp_path, a=1)
    assert not first.done
    record = first.run(writing("one"))
    assert first.done
    assert (record.name, record.resumed) == ("target", False)
    again = stage(tmp_path, a=1).run(refuse)
    assert again == record.model_copy(update={"resumed": True})
    assert (stage(tmp_path, a=1).require() / "result.txt").read_text() == "one"


def test_seconds_and_memory_are_those_of_the_work(tmp_path: Path) -> None:
    def build(folder: Path) -> None:
        time.sleep(0.2)

    before = time.perf_counter()
    record = stage(tmp_path, a=1).run(build)
    assert 0.2 <= record.seconds <= time.perf_counter() - before
    assert record.peak_rss_mb > 10  # Python with numpy alone needs more


def test_a_change_empties_the_folder_and_asks_for_the_stages_after_it_too(tmp_path: Path) -> None:
    def chain(a: int, b: int) -> tuple[Stage, Stage, Stage]:
        run = RunFolder(tmp_path)
        dataset = run.stage("dataset", version="1", settings={"a": a})
        target = run.stage("target", version="1", settings={"b": b}, inputs=[dataset])
        alignment = run.stage("alignment", version="1", settings={}, inputs=[dataset, target])
        return dataset, target, alignment

    for part in chain(1, 1):
        part.run(writing("old"))
    assert [part.done for part in chain(1, 1)] == [True, True, True]
    assert [part.done for part in chain(1, 2)] == [True, False, False]
    assert [part.done for part in chain(2, 1)] == [False, False, False]

    left: list[Path] = []
    target = chain(1, 2)[1]
    target.run(lambda folder: left.extend(folder.glob("*.txt")))
    assert left == []
    assert [part.done for part in chain(1, 1)] == [True, False, True]


def test_an_interrupted_stage_continues_in_what_it_left(tmp_path: Path) -> None:
    def interrupted(folder: Path) -> None:
        (folder / "half.txt").write_text("half")
        time.sleep(0.1)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stage(tmp_path, a=1).run(interrupted)
    assert stage(tmp_path, a=1).started
    assert not stage(tmp_path, a=1).done
    with pytest.raises(RunFolderError, match="does not hold a finished target stage"):
        stage(tmp_path, a=1).require()

    seen: list[str] = []
    record = stage(tmp_path, a=1).run(lambda folder: seen.append((folder / "half.txt").read_text()))
    assert seen == ["half"]
    assert not record.resumed
    assert record.seconds >= 0.1  # both attempts


def test_what_is_required_and_was_made_otherwise_says_how(tmp_path: Path) -> None:
    """As by a release of before: whoever asks a finished run learns why it is none any more."""
    stage(tmp_path, a=1).run(writing("old"))
    with pytest.raises(RunFolderError, match=r"these settings \(a is 2, and was 1\)\. Run the"):
        stage(tmp_path, a=2).require()
    assert stage(tmp_path, a=1).require() == stage(tmp_path, a=1).folder


def test_other_settings_do_not_continue_what_was_left(tmp_path: Path) -> None:
    def broken(folder: Path) -> None:
        (folder / "half.txt").write_text("half")
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        stage(tmp_path, a=1).run(broken)
    stage(tmp_path, a=2).run(writing("new"))
    assert sorted(path.name for path in stage(tmp_path, a=2).folder.iterdir()) == [
        "done.json",
        "result.txt",
        "started.json",
    ]


def test_a_folder_whose_clearing_was_cut_short_never_looks_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_short(folder: Path) -> None:
        (folder / "result.txt").unlink()
        raise KeyboardInterrupt

    stage(tmp_path, a=1).run(writing("old"))
    with monkeypatch.context() as patch:
        patch.setattr("shutil.rmtree", cut_short)
        with pytest.raises(KeyboardInterrupt):
            stage(tmp_path, a=2).run(refuse)
    old = stage(tmp_path, a=1)
    assert not old.done
    assert not old.started
    old.run(writing("again"))
    assert (old.folder / "result.txt").read_text() == "again"


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"fingerprint": 3}'])
def test_a_damaged_marker_is_no_marker(damage: str, tmp_path: Path) -> None:
    stage(tmp_path, a=1).run(writing("one"))
    (stage(tmp_path, a=1).folder / "done.json").write_text(damage)
    assert not stage(tmp_path, a=1).done
    assert not stage(tmp_path, a=1).run(writing("two")).resumed
    assert (stage(tmp_path, a=1).folder / "result.txt").read_text() == "two"


def test_a_done_marker_without_its_record_says_what_to_delete(tmp_path: Path) -> None:
    part = stage(tmp_path, a=1)
    part.run(writing("one"))
    (part.folder / "done.json").write_text(json.dumps({"fingerprint": part.fingerprint}))
    with pytest.raises(RunFolderError, match=r"done\.json is damaged\. Delete .*2-target"):
        part.run(refuse)


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_stage_keeps_its_journal(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()

    made: list[int] = []

    def build(folder: Path) -> None:
        with Journal(folder / "answers.jsonl") as journal:
            for number in range(8):
                if not journal.seen(str(number)):
                    made.append(number)
                    journal.append(str(number), number)

    part = RunFolder(tmp_path).stage("fidelity", version="1", settings={"a": 1})
    assert part.started
    part.run(build)
    assert made == [5, 6, 7]
    uninterrupted = RunFolder(tmp_path / "other").stage("fidelity", version="1", settings={"a": 1})
    uninterrupted.run(build)
    assert (part.folder / "answers.jsonl").read_bytes() == (
        uninterrupted.folder / "answers.jsonl"
    ).read_bytes()


def test_a_folder_of_another_result_is_outdated_until_it_is_made_anew(tmp_path: Path) -> None:
    assert not stage(tmp_path, seed=0).outdated
    stage(tmp_path, seed=0).run(writing("first"))
    assert not stage(tmp_path, seed=0).outdated
    other = stage(tmp_path, seed=1)
    assert other.outdated
    assert other.reasons() == ["seed is 1, and was 0"]
    other.run(writing("second"))
    assert not other.outdated
    assert other.reasons() == []


def test_what_was_left_half_done_of_another_result_is_outdated_as_well(tmp_path: Path) -> None:
    stage(tmp_path, seed=0).begin()
    assert not stage(tmp_path, seed=0).outdated
    assert stage(tmp_path, seed=1).reasons() == ["seed is 1, and was 0"]


def test_a_stage_that_only_builds_on_a_changed_one_gives_no_reason_of_its_own(
    tmp_path: Path,
) -> None:
    def both(seed: int) -> Stage:
        run = RunFolder(tmp_path)
        first = run.stage("dataset", version="1", settings={"seed": seed})
        return run.stage("target", version="1", settings={}, inputs=[first])

    both(0).run(writing("first"))
    assert both(1).outdated
    assert both(1).reasons() == []


def test_a_marker_of_before_reasons_were_kept_says_so(tmp_path: Path) -> None:
    done = stage(tmp_path, seed=0)
    done.run(writing("first"))
    marker = done.folder / "done.json"
    content = json.loads(marker.read_text(encoding="utf-8"))
    del content["identity"]
    marker.write_text(json.dumps(content), encoding="utf-8")
    assert stage(tmp_path, seed=0).done
    assert stage(tmp_path, seed=1).reasons() == ["it does not say what it was made from"]
