"""Encoding of a text file, by its byte order mark or by what its bytes can be."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable
from pathlib import Path

from recexplainer.data.opened_files import open_bytes
from recexplainer.errors import DataError

__all__ = ["encoding_of_head", "known_encoding", "legacy_encoding"]

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_LEGACY = "cp1252"
"""Of Western spreadsheets; Latin-1 is read alike, but for signs that no text has."""
_UNUSED = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_OTHER_SCRIPT = re.compile(rb"[\x80-\xff]{4}")
"""Western words hold no four accented letters in a row; other scripts' words do."""


def encoding_of_head(head: bytes, *, whole: bool) -> str | None:
    """Return the encoding that ``head`` shows, or None where it is none of Unicode's.

    Args:
        head: the first bytes of a file.
        whole: whether these are all.
    """
    for mark, name in _MARKS.items():
        if head.startswith(mark):
            return name
    pairs = max(1, len(head) // 2)
    if head[1::2].count(0) > pairs // 3:
        return "utf-16-le"
    if head[::2].count(0) > pairs // 3:
        return "utf-16-be"
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head, whole)
    except UnicodeDecodeError:
        return None
    return "utf-8"


def known_encoding(encoding: str | None) -> str | None:
    """Return ``encoding`` if Python knows it, or it is None; for the checks of options.

    Raises:
        ValueError: it is not known.
    """
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except LookupError:
            message = f"unknown encoding {encoding!r}; try utf-8, latin-1 or cp1252"
            raise ValueError(message) from None
    return encoding


def legacy_encoding(path: Path) -> str:
    """Return the encoding of a file that is no UTF-8: that of Western spreadsheets, or none.

    Raises:
        DataError: it may be of another script, or is UTF-8 in other lines; names the line.
    """
    with open_bytes(path) as file:
        line, reason = _doubt(file)
    if line is None:
        return _LEGACY
    message = (
        f"this is neither utf-8 nor {_LEGACY} text ({reason}); set the option `encoding`, such as "
        "cp1251, gb18030 or shift_jis, or save the file as utf-8"
    )
    raise DataError(message, path=path, line=line)


def _doubt(lines: Iterable[bytes]) -> tuple[int | None, str]:
    """Return the first line that speaks against Western text, and how."""
    for number, line in enumerate(lines, start=1):
        if line.isascii():
            continue
        try:
            line.decode("utf-8")
        except UnicodeDecodeError:
            if _UNUSED.search(line):
                return number, f"{_LEGACY} has no such sign"
            if _OTHER_SCRIPT.search(line):
                return number, "its words look like those of another script"
        else:
            return number, "this line is utf-8, others are not"
    return None, ""
