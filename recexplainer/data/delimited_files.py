"""Delimited text files as tables of strings; whatever is wrong with one names its line."""

from __future__ import annotations

import codecs
import csv
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recexplainer.data.opened_files import explained, is_gzip, open_text
from recexplainer.data.text_tables import Table, as_categories, missing_column
from recexplainer.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DelimitedFile", "TableFormat"]

_ROWS_AT_ONCE, _ROWS_IN_HEAD = 500_000, 100


@dataclass(frozen=True, slots=True)
class TableFormat:
    """How a file is written.

    Attributes:
        delimiter: the one character between cells.
        encoding: Python's name of it.
        header: the columns' names where the first line does not tell them.
        quoted: whether cells may stand in double quotes.
        typed: whether names in the header end in their type, such as ``title:token_seq``.
    """

    delimiter: str = ","
    encoding: str = "utf-8"
    header: tuple[str, ...] = ()
    quoted: bool = True
    typed: bool = False

    @property
    def codec(self) -> str:
        """The encoding to open with; spreadsheets put a byte order mark before UTF-8."""
        return "utf-8-sig" if codecs.lookup(self.encoding).name == "utf-8" else self.encoding

    @property
    def quoting(self) -> Any:
        """The quoting as ``csv`` and pandas name it."""
        return csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE


@dataclass(frozen=True, slots=True)
class DelimitedFile:
    """A text file with one row per line and a character between cells."""

    path: Path
    table_format: TableFormat = TableFormat()

    def names(self) -> list[str]:
        """Return the names in the first line, without the blanks around them and their types.

        Raises:
            DataError: the file is missing, empty, unreadable, or names a column twice.
        """
        return list(self.types())

    def types(self) -> dict[str, str]:
        """Return name to type, which is empty where the header names none; raises as ``names``."""
        given = self.table_format.header
        with explained(self.path, self.table_format.encoding):
            first = next(self._records(), None)
        if first is None:
            wanted = "" if given else "; its first line must name the columns"
            raise DataError(f"the file is empty{wanted}", path=self.path)
        line, cells = first
        headings = [cell.strip() for cell in given or cells]
        typed = [
            _typed(heading) if self.table_format.typed else (heading, "") for heading in headings
        ]
        names = [name for name, _ in typed]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise DataError(f"column {twice[0]!r} is named twice", path=self.path, line=line)
        return dict(typed)

    def require(self, wanted: Mapping[str, str]) -> None:
        """Check that the header has every wanted column.

        Args:
            wanted: column to the option that names it.

        Raises:
            DataError: one is missing; names the nearest there are and the option to set.
        """
        names = self.names()
        error = missing_column(self.path, wanted, names, line=1)
        if error is None:
            return
        if len(names) == 1 and (other := self._likely_delimiter(names[0])):
            message = (
                f"the header is one column, {names[0]!r}; set the option `delimiter` to {other!r}"
            )
            raise DataError(message, path=self.path, line=1)
        raise error

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

        frame = pd.concat(self._parts(columns), ignore_index=True)
        if frame.empty:
            raise self._no_rows()
        cells = {name: frame.pop(name).str.strip() for name in columns}  # one copy at a time
        kept = {name: as_categories(cells.pop(name)) for name in repeated}
        return Table(self.path, pd.DataFrame({**kept, **cells})[list(columns)], self.line_of)

    def check_head(self) -> None:
        """Look at the first rows. Raises DataError where these show what ``read`` would raise."""
        width, written = len(self.names()), self.table_format
        skipped = 0 if written.header else 1
        with explained(self.path, written.encoding):
            try:
                head = list(islice(self._records(), skipped, skipped + _ROWS_IN_HEAD))
            except csv.Error:  # pandas, which reads all of it, takes what csv finds too large
                return
        if not head:
            raise self._no_rows()
        for line, cells in head:
            if any(cells[width:]):  # each row may end with an empty cell too many
                raise self._too_long(line, len(cells), width)

    def line_of(self, record: int) -> int:
        """Return the 1-based line where ``record`` (from 0, header not counted) begins.

        Counting records is not enough: blank lines are skipped and quoted cells may hold line
        breaks.
        """
        first = 0 if self.table_format.header else -1
        for number, (line, _) in enumerate(self._records(), start=first):
            if number == record:
                return line
        raise IndexError(f"{self.path} has no record {record}")

    def _parts(self, columns: Sequence[str]) -> list[pd.DataFrame]:
        """Return ``columns`` in parts, as they are written."""
        import pandas as pd

        names, written = self.names(), self.table_format
        with explained(self.path, written.encoding), warnings.catch_warnings():
            # Rows that are too long shift cells to the left when pandas only warns about them.
            warnings.simplefilter("error", pd.errors.ParserWarning)
            try:
                with pd.read_csv(
                    self.path,
                    sep=written.delimiter,
                    encoding=written.codec,
                    quoting=written.quoting,
                    header=None if written.header else 0,
                    names=names,
                    dtype=str,
                    na_filter=False,
                    index_col=False,
                    compression="gzip" if is_gzip(self.path) else None,
                    chunksize=_ROWS_AT_ONCE,
                ) as chunks:
                    return [chunk[list(columns)] for chunk in chunks]
            except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
                raise self._misshapen(len(names), str(error)) from None

    def _records(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the first line and the cells of every record that is not blank, header included."""
        written = self.table_format
        with open_text(self.path, written.codec) as file:
            reader = csv.reader(file, delimiter=written.delimiter, quoting=written.quoting)
            line = 1
            for cells in reader:
                if len(cells) > 1 or (cells and cells[0].strip()):
                    yield line, cells
                line = reader.line_num + 1

    def _no_rows(self) -> DataError:
        return DataError("the file has a header but no rows", path=self.path)

    def _too_long(self, line: int, cells: int, width: int) -> DataError:
        written = self.table_format
        mend = f"; put cells that contain {written.delimiter!r} in double quotes"
        expected = "it should have" if written.header else "the header has"
        message = f"this row has {cells} cells where {expected} {width}"
        return DataError(message + (mend if written.quoted else ""), path=self.path, line=line)

    def _misshapen(self, width: int, cause: str) -> DataError:
        last = 1
        for line, cells in self._records():
            if len(cells) > width:
                return self._too_long(line, len(cells), width)
            last = line
        if "EOF inside string" in cause:
            message = "a double quote opens here and is never closed"
            return DataError(message, path=self.path, line=last)
        message = f"the file cannot be read as a table: {cause.strip()}"
        return DataError(message, path=self.path)

    def _likely_delimiter(self, header: str) -> str | None:
        given = self.table_format.delimiter
        return next((other for other in ",;\t|" if other != given and other in header), None)


def _typed(heading: str) -> tuple[str, str]:
    """Return the name and the type of a heading such as ``title:token_seq``."""
    name, _, kind = heading.partition(":")
    return name.strip(), kind.strip()
