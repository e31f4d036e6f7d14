from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pandas as pd
import pytest
from pyarrow import parquet

import recexplainer
from recexplainer.batch.engine_local import LocalEngine
from recexplainer.batch.everybody import explain_everybody
from recexplainer.batch.job import Job
from recexplainer.batch.shards import Part
from recexplainer.errors import RunFolderError, UserError


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / "explanations").iterdir()}


def job(run_folder, users, out, **settings) -> Job:
    return Job(
        run_folder, users, out, **{"explainers": ("occlusion", "random"), "size": 8} | settings
    )


@pytest.fixture(scope="module")
def whole(run_folder, users, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("whole") / "out"
    batch = explain_everybody(job(run_folder, users, out), LocalEngine())
    assert batch.manifest["whole"]
    assert batch.made == 6
    return out


def test_texts_are_those_of_a_question_about_one_user(run_folder, users, tmp_path) -> None:
    out, names = tmp_path / "out", ("surrogate", "occlusion", "random")
    explain_everybody(job(run_folder, users, out, explainers=names, size=50), LocalEngine())
    rows = parquet.read_table(out / "explanations").to_pylist()
    loaded = recexplainer.load(run_folder)
    for number in range(0, 40, 3):
        own = [row for row in rows if row["user_id"] == f"u{number}"]
        asked = loaded.explain(user=f"u{number}")
        assert len(own) == len(asked.explanations) == 3
        for row, text in zip(own, asked.explanations, strict=True):
            withheld = text.explainer in asked.withheld
            shown = asked.instead if withheld else text
            assert row["status"] == ("withheld" if withheld else "ok")
            assert row["withheld_text"] == (text.text if withheld else None)
            assert (row["text"], row["source"]) == (shown.text, shown.explainer)
            assert row["explainer"] == text.explainer
            assert row["item_id"] == asked.case.item
            assert row["rank"] == asked.case.rank
            assert row["score"] == pytest.approx(asked.case.score, abs=1e-5)
            assert row["cited"] == list(shown.cited)
            assert [one["real"] for one in row["claims"]] == [one.real for one in shown.claims]
            assert row["confidence"] == shown.check("confidence")


def test_an_unknown_user_is_a_row_with_its_error(whole) -> None:
    table = pd.read_parquet(whole / "explanations")
    (row,) = table[table.status == "error"].itertuples()
    assert row.user_id == "nobody"
    assert pd.isna(row.text)
    assert "unknown user 'nobody'" in row.error
    assert set(table.user_id) == {*(f"u{n}" for n in range(40)), "nobody"}


def test_whom_an_explainer_fails_on_stops_nobody(run_folder, users, plugin, tmp_path) -> None:
    import batch_plugin

    out = tmp_path / "out"
    settings = {"explainers": ("fussy",), "size": 50, "registry": batch_plugin.registry}
    explain_everybody(job(run_folder, users, out, **settings), LocalEngine())
    rows = parquet.read_table(out / "explanations").to_pylist()
    errors = {row["user_id"]: row["error"] for row in rows if row["status"] == "error"}
    assert set(errors) == {"u3", "nobody"}
    assert errors["u3"] == "not this one"
    assert len(rows) == 41


def test_parts_together_are_the_whole_byte_for_byte(run_folder, users, whole, tmp_path) -> None:
    out = tmp_path / "out"
    for number in (3, 1, 2):
        explain_everybody(job(run_folder, users, out), LocalEngine(), part=Part(number, 3))
    assert contents(out) == contents(whole)


@pytest.mark.parametrize("harm", ["cut", "changed", "gone", "record"])
def test_a_damaged_file_is_made_again_and_no_other(harm, run_folder, users, tmp_path) -> None:
    out = tmp_path / "out"
    asked = job(run_folder, users, out, explainers=("random",))
    explain_everybody(asked, LocalEngine())
    before = contents(out)
    path = asked.folder.table_of(2)
    data = path.read_bytes()
    if harm == "gone":
        path.unlink()
    elif harm == "record":
        asked.folder.record_of(2).unlink()
    else:
        path.write_bytes(data[:-20] if harm == "cut" else data[:-20] + bytes(20))
    again = explain_everybody(asked, LocalEngine())
    assert (again.made, again.kept) == (1, 5)
    assert contents(out) == before


def test_another_job_in_the_folder_is_refused(run_folder, users, whole, tmp_path) -> None:
    with pytest.raises(RunFolderError, match="top was 1 and is 2"):
        explain_everybody(job(run_folder, users, whole, top=2), LocalEngine())
    other = tmp_path / "other.txt"
    other.write_text("u1\n")
    with pytest.raises(RunFolderError, match=r"users\.sha256 was .* users\.rows was 41 and is 1"):
        explain_everybody(job(run_folder, other, whole), LocalEngine())
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(RunFolderError, match="holds files"):
        explain_everybody(job(run_folder, users, tmp_path / "mine"), LocalEngine())


def test_figures_are_means_over_the_rows(run_folder, users, whole) -> None:
    batch = explain_everybody(job(run_folder, users, whole), LocalEngine())
    rows = parquet.read_table(whole / "explanations").to_pylist()
    told = {(one["subject"], one["metric"]): one for one in batch.manifest["figures"]}
    for name in ("occlusion", "random"):
        own = [row for row in rows if row["explainer"] == name]
        given = [row for row in own if row["status"] == "ok"]
        assert told[name, "given"]["value"] == pytest.approx(len(given) / len(own))
        if given:
            mean = sum(row["confidence"] for row in given) / len(given)
            assert told[name, "confidence"]["value"] == pytest.approx(mean)


def test_items_of_the_list_and_of_the_file(run_folder, tmp_path) -> None:
    some = tmp_path / "users.csv"
    some.write_text("user_id,item_id\nu0,\nu1,drama3\nu2,no-such-item\n")
    out = tmp_path / "out"
    explain_everybody(job(run_folder, some, out, explainers=("random",), top=3), LocalEngine())
    rows = parquet.read_table(out / "explanations").to_pylist()
    items = {user: [r["item_id"] for r in rows if r["user_id"] == user] for user in ("u0", "u1")}
    first = recexplainer.load(run_folder).recommend(user="u0", top=3)
    assert sorted(items["u0"]) == sorted(one.item for one in first.items)
    assert items["u1"] == ["drama3"]
    assert [r["status"] for r in rows if r["user_id"] == "u2"] == ["error"]


@pytest.mark.parametrize("words", ["0/3", "4/3", "3", "a/b", "1/0"])
def test_what_is_no_part_is_refused(words) -> None:
    with pytest.raises(UserError, match="is no part"):
        Part.read(words)


def killed_and_resumed(start, folder, words, seconds) -> dict[str, bytes]:
    """Kill the command at each moment, then let it end."""
    for moment in seconds:
        process = start(*words)
        time.sleep(moment)
        os.kill(process.pid, signal.SIGKILL)
        process.communicate()
    process = start(*words)
    output, _ = process.communicate()
    assert process.returncode == 0, output
    assert not list(folder.rglob(".tmp-*"))
    return contents(folder)


def command(run_folder, users, out, *more) -> list[object]:
    explainers = ("--explainer", "occlusion", "--explainer", "random")
    return [run_folder, "--users", users, "--out", out, "--shard-size", 8, *explainers, *more]


def test_killed_at_any_moment_it_ends_with_the_same_bytes(
    run_folder, users, whole, tmp_path, recx
) -> None:
    out = tmp_path / "out"
    words = command(run_folder, users, out)
    left = []
    for shards in (0, 1, 3):  # killed as soon as so many files are there
        process = recx(*words)
        while process.poll() is None and (
            not (out / "job.json").exists() or len(list(out.glob("shards/*.json"))) < shards
        ):
            time.sleep(0.002)
        process.kill()
        process.communicate()
        left.append(len(list(out.glob("explanations/part-*"))))
    assert left[0] < 6
    assert killed_and_resumed(recx, out, words, ()) == contents(whole)


def test_two_workers_of_dask_make_the_same_bytes(run_folder, users, whole, tmp_path, recx) -> None:
    out = tmp_path / "out"
    process = recx(*command(run_folder, users, out, "--engine", "dask", "--workers", 2))
    output, _ = process.communicate()
    assert process.returncode == 0, output
    assert contents(out) == contents(whole)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_killed_clients_of_dask_end_with_the_same_bytes(
    run_folder, users, whole, tmp_path, recx
) -> None:
    out = tmp_path / "out"
    words = command(run_folder, users, out, "--engine", "dask", "--workers", 2)
    moments = [1 + 0.5 * step for step in range(20)]
    assert killed_and_resumed(recx, out, words, moments) == contents(whole)


def test_a_shard_that_workers_die_of_is_set_aside_and_the_others_are_made(
    run_folder, users, plugin, tmp_path
) -> None:
    import subprocess
    import sys

    out = tmp_path / "out"
    script = tmp_path / "deadly.py"
    script.write_text(
        "from pathlib import Path\n"
        "import batch_plugin\n"
        "from recexplainer.batch.engine_dask import DaskEngine\n"
        "from recexplainer.batch.everybody import explain_everybody\n"
        "from recexplainer.batch.job import Job\n"
        "if __name__ == '__main__':\n"
        f"    job = Job(Path({str(run_folder)!r}), Path({str(users)!r}), Path({str(out)!r}),\n"
        "        explainers=('deadly',), size=8, registry=batch_plugin.registry)\n"
        "    batch = explain_everybody(job, DaskEngine(workers=1))\n"
        "    print([(one.shard, one.deaths) for one in batch.lost], batch.made)\n"
    )
    done = subprocess.run(
        [sys.executable, script], capture_output=True, text=True, check=True, timeout=240
    )
    from recexplainer.batch.shards import shard_of

    poisoned = shard_of("u3", 6)
    assert done.stdout.strip().splitlines()[-1] == f"[({poisoned}, 3)] 5"
    lost = job(run_folder, users, out).folder.lost_of(poisoned)
    assert '"u3"' in lost.read_text()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--user", "u1", "--users", "f.txt"], "give --user ID for one user, or --users FILE"),
        (["--users", "f.txt"], "give --user ID for one user, or --users FILE and --out FOLDER"),
        (["--users", "f.txt", "--out", "o", "--engine", "ray"], "none, dask or dask://HOST:PORT"),
        (["--users", "f.txt", "--out", "o", "--shard", "9/3"], "is no part"),
        (["--users", "f.txt", "--out", "o", "--json"], "are for one --user"),
        (["--users", "f.txt", "--out", "o"], "there is no such file"),
    ],
)
def test_a_mistake_is_one_line(words, told, run_folder, capsys, tmp_path, monkeypatch) -> None:
    from recexplainer.cli.main import main

    monkeypatch.chdir(tmp_path)
    # main sets them, for processes that it ends
    monkeypatch.setenv("GOMP_SPINCOUNT", "10000")
    monkeypatch.setenv("LRU_CACHE_CAPACITY", "64")
    monkeypatch.setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "64")
    with pytest.raises(SystemExit) as ended:
        main(["explain", str(run_folder), *words])
    assert ended.value.code == 2
    assert told in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_without_dask_the_extra_is_named_and_it_is_not_imported_unasked(monkeypatch) -> None:
    import subprocess
    import sys

    from recexplainer.batch.engine_dask import DaskEngine
    from recexplainer.errors import MissingExtraError

    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"recexplainer\[batch\]"), DaskEngine():
        pass
    code = (
        "import sys, recexplainer.batch.everybody, recexplainer.batch.engine_local, "
        "recexplainer.cli.explain_users; "
        "sys.exit(bool({'dask', 'distributed', 'torch'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
