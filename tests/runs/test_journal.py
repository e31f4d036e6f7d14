import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from recexplainer.errors import RunFolderError
from recexplainer.runs.journal import Journal

WRITER = """
import sys
from pathlib import Path
from recexplainer.runs.journal import Journal
with Journal(Path(sys.argv[1])) as journal:
    for number in range(10**9):
        journal.append(str(number), {"square": number * number, "text": "ü" * 200})
"""


def entries(path: Path) -> list[str]:
    with Journal(path) as journal:
        return [key for key in map(str, range(len(journal) + 1)) if journal.seen(key)]


def test_what_is_appended_is_there_after_reopening(tmp_path: Path) -> None:
    path = tmp_path / "new" / "j.jsonl"
    with Journal(path) as journal:
        assert not journal.seen("a")
        journal.append("a", {"text": "é\n", "pair": (1, 2)})
        journal.extend([("b", 1), ("c", None)])
        assert journal.seen("a")
        now = journal.get("a")
    with Journal(path) as journal:
        assert len(journal) == 3
        # The same value whether or not the process was restarted in between: JSON has no tuples.
        assert journal.get("a") == now == {"text": "é\n", "pair": [1, 2]}
        assert (journal.get("b"), journal.get("c")) == (1, None)
        with pytest.raises(KeyError):
            journal.get("d")


def test_an_entry_is_on_disk_before_the_journal_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    with Journal(path) as journal:
        journal.append("a", 1)
        assert json.loads(path.read_text()) == {"id": "a", "payload": 1}


def test_one_id_is_written_once(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.jsonl") as journal:
        journal.append("a", 1)
        with pytest.raises(ValueError, match="'a' is already in"):
            journal.append("a", 2)
        assert journal.get("a") == 1


@pytest.mark.parametrize("cut", range(1, 30))
def test_a_torn_last_line_is_cut_off_wherever_it_was_torn(cut: int, tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    with Journal(path) as journal:
        journal.extend([("0", 0), ("1", "é")])
    whole = path.read_bytes()
    last = len(whole.split(b"\n")[1]) + 1
    assert last == 29
    path.write_bytes(whole[:-cut])
    with Journal(path) as journal:
        assert (journal.seen("0"), journal.seen("1")) == (True, False)
        journal.append("1", "é")
    assert path.read_bytes() == whole


def test_a_last_line_of_garbage_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    path.write_bytes(b'{"id": "0", "payload": 0}\n\x00\x00\xff\n')
    assert entries(path) == ["0"]
    assert path.read_bytes() == b'{"id": "0", "payload": 0}\n'


def test_a_damaged_line_in_the_middle_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    text = '{"id": "0", "payload": 0}\n{"id": \n{"id": "2", "payload": 0}\n'
    path.write_text(text)
    with pytest.raises(RunFolderError, match=r"j\.jsonl:2: this line is damaged"):
        Journal(path)
    assert path.read_text() == text


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_killed_process_loses_at_most_the_item_it_was_writing(tmp_path: Path) -> None:
    path = tmp_path / "j.jsonl"
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)])
    try:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and not (path.exists() and path.stat().st_size > 50_000):
            time.sleep(0.01)
    finally:
        os.kill(writer.pid, signal.SIGKILL)
        writer.wait()
    on_disk = path.read_bytes().count(b"\n")
    assert on_disk > 100
    with Journal(path) as journal:
        assert len(journal) == on_disk
        for number in range(on_disk):
            assert journal.get(str(number)) == {"square": number**2, "text": "ü" * 200}
