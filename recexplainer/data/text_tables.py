"""Text tables: files of every format as rows of text that know their place in the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from recexplainer.data.markup import listed_texts, unescaped
from recexplainer.data.plural_words import counted, were
from recexplainer.errors import DataError, nearest

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "MISSING",
    "FileSource",
    "FirstOfEach",
    "Loss",
    "SameColumns",
    "Source",
    "Table",
    "as_categories",
    "is_missing",
    "is_nameless",
    "joined",
    "missing_column",
    "nameless_note",
    "split_values",
]

MISSING = frozenset({"", "nan", "NaN", "None", "null", "NULL", "<NA>", "\\N"})
"""Cells that say "nothing": empty, and what pandas, Python and SQL write for it."""

_NAMELESS = re.compile(r"(?:Unnamed: \d+|__index_level_\d+__)?")
_LIST_MARK = "\x1e"
"""Ends each value in the cell of a format that has lists; the record separator of ASCII."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Rows that cannot be used: how many, why (completes "3 items ..."), and the first's record."""

    rows: int
    reason: str
    record: int


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one file, every cell as text.

    Attributes:
        path: the file, or what stands for it in messages.
        frame: the columns that were asked for; the index numbers the file's records from 0.
        line_of: the 1-based line where a record begins; None where rows have no lines (Parquet).
        lost: records that could not even be read.
        notes: what was guessed or odd about the file.
    """

    path: Path
    frame: pd.DataFrame
    line_of: Callable[[int], int] | None = None
    lost: tuple[Loss, ...] = ()
    notes: tuple[str, ...] = ()

    def place(self, record: int) -> str:
        """Return where ``record`` is, for the end of a sentence, without the folder."""
        if self.line_of is None:
            return f"row {record + 1} of {self.path.name}"
        return f"{self.path.name}:{self.line_of(record)}"

    def error(self, message: str, record: int) -> DataError:
        """Return the error that names ``record``."""
        if self.line_of is None:
            return DataError(f"row {record + 1}: {message}", path=self.path)
        return DataError(message, path=self.path, line=self.line_of(record))


class Source(Protocol):
    """A file with named columns."""

    @property
    def path(self) -> Path:
        """The file."""

    def names(self) -> Sequence[str]:
        """Return the columns there are. Raises DataError when the file cannot be read."""

    def require(self, wanted: Mapping[str, str]) -> None:
        """Raise DataError when a column is missing; ``wanted`` maps columns to their options."""

    def read(self, columns: Sequence[str], repeated: Sequence[str] = ()) -> Table:
        """Return ``columns``; those in ``repeated`` hold few values often and are categories.

        Raises:
            DataError: the file cannot be read, or has no rows.
        """


@dataclass(frozen=True, slots=True)
class SameColumns:
    """Base of what is made of another source's rows and has its columns.

    Attributes:
        source: the rows.
    """

    source: Source

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    def names(self) -> Sequence[str]:
        """Return the columns there are."""
        return self.source.names()

    def require(self, wanted: Mapping[str, str]) -> None:
        """Raise DataError when a column is missing."""
        self.source.require(wanted)


@dataclass(frozen=True, slots=True)
class FirstOfEach(SameColumns):
    """The first row of each value of a column.

    Attributes:
        column: whose values count.
    """

    column: str

    def read(self, columns: Sequence[str], repeated: Sequence[str] = ()) -> Table:
        """Return ``columns`` of the first rows; the index numbers all rows from 0."""
        table = self.source.read(list(dict.fromkeys([self.column, *columns])), repeated)
        first = table.frame.drop_duplicates(self.column)
        first = first[~is_missing(first[self.column])]  # whoever reads all rows counts these
        return replace(table, frame=first[list(columns)])


class FileSource(Source, Protocol):
    """A source whose first rows can be looked at before all of it is read."""

    def head(self) -> FileSource:
        """Return the first rows, as a source."""

    def check_head(self) -> None:
        """Look at the first rows. Raises DataError where these show what ``read`` would raise."""


def missing_column(wanted: Mapping[str, str], names: Sequence[str]) -> str | None:
    """Return what to say about the first wanted column that is not there, or None.

    Args:
        wanted: column to the option that names it.
        names: the columns there are.
    """
    column = next((column for column in wanted if column not in names), None)
    if column is None:
        return None
    close = nearest(column, names)
    listed = ", ".join([*close, *(name for name in names if name not in close)])
    return f"there is no column {column!r}; there are: {listed}. Set the option `{wanted[column]}`"


def is_nameless(name: str) -> bool:
    """Whether a column's name is none: empty, or what pandas writes for one without."""
    return _NAMELESS.fullmatch(name.strip()) is not None


def nameless_note(names: Sequence[str], file: str) -> Iterator[str]:
    """Yield the sentence about the columns of ``file`` that have no name, if there are any."""
    columns = [str(number) for number, name in enumerate(names, start=1) if is_nameless(name)]
    if columns:
        yield (
            f"{counted(len(columns), 'column')} of {file} without a name {were(len(columns))} "
            f"left out: {', '.join(columns)} of {len(names)}, counted from 1"
        )


def is_missing(cells: pd.Series[str]) -> pd.Series[bool]:
    """Return, for every cell, whether it says "nothing"."""
    return cells.isin(list(MISSING))


def as_categories(cells: Iterable[str]) -> pd.Series[str]:
    """Return ``cells`` with every distinct text kept once."""
    import pandas as pd

    codes, texts = pd.factorize(pd.Series(cells, dtype=str))
    return pd.Series(pd.Categorical.from_codes(codes, pd.Index(texts)))


def joined(values: Iterable[object]) -> str:
    """Return one cell that holds ``values`` as a list."""
    return "".join(f"{value}{_LIST_MARK}" for value in values if value is not None)


def split_values(cell: str, separator: str) -> tuple[str, ...]:
    """Return the values in ``cell``: those of a list, or those between ``separator``.

    A list may also be written as JSON or Python write it. Entities such as ``&amp;`` are no places
    to cut.
    """
    if _LIST_MARK in cell:
        parts: Sequence[str] = cell.split(_LIST_MARK)
    elif (listed := listed_texts(cell)) is not None:
        parts = listed
    else:
        whole = unescaped(cell) if ";" in separator or "&" in separator else cell
        parts = whole.split(separator) if separator else [whole]
    stripped = (part.strip() for part in parts)
    return tuple(dict.fromkeys(part for part in stripped if part not in MISSING))
