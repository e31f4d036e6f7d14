"""Files with one record per line, such as JSON lines, as tables of text."""

from __future__ import annotations

import codecs
import re
import warnings
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from recexplainer.data.opened_files import explained, file_head, unpacked
from recexplainer.data.record_lines import Record
from recexplainer.data.text_tables import Loss, Table, as_categories, joined, missing_column
from recexplainer.errors import DataError
from recexplainer.records import Bar

__all__ = ["RecordFile", "megabytes", "record_kind"]

_JSON, _LITERAL = "a JSON object", "the literal of a Python dict"
_OF_PYTHON = re.compile(rb"\{\s*u?'")

_LINES_BETWEEN_REPORTS, _LINES_IN_HEAD = 10_000, 1_000
_MEGABYTE = 1_000_000
_BEGINNING = 4_096
"""Bytes in which a file's first record begins."""


@dataclass(frozen=True, slots=True)
class RecordFile:
    """A text file, packed or not, of which each line is one record.

    Attributes:
        path: the file.
        parse: turns a line into a record; raises ValueError or TypeError for a line that is none.
        columns: what a record may hold; a field that it lacks is an empty cell. Empty for the
            fields of the first records.
        kind: what a line should be, as in "cannot be read as JSON".
        encoding: of the file; a line that is not written so is no record.
        bar: advanced with each megabyte that was read from disk.
        lines: how many of the first lines are read; None for all.
        unfold: turns a line's record into the rows that it stands for; None for one row.
    """

    path: Path
    parse: Callable[[str], Record]
    columns: Sequence[str] = ()
    kind: str = "a record"
    encoding: str = "utf-8"
    bar: Bar | None = None
    lines: int | None = None
    unfold: Callable[[Record], Sequence[Record]] | None = None

    def head(self) -> RecordFile:
        """Return the first lines, as a file."""
        return replace(self, lines=_LINES_IN_HEAD, bar=None)

    def names(self) -> Sequence[str]:
        """Return the columns' names. Raises DataError where they cannot be read."""
        return self.columns or self.fields()

    def fields(self) -> tuple[str, ...]:
        """Return the names of the fields of the first records, in order.

        Raises:
            DataError: there is no record, or the file cannot be opened.
        """
        self.first()
        with explained(self.path), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            head = islice(self._records(), _LINES_IN_HEAD)
            return tuple(dict.fromkeys(name for _, record in head for name in record or ()))

    def require(self, wanted: Mapping[str, str]) -> None:
        """Check that every wanted column may be there. Raises DataError where one may not."""
        if missing := missing_column(wanted, self.names()):
            raise DataError(missing, path=self.path)

    def first(self) -> Record:
        """Return the first record, which is looked for in the first lines.

        Raises:
            DataError: there is none, or the file cannot be opened.
        """
        with explained(self.path), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of Python, about escapes in literals
            records = self._records()
            for _, record in islice(records, _LINES_IN_HEAD):
                if record is not None:
                    return record
            whole = next(records, None) is None
        raise self._no_record("no line" if whole else f"none of the first {_LINES_IN_HEAD:,} lines")

    def check_head(self) -> None:
        """Look for a record in the first lines. Raises DataError where there is none."""
        self.first()

    def read(self, columns: Sequence[str], repeated: Sequence[str] = ()) -> Table:
        """Return ``columns`` as text, those in ``repeated`` as categories.

        The index numbers the rows from 0.

        Raises:
            DataError: the file cannot be opened or holds no records.
        """
        import pandas as pd

        rows = _Rows(columns)
        with explained(self.path), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for line, record in self._records():
                if record is None:
                    rows.bad.append(line)
                    continue
                for row in (record,) if self.unfold is None else self.unfold(record):
                    rows.add(line, row)
        if not rows.lines:
            raise self._no_record("no line")
        frame = pd.DataFrame(
            {
                name: as_categories(cells) if name in repeated else pd.Series(cells, dtype=str)
                for name, cells in rows.cells.items()
            }
        )
        bad = Loss(len(rows.bad), f"that cannot be read as {self.kind}", len(rows.lines))
        return Table(self.path, frame, rows.line_of, (bad,) if bad.rows else ())

    def _no_record(self, lines: str) -> DataError:
        message = f"{lines} of this file can be read as {self.kind}"
        return DataError(message, path=self.path, line=1)

    def _records(self) -> Iterator[tuple[int, Record | None]]:
        """Yield the number, from 0, of each line that is not blank, and its record or None."""
        for line, text in islice(self._lines(), self.lines):
            if text.strip():
                try:
                    yield line, self.parse(text.decode(self.encoding).strip("\ufeff\r\n"))
                except (ValueError, TypeError, RecursionError, MemoryError):
                    yield line, None

    def _lines(self) -> Iterator[tuple[int, bytes]]:
        reported = 0
        with self.path.open("rb") as raw, unpacked(self.path, raw) as file:
            for line, text in enumerate(file):
                yield line, text
                if self.bar is not None and line % _LINES_BETWEEN_REPORTS == 0:
                    done = raw.tell() // _MEGABYTE
                    self.bar.advance(done - reported)
                    reported = done
        if self.bar is not None:
            self.bar.advance(megabytes(self.path) - reported)


class _Rows:
    """Cells of the records so far, and the lines (from 0) that held one and that held none."""

    def __init__(self, columns: Sequence[str]) -> None:
        self.cells: dict[str, list[str]] = {name: [] for name in columns}
        self.lines, self.bad = array("q"), array("q")
        self._same: dict[str, str] = {}  # one string object per value, not one per cell

    def line_of(self, row: int) -> int:
        """Return the 1-based line of ``row``; those that held no record follow the others."""
        good = len(self.lines)
        return 1 + (self.lines[row] if row < good else self.bad[row - good])

    def add(self, line: int, record: Record) -> None:
        self.lines.append(line)
        for name, column in self.cells.items():
            text = _text(record.get(name))
            column.append(self._same.setdefault(text, text))


def record_kind(path: Path) -> str | None:
    """Return what a line of the file at ``path`` is, or None where it begins as no record.

    A file that cannot be read begins so too; who opens it says why.
    """
    try:
        with explained(path):
            beginning, _ = file_head(path, _BEGINNING)
    except DataError:
        return None
    text = beginning.removeprefix(codecs.BOM_UTF8).lstrip()
    if not text.startswith(b"{"):
        return None
    return _LITERAL if _OF_PYTHON.match(text) else _JSON


def megabytes(path: Path) -> int:
    """Return what reading ``path`` tells its bar in all, at least 1.

    Raises:
        DataError: the file cannot be opened.
    """
    with explained(path):
        return path.stat().st_size // _MEGABYTE + 1


def _text(value: object) -> str:
    """Return ``value`` as a cell: lists as such, and nothing for what is no text or number."""
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list | tuple | set):
        return joined(text for text in map(_text, value) if text)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value) if isinstance(value, int | float) else ""
