"""Files with one record per line, such as JSON lines, as tables of text."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

from recexplainer.data.opened_files import explained, unpacked
from recexplainer.data.text_tables import Loss, Table, as_categories, joined, missing_column
from recexplainer.errors import DataError
from recexplainer.records import Bar

__all__ = ["Record", "RecordFile", "json_record", "megabytes"]

Record = Mapping[str, Any]

_LINES_BETWEEN_REPORTS, _LINES_IN_HEAD = 10_000, 1_000
_MEGABYTE = 1_000_000


def json_record(line: str) -> Record:
    """Return the JSON object that ``line`` holds.

    Raises:
        ValueError: it holds no JSON.
        TypeError: it holds something else.
    """
    record = json.loads(line)
    if not isinstance(record, dict):
        raise TypeError("not an object")
    return record


@dataclass(frozen=True, slots=True)
class RecordFile:
    """A text file, gzipped or not, of which each line is one record.

    Attributes:
        path: the file.
        parse: turns a line into a record; raises ValueError or TypeError for a line that is none.
        columns: what a record may hold; a field that it lacks is an empty cell.
        kind: what a line should be, as in "cannot be read as JSON".
        encoding: of the file; a line that is not written so is no record.
        bar: advanced with each megabyte that was read from disk.
        lines: how many of the first lines are read; None for all.
    """

    path: Path
    parse: Callable[[str], Record]
    columns: Sequence[str]
    kind: str = "a record"
    encoding: str = "utf-8"
    bar: Bar | None = None
    lines: int | None = None

    def head(self) -> RecordFile:
        """Return the first lines, as a file."""
        return replace(self, lines=_LINES_IN_HEAD, bar=None)

    def names(self) -> Sequence[str]:
        """Return the columns' names."""
        return self.columns

    def require(self, wanted: Mapping[str, str]) -> None:
        """Check that every wanted column may be there. Raises DataError where one may not."""
        if missing := missing_column(wanted, self.columns):
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

        The index numbers the lines from 0, blank ones included.

        Raises:
            DataError: the file cannot be opened or holds no records.
        """
        import pandas as pd

        rows = _Rows(columns)
        with explained(self.path), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for line, record in self._records():
                rows.add(line, record)
        if not rows.lines:
            raise self._no_record("no line")
        frame = pd.DataFrame(
            {
                name: as_categories(cells) if name in repeated else pd.Series(cells, dtype=str)
                for name, cells in rows.cells.items()
            }
        ).set_axis(rows.lines)
        bad = rows.bad
        lost = (Loss(len(bad), f"that cannot be read as {self.kind}", bad[0]),) if bad else ()
        return Table(self.path, frame, (1).__add__, lost)

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
        self.lines: list[int] = []
        self.bad: list[int] = []
        self._same: dict[str, str] = {}  # one string object per value, not one per cell

    def add(self, line: int, record: Record | None) -> None:
        if record is None:
            self.bad.append(line)
            return
        self.lines.append(line)
        for name, column in self.cells.items():
            text = _text(record.get(name))
            column.append(self._same.setdefault(text, text))


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
