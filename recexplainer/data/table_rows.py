"""Rows of a delimited text file, of one shape, that know their lines."""

from __future__ import annotations

import csv
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any

from recexplainer.data.plural_words import counted
from recexplainer.data.table_dialect import Dialect, long_cells

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

__all__ = ["MisshapenRow", "Shape", "TableRows", "columns_of", "is_blank"]

Row = list[str]

_ROWS_AT_ONCE = 50_000
_BREAK = re.compile(r"\r\n|\r|\n")


class MisshapenRow(Exception):  # noqa: N818  # an answer to the reader, not an error of the user's
    """A row that cannot be read: where it begins, and what is wrong with it."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line, self.message = line, message


@dataclass(slots=True)
class Tally:
    """How many rows are odd in one way, and the line of the first."""

    rows: int = 0
    line: int = 0

    def add(self, line: int) -> None:
        """Count the row that begins on ``line``."""
        self.line = self.line or line
        self.rows += 1


@dataclass(slots=True)
class Shape:
    """What of the rows' shape was taken as it is.

    Attributes:
        short: rows with too few cells, which count as empty.
        long: rows with line breaks in a cell.
        swallowed: those of them of which every line looks like a row of its own.
    """

    short: Tally = field(default_factory=Tally)
    long: Tally = field(default_factory=Tally)
    swallowed: Tally = field(default_factory=Tally)

    def notes(self, name: str) -> Iterator[str]:
        """Yield one counted sentence per kind, about the file called ``name``."""
        for tally, what in (
            (self.short, "too few cells (those that are not there count as empty)"),
            (self.long, "line breaks in a cell"),
        ):
            if tally.rows:
                verb = "has" if tally.rows == 1 else "have"
                rows = counted(tally.rows, "row")
                yield f"{rows} of {name} {verb} {what}; the first is {name}:{tally.line}"


class TableRows:
    """Reads rows of ``width`` cells and gathers what is odd about them.

    Args:
        dialect: how the file is written.
        width: how many cells a row has.
        cut: whether the text may end amid a row, which is then left out.

    Attributes:
        shape: what was odd about the rows that were read so far.
        records: how many these are.
    """

    def __init__(self, dialect: Dialect, width: int, *, cut: bool = False) -> None:
        self.dialect, self.width, self.cut, self.shape = dialect, width, cut, Shape()
        self.records = 0
        # For each part the record it begins with, and its first line or those of all its records.
        self._parts: list[tuple[int, array[int]]] = []

    def parts(self, file: Iterable[str]) -> Iterator[list[Row]]:
        """Yield the rows in parts, without the header and blank rows, each of ``width`` cells.

        Raises:
            MisshapenRow: a row cannot be read, or has too many cells.
        """
        reader = self.dialect.reader(file)
        line = self._after_header(reader) if self.dialect.header else 1
        while rows := self._next(reader, line, _ROWS_AT_ONCE):
            plain = reader.line_num + 1 - line == len(rows) and self.width > 1
            if plain and set(map(len, rows)) == {self.width}:
                self._parts.append((self.records, array("q", [line])))
            else:
                rows = self._shaped(rows, line)
            self.records += len(rows)
            line = reader.line_num + 1
            yield rows

    def line_of(self, record: int) -> int:
        """Return the 1-based line on which ``record``, counted from 0, begins."""
        first, lines = self._parts[bisect_right(self._parts, record, key=lambda part: part[0]) - 1]
        offset = record - first
        return lines[offset] if len(lines) > 1 else lines[0] + offset

    def _after_header(self, reader: Any) -> int:
        while (row := self._next(reader, 1, 1)) and is_blank(row[0]):
            pass
        return int(reader.line_num) + 1

    def _next(self, reader: Any, line: int, count: int) -> list[Row]:
        """Return up to ``count`` rows, the first of which begins on ``line``."""
        rows: list[Row] = []
        try:
            with long_cells():
                rows.extend(islice(reader, count))
        except csv.Error as error:
            cause = str(error)
            if not (self.cut and "unexpected end" in cause):
                raise MisshapenRow(line + sum(map(_lines_in, rows)), _explained(cause)) from None
        return rows

    def _shaped(self, rows: list[Row], line: int) -> list[Row]:
        """Return the rows that are not blank, ``width`` cells each, and keep the line of each."""
        kept, lines = list[Row](), array("q")
        for row in rows:
            begin, spread = line, _lines_in(row)
            line += spread
            if not is_blank(row):
                kept.append(self._fitted(row, begin))
                lines.append(begin)
                if spread > 1:
                    self._look_at_breaks(row, begin)
        if lines:
            regular = lines[-1] - lines[0] + 1 == len(lines)
            self._parts.append((self.records, lines[:1] if regular else lines))
        return kept

    def _fitted(self, row: Row, line: int) -> Row:
        if len(row) < self.width:
            self.shape.short.add(line)
            return row + [""] * (self.width - len(row))
        if any(cell.strip() for cell in row[self.width :]):  # a row may end with empty cells
            raise MisshapenRow(line, self._too_long(len(row)))
        return row[: self.width]

    def _too_long(self, cells: int) -> str:
        dialect = self.dialect
        expected = "the header has" if dialect.header else "it should have"
        message = f"this row has {cells} cells where {expected} {self.width}"
        if dialect.quoting == "none":
            return message
        return f"{message}; put cells that contain {dialect.delimiter!r} in double quotes"

    def _look_at_breaks(self, row: Row, line: int) -> None:
        self.shape.long.add(line)
        mark = self.dialect.delimiter
        lines = _BREAK.split(mark.join(row))
        # In prose a blank follows the mark; between the cells of rows there is none.
        if self.width > 1 and all(
            part.count(mark) == self.width - 1 and f"{mark} " not in part for part in lines
        ):
            self.shape.swallowed.add(line)


def is_blank(row: Sequence[str]) -> bool:
    """Whether ``row`` is what a blank line is read as."""
    return not row or (len(row) == 1 and not row[0].strip())


def columns_of(parts: Iterable[list[Row]], positions: Sequence[int]) -> list[pa.ChunkedArray]:
    """Return the columns at ``positions`` as text, without the blanks around cells."""
    import pyarrow as pa
    import pyarrow.compute as pc  # type: ignore[import-untyped]

    chunks: list[list[pa.Array]] = [[] for _ in positions]
    for rows in parts:
        for column, position in zip(chunks, positions, strict=True):
            cells = pa.array([row[position] for row in rows], pa.string())
            column.append(pc.utf8_trim_whitespace(cells))
    return [pa.chunked_array(column, pa.string()) for column in chunks]


def _lines_in(row: Row) -> int:
    return 1 + sum(len(_BREAK.findall(cell)) for cell in row)


def _explained(cause: str) -> str:
    """Return what ``csv`` found wrong with a row, in words that help."""
    if "unexpected end" in cause or "field limit" in cause:
        return "a double quote opens here and is never closed"
    return (
        "a double quote opens a cell here, and more follows where it closes; where quotes are "
        "part of the text, set `quoting` to none, and else write those within a cell twice"
    )
