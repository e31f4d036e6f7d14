"""Delimited text files as tables of strings; whatever is wrong with one names its line."""

from __future__ import annotations

import codecs
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from recexplainer.data.opened_files import explained, file_head, open_text
from recexplainer.data.table_dialect import (
    QUOTINGS,
    Dialect,
    TableFormat,
    guess_dialect,
    long_cells,
)
from recexplainer.data.table_rows import MisshapenRow, TableRows, columns_of, is_blank
from recexplainer.data.text_encoding import encoding_of_head, legacy_encoding
from recexplainer.data.text_tables import Table, is_nameless, missing_column, nameless_note
from recexplainer.errors import DataError

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

__all__ = ["DelimitedFile", "TableFormat"]

_UNKNOWN = TableFormat()
_HEAD = 1 << 18
"""Bytes that a file's dialect is guessed from, and that are looked at before a run."""


@dataclass(frozen=True, slots=True)
class DelimitedFile:
    """A text file with one row per line and a character between cells.

    Attributes:
        path: the file.
        table_format: how it is written, as far as that is given.
        head_only: whether only the file's first part is read.
    """

    path: Path
    table_format: TableFormat = _UNKNOWN
    head_only: bool = False

    def head(self) -> DelimitedFile:
        """Return the first part of the file, as a file."""
        return replace(self, head_only=True)

    def names(self) -> list[str]:
        """Return the names in the first line, without the blanks around them and their types.

        Raises:
            DataError: the file is missing, empty, unreadable, or names a column twice.
        """
        return list(self.types())

    def types(self) -> dict[str, str]:
        """Return name to type, which is empty where the header names none; raises as ``names``."""
        return {name: kind for name, kind in self._headings(self.dialect()) if name}

    def dialect(self) -> Dialect:
        """Return how the file is written: as given, or as its first part shows.

        Raises:
            DataError: the file cannot be opened, or its encoding cannot be told.
        """
        given = self.table_format
        with explained(self.path, given.encoding or "utf-8"):
            head, whole = file_head(self.path, _HEAD)
            encoding = given.encoding or encoding_of_head(head, whole=whole)
            encoding = encoding or legacy_encoding(self.path)
            text = head.decode(_codec(encoding), "ignore")
        if not whole:
            text = text[: text.rfind("\n") + 1] or text
        return guess_dialect(text, encoding, given, whole=whole)

    def require(self, wanted: Mapping[str, str]) -> None:
        """Check that the header has every wanted column.

        Args:
            wanted: column to the option that names it.

        Raises:
            DataError: one is missing; names the nearest there are and the option to set.
        """
        names = self.names()
        missing = missing_column(wanted, names)
        if missing is None:
            return
        if len(names) == 1 and (other := self._likely_delimiter(names[0])):
            message = (
                f"the header is one column, {names[0]!r}; set the option "
                f"`{self.table_format.delimiter_option}` to {other!r}"
            )
            raise DataError(message, path=self.path, line=1)
        if not self.dialect().header and not self.table_format.names:
            raise DataError(f"{missing}. {self._numbers()}", path=self.path, line=1)
        raise DataError(missing, path=self.path, line=1)

    def read(self, columns: Sequence[str], repeated: Sequence[str] = ()) -> Table:
        """Return ``columns`` as text; the index numbers the records from 0.

        Cells are stripped of the blanks around them. Nothing is taken for a number or a missing
        value.

        Args:
            columns: which ones.
            repeated: those of them that hold few values often; they become categories.

        Raises:
            DataError: the file cannot be read, holds no rows, or a row has more cells than the
                header.
        """
        import pandas as pd

        dialect = self.dialect()
        headings = [name for name, _ in self._headings(dialect)]
        positions = [headings.index(name) for name in columns]
        with explained(self.path, dialect.encoding):
            read, rows = self._read(dialect, len(headings), positions)
        if not rows.records:
            raise self._no_rows()
        cells = dict(zip(columns, read, strict=True))
        frame = pd.DataFrame(
            {
                name: (column.dictionary_encode() if name in repeated else column).to_pandas()
                for name, column in cells.items()
            }
        )
        name = self.path.name
        notes = (
            *rows.dialect.told(name),
            *nameless_note(headings, name),
            *rows.shape.notes(name),
        )
        return Table(self.path, frame, rows.line_of, notes=notes)

    def check_head(self) -> None:
        """Look at the first rows. Raises DataError where these show what ``read`` would raise."""
        self.head().read(self.names()[:1])

    def _read(
        self, dialect: Dialect, width: int, positions: Sequence[int]
    ) -> tuple[list[pa.ChunkedArray], TableRows]:
        """Read by ``dialect``, or by a better one where later rows show that a guess was wrong."""
        try:
            return self._read_quoted(dialect, width, positions)
        except UnicodeDecodeError:
            if self.table_format.encoding is not None:
                raise
        guessed = dialect.guessed | {"encoding"}
        legacy = replace(dialect, encoding=legacy_encoding(self.path), guessed=guessed)
        return self._read_quoted(legacy, width, positions)

    def _read_quoted(
        self, dialect: Dialect, width: int, positions: Sequence[int]
    ) -> tuple[list[pa.ChunkedArray], TableRows]:
        """Read by ``dialect``, or by another meaning of double quotes if only that fits.

        Raises:
            DataError: none does; about the fault of the one by which most could be read.
        """
        guessing, faults = self.table_format.quoting is None, list[MisshapenRow]()
        others = [quoting for quoting in QUOTINGS if guessing and quoting != dialect.quoting]
        guessed = dialect.guessed | {"quoting"}
        for one in (dialect, *(replace(dialect, quoting=each, guessed=guessed) for each in others)):
            try:
                read, rows = self._read_by(one, width, positions)
            except MisshapenRow as fault:
                faults.append(fault)
                continue
            shape = rows.shape
            if not (guessing and shape.swallowed.rows) and (one is dialect or not shape.short.rows):
                return read, rows
            if shape.swallowed.rows:
                faults.append(MisshapenRow(shape.swallowed.line, _SWALLOWED))
        swallowed = next((fault for fault in faults if fault.message == _SWALLOWED), None)
        worst = swallowed or max(faults, key=lambda one: one.line)
        raise DataError(worst.message, path=self.path, line=worst.line)

    def _read_by(
        self, dialect: Dialect, width: int, positions: Sequence[int]
    ) -> tuple[list[pa.ChunkedArray], TableRows]:
        with self._opened(dialect) as (file, whole):
            rows = TableRows(dialect, width, cut=not whole)
            return columns_of(rows.parts(file), positions), rows

    @contextmanager
    def _opened(self, dialect: Dialect) -> Iterator[tuple[TextIO, bool]]:
        """Open the file, or its first part, as text; the second says whether it is all."""
        codec = _codec(dialect.encoding)
        if not self.head_only:
            with open_text(self.path, codec) as file:
                yield file, True
            return
        head, whole = file_head(self.path, _HEAD)
        text = codecs.getincrementaldecoder(codec)().decode(head, whole)
        lines = text if whole else text[: text.rfind("\n") + 1] or text
        yield io.StringIO(lines, newline=""), whole

    def _headings(self, dialect: Dialect) -> list[tuple[str, str]]:
        """Return name and type of each column; what has no name has none here either."""
        given = self.table_format
        with explained(self.path, dialect.encoding), self._opened(dialect) as (file, _):
            line, cells = _first_row(dialect, file)
        if not cells:
            wanted = "" if given.names else "; its first line must name the columns"
            raise DataError(f"the file is empty{wanted}", path=self.path)
        if not (given.names or dialect.header):
            return [(str(number), "") for number in range(len(cells))]
        found = [cell.strip() for cell in given.names or cells]
        typed = [_typed(name) if given.typed else (name, "") for name in found]
        named = [("" if is_nameless(name) else name, kind) for name, kind in typed]
        names = [name for name, _ in named if name]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise DataError(f"column {twice[0]!r} is named twice", path=self.path, line=line)
        return [("", ""), *named] if dialect.indexed else named

    def _no_rows(self) -> DataError:
        return DataError("the file has a header but no rows", path=self.path)

    def _numbers(self) -> str:
        """Return how the columns of a file without a header are named."""
        dialect = self.dialect()
        with self._opened(dialect) as (file, _):
            _, cells = _first_row(dialect, file)
        shown = ", ".join(f"{number} ({cell!r})" for number, cell in enumerate(cells))
        return (
            "The first line looks like a row, not like names, so the columns are called by their "
            f"numbers: {shown}; where it is a header, set `header` to true"
        )

    def _likely_delimiter(self, header: str) -> str | None:
        given = self.table_format.delimiter
        return next((other for other in ",;\t|" if other != given and other in header), None)


_SWALLOWED = (
    "a double quote opens a cell here that takes in whole rows; where quotes are part of the text, "
    "set `quoting` to none; where the cell is right, set it to double"
)


def _codec(encoding: str) -> str:
    """Return the encoding to open with; spreadsheets put a byte order mark before UTF-8."""
    return "utf-8-sig" if codecs.lookup(encoding).name == "utf-8" else encoding


def _first_row(dialect: Dialect, file: TextIO) -> tuple[int, list[str]]:
    """Return the line and the cells of the first row that is not blank; none where all are."""
    reader, line = dialect.reader(file), 1
    with long_cells():
        for cells in reader:
            if not is_blank(cells):
                return line, cells
            line = reader.line_num + 1
    return line, []


def _typed(heading: str) -> tuple[str, str]:
    """Return the name and the type of a heading such as ``title:token_seq``."""
    name, _, kind = heading.partition(":")
    return name.strip(), kind.strip()
