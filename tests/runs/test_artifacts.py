import json
from pathlib import Path

import numpy as np
import pytest

from recexplainer.errors import RunFolderError
from recexplainer.records import Metric
from recexplainer.runs.artifacts import (
    each_in_jsonl,
    read_arrays,
    read_json,
    read_jsonl,
    read_records,
    read_text,
    replacing,
    write_arrays,
    write_json,
    write_jsonl,
    write_records,
    write_text,
)


def metric(subject: str) -> Metric:
    return Metric(
        subject=subject, task="t", metric="hit@5", split="s", value=0.5, low=None, high=1.0, n=3
    )


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    records = [metric("Amélie\u2028 – \x85 (2001)"), metric("b")]
    arrays = {"file": np.arange(6, dtype=np.float32).reshape(2, 3), "ids": np.array(["é", "b"])}
    write_text(tmp_path / "a.txt", "one\r\ntwo\n")
    write_json(tmp_path / "a.json", {"é": [1, None]})
    write_jsonl(tmp_path / "a.jsonl", [1, {"b": "\n"}])
    write_records(tmp_path / "new" / "r.jsonl", records)
    write_arrays(tmp_path / "a.npz", {"vectors": arrays["file"], "ids": arrays["ids"]})

    assert (tmp_path / "a.txt").read_bytes() == b"one\r\ntwo\n"
    assert json.loads((tmp_path / "a.json").read_bytes()) == {"é": [1, None]}
    assert read_json(tmp_path / "a.json") == {"é": [1, None]}
    assert read_jsonl(tmp_path / "a.jsonl") == [1, {"b": "\n"}]
    assert read_records(tmp_path / "new" / "r.jsonl", Metric) == records
    read = read_arrays(tmp_path / "a.npz")
    assert set(read) == {"vectors", "ids"}
    np.testing.assert_array_equal(read["vectors"], arrays["file"])
    assert read["vectors"].dtype == np.float32
    assert read["ids"].tolist() == ["é", "b"]


def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_jsonl(path, [1])
    with pytest.raises(TypeError):
        write_jsonl(path, [2, object()])
    with pytest.raises(ValueError, match="Out of range"):
        write_json(path, float("nan"))
    assert read_jsonl(path) == [1]
    assert list(tmp_path.iterdir()) == [path]


def test_nothing_has_the_name_before_the_block_ends(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    with replacing(path) as temporary:
        temporary.write_text("whole")
        assert not path.exists()
        assert (temporary.parent, temporary.suffix) == (path.parent, ".html")
    assert path.read_text() == "whole"


def test_arrays_of_objects_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="Python objects cannot be written: bad"):
        write_arrays(tmp_path / "a.npz", {"good": np.zeros(2), "bad": np.array([{}])})
    assert list(tmp_path.iterdir()) == []


def test_a_pickle_is_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, bad=np.array([{}]))
    with pytest.raises(RunFolderError, match="is damaged"):
        read_arrays(path)


@pytest.mark.parametrize("read", [read_text, read_json, read_jsonl, read_arrays])
def test_an_absent_file_is_named_with_what_to_do(read, tmp_path: Path) -> None:
    with pytest.raises(RunFolderError) as caught:
        read(tmp_path / "2-target" / "x.npz")
    assert str(caught.value) == (
        f"{tmp_path}/2-target/x.npz is missing. Delete {tmp_path}/2-target and run the same "
        "command again; what it held is made anew."
    )


def test_damage_is_named_with_its_place(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text('{"a": 1}\n\n{"a": \n')
    with pytest.raises(RunFolderError, match=r"a\.jsonl is damaged: line 3 is not JSON"):
        read_jsonl(path)
    path.write_text('{\n"a": }')
    with pytest.raises(RunFolderError, match=r"a\.jsonl is damaged: line 2 is not JSON"):
        read_json(path)
    path.write_bytes(b"ab\xff")
    with pytest.raises(RunFolderError, match="is not UTF-8 at byte 2"):
        read_text(path)
    write_jsonl(path, [metric("a").model_dump(), {**metric("b").model_dump(), "n": "x"}])
    with pytest.raises(
        RunFolderError, match="record 2 is no Metric: n: must be a whole number, got 'x'"
    ):
        read_records(path, Metric)


def test_lines_are_read_one_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"a": 1}\r\n\n[2]\n"\xff"\n')
    values = each_in_jsonl(path)
    assert [next(values), next(values)] == [{"a": 1}, [2]]
    with pytest.raises(RunFolderError, match=r"a\.jsonl is damaged: line 4 is not UTF-8"):
        next(values)


@pytest.mark.parametrize("keep", [0, 30, -30])
def test_a_torn_archive_is_damage(keep: int, tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    write_arrays(path, {"a": np.arange(100)})
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(RunFolderError, match=r"a\.npz is damaged: is not a readable \.npz"):
        read_arrays(path)
