"""Delimited text files as tables of strings; whatever is wrong with one names its line."""

from __future__ import annotations

import codecs
import csv
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recexplainer.errors import DataError, nearest

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MISSING",
    "TableFormat",
    "column_names",
    "is_missing",
    "line_of_record",
    "read_table",
    "require_columns",
]

MISSING = frozenset({"", "nan", "NaN", "None", "null", "NULL", "<NA>", "\\N"})
"""Cells that say "nothing": empty, and what pandas, Python and SQL write for it."""

_ROWS_AT_ONCE = 500_000


@dataclass(frozen=True, slots=True)
class TableFormat:
    """How a file is written: one character between cells, and the name of its encoding."""

    delimiter: str = ","
    encoding: str = "utf-8"

    @property
    def codec(self) -> str:
        """The encoding to open with; spreadsheets put a byte order mark before UTF-8."""
        return "utf-8-sig" if codecs.lookup(self.encoding).name == "utf-8" else self.encoding


def column_names(path: Path, table_format: TableFormat) -> list[str]:
    """Return the names in the first line of ``path``, without the blanks around them.

    Raises:
        DataError: the file is missing, empty, unreadable, or names a column twice.
    """
    with _explained(path, table_format):
        header = next(_records(path, table_format), None)
    if header is None:
        raise DataError("the file is empty; its first line must name the columns", path=path)
    line, cells = header
    names = [cell.strip() for cell in cells]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"column {twice[0]!r} is named twice", path=path, line=line)
    return names


def require_columns(
    path: Path, wanted: Mapping[str, str], names: Sequence[str], table_format: TableFormat
) -> None:
    """Check that the header of ``path`` has every wanted column.

    Args:
        path: the file.
        wanted: column to the option that names it.
        names: the header, from ``column_names``.
        table_format: how the file is written.

    Raises:
        DataError: one is missing; names the nearest there are and the option to set.
    """
    missing = [column for column in wanted if column not in names]
    if not missing:
        return
    if len(names) == 1 and (other := _likely_delimiter(names[0], table_format.delimiter)):
        message = f"the header is one column, {names[0]!r}; set the option `delimiter` to {other!r}"
        raise DataError(message, path=path, line=1)
    column = missing[0]
    close = nearest(column, names)
    listed = ", ".join([*close, *(name for name in names if name not in close)])
    option = wanted[column]
    message = f"there is no column {column!r}; there are: {listed}. Set the option `{option}`"
    raise DataError(message, path=path, line=1)


def _likely_delimiter(header: str, given: str) -> str | None:
    return next((other for other in ",;\t|" if other != given and other in header), None)


def read_table(path: Path, columns: Sequence[str], table_format: TableFormat) -> pd.DataFrame:
    """Return ``columns`` of ``path`` as text; the index numbers the records from 0.

    Cells are stripped of the blanks around them. Nothing is taken for a number or a missing value.

    Raises:
        DataError: the file cannot be read, holds no rows, or a row has more cells than the header.
    """
    import pandas as pd

    names = column_names(path, table_format)
    with _explained(path, table_format), warnings.catch_warnings():
        # Rows that are too long shift cells to the left when pandas only warns about them.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            with pd.read_csv(
                path,
                sep=table_format.delimiter,
                encoding=table_format.codec,
                dtype=str,
                na_filter=False,
                index_col=False,
                compression=None,
                chunksize=_ROWS_AT_ONCE,
            ) as chunks:
                parts = [chunk.set_axis(names, axis=1)[list(columns)] for chunk in chunks]
        except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
            raise _misshapen(path, table_format, len(names), str(error)) from None
    frame = pd.concat(parts, ignore_index=True)
    if frame.empty:
        raise DataError("the file has a header but no rows", path=path)
    return pd.DataFrame({name: frame[name].str.strip() for name in frame})


def is_missing(cells: pd.Series[str]) -> pd.Series[bool]:
    """Return, for every cell, whether it says "nothing"."""
    return cells.isin(list(MISSING))


def line_of_record(path: Path, table_format: TableFormat, record: int) -> int:
    """Return the 1-based line where record ``record`` (from 0, header not counted) begins.

    Counting records is not enough: blank lines are skipped and quoted cells may hold line breaks.
    """
    for number, (line, _) in enumerate(_records(path, table_format), start=-1):
        if number == record:
            return line
    raise IndexError(f"{path} has no record {record}")


def _records(path: Path, table_format: TableFormat) -> Iterator[tuple[int, list[str]]]:
    """Yield the first line and the cells of every record that is not blank, header included."""
    with path.open(encoding=table_format.codec, newline="") as file:
        reader = csv.reader(file, delimiter=table_format.delimiter)
        line = 1
        for cells in reader:
            if len(cells) > 1 or (cells and cells[0].strip()):
                yield line, cells
            line = reader.line_num + 1


def _misshapen(path: Path, table_format: TableFormat, width: int, cause: str) -> DataError:
    last = 1
    for line, cells in _records(path, table_format):
        if len(cells) > width:
            message = (
                f"this row has {len(cells)} cells where the header has {width}; "
                f"put cells that contain {table_format.delimiter!r} in double quotes"
            )
            return DataError(message, path=path, line=line)
        last = line
    if "EOF inside string" in cause:
        return DataError("a double quote opens here and is never closed", path=path, line=last)
    return DataError(f"the file cannot be read as a table: {cause.strip()}", path=path)


@contextmanager
def _explained(path: Path, table_format: TableFormat) -> Iterator[None]:
    """Turn what opening and decoding raise into a DataError."""
    try:
        yield
    except FileNotFoundError:
        siblings = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
        close = nearest(path.name, siblings)
        guess = f"; in its folder there is {', '.join(close)}" if close else ""
        raise DataError(f"there is no such file{guess}", path=path) from None
    except UnicodeError:
        encoding = table_format.encoding
        message = f"this is not {encoding} text; save it so, or set the option `encoding`"
        raise DataError(message, path=path, line=_undecodable_line(path, table_format)) from None
    except OSError as error:
        raise DataError(f"the file cannot be opened: {error.strerror}", path=path) from None
    except csv.Error as error:
        raise DataError(f"the file cannot be read as a table: {error}", path=path) from None


def _undecodable_line(path: Path, table_format: TableFormat) -> int | None:
    if "\n".encode(table_format.encoding) != b"\n":
        return None  # such as UTF-16, where bytes do not split into lines
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode(table_format.encoding)
            except UnicodeError:
                return number
    return None
