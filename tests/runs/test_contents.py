"""Files count by their bytes; a large one is read again only when the system saw it touched."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from recexplainer.runs import contents
from recexplainer.runs.contents import FileContent, content_of, files_in


def test_the_digest_is_that_of_all_bytes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(range(256)) * 4_000)
    assert content_of(path).digest == hashlib.sha256(bytes(range(256)) * 4_000).hexdigest()


def known(path: Path, *, settled: bool = True) -> FileContent:
    """Return what is known of ``path``, with a digest that it cannot have."""
    return replace(content_of(path), digest="known", settled=settled)


@pytest.fixture
def large(tmp_path: Path, monkeypatch) -> Path:
    monkeypatch.setattr(contents, "_LARGE", 4)
    path = tmp_path / "large"
    path.write_bytes(b"12345")
    return path


def test_a_large_file_that_nobody_touched_is_not_read_again(large: Path) -> None:
    assert content_of(large, known(large)).digest == "known"


def test_a_file_that_was_just_written_is_read_again(large: Path) -> None:
    assert not content_of(large).settled
    assert content_of(large, known(large, settled=False)).digest != "known"


def test_a_small_file_is_always_read(large: Path) -> None:
    large.write_bytes(b"123")
    assert content_of(large, known(large)).digest != "known"


def test_an_edit_that_puts_the_time_back_is_seen(large: Path) -> None:
    before, was = known(large), large.stat()
    large.write_bytes(b"54321")
    os.utime(large, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert content_of(large, before).digest == hashlib.sha256(b"54321").hexdigest()


def test_a_file_of_old_is_settled(large: Path, monkeypatch) -> None:
    monkeypatch.setattr(contents.time, "time_ns", lambda: large.stat().st_ctime_ns + 10**10)
    assert content_of(large).settled


def test_files_of_a_folder_come_by_name_without_hidden_ones(tmp_path: Path) -> None:
    for name in ("b/x", "b/.hidden", "a", "__pycache__/y", ".git/z"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [str(path.relative_to(tmp_path)) for path in files_in(tmp_path)] == ["a", "b/x"]
    assert list(files_in(tmp_path / "a")) == [tmp_path / "a"]
