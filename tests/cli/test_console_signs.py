"""A console without a sign gets another one for it, and no command ends on that account."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

import recexplainer
from recexplainer.cli.console_signs import replace_missing_signs

TEXT = "✓ “千と夜” · Árhus → 3 …"


def written(encoding: str, text: str = TEXT) -> str:
    """Return what a console of ``encoding`` shows of ``text``."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding)
    replace_missing_signs(stream)
    stream.write(text)
    stream.flush()
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("utf-8", TEXT),
        ("cp1252", "+ “???” · Árhus -> 3 …"),
        ("ascii", '+ "???" - ?rhus -> 3 ...'),
        ("latin-1", '+ "???" · Árhus -> 3 ...'),
    ],
)
def test_each_sign_that_is_missing_has_a_stand_in(encoding: str, shown: str) -> None:
    assert written(encoding) == shown


@pytest.mark.parametrize(
    "encoding", ["gbk", "cp437", "cp1251", "shift_jis", "iso8859-15", "koi8-r"]
)
def test_what_a_console_has_is_kept_and_the_rest_is_replaced(encoding: str) -> None:
    for sign in TEXT:
        try:
            expected = sign.encode(encoding).decode(encoding)
        except UnicodeEncodeError:
            expected = None
        shown = written(encoding, sign)
        assert shown == expected if expected else shown.isascii() and shown


def test_a_file_s_name_that_is_no_text_keeps_its_bytes() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="utf-8")
    replace_missing_signs(stream)
    stream.write(b"a\xffb".decode("utf-8", "surrogateescape"))
    stream.flush()
    assert raw.getvalue() == b"a\xffb"


def test_a_stream_that_is_no_file_is_left() -> None:
    stream = io.StringIO()
    replace_missing_signs(stream)
    replace_missing_signs(None)
    stream.write(TEXT)
    assert stream.getvalue() == TEXT


def called(encoding: str, *words: str, place: Path) -> subprocess.CompletedProcess[bytes]:
    """Call ``recx`` in a process whose console has ``encoding``."""
    root = str(Path(recexplainer.__file__).parents[1])
    environment = {**os.environ, "PYTHONPATH": root, "PYTHONIOENCODING": encoding}
    return subprocess.run(
        [sys.executable, "-m", "recexplainer", *words],
        capture_output=True,
        env=environment,
        cwd=place,
        check=False,
    )


@pytest.mark.parametrize("encoding", ["cp1252", "gbk", "ascii"])
def test_results_and_errors_are_readable_on_any_console(encoding: str, tmp_path: Path) -> None:
    listed = called(encoding, "list", "datasets", place=tmp_path)
    assert listed.returncode == 0, listed.stderr
    assert "csv" in listed.stdout.decode(encoding)
    refused = called(encoding, "explain", "läuft-✓", "--user", "→", place=tmp_path)
    assert refused.returncode == 2
    said = refused.stderr.decode(encoding)
    assert "there is no folder l" in said
    assert "Traceback" not in said
    assert "\\u" not in said
