"""Columns with types, of Parquet files and hub data sets, as tables of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from recexplainer.data.opened_files import explained
from recexplainer.data.text_tables import (
    Table,
    as_categories,
    is_nameless,
    joined,
    missing_column,
    nameless_note,
)
from recexplainer.errors import DataError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa  # type: ignore[import-untyped]

__all__ = ["ArrowRows", "ParquetFile", "table_of"]

_ROWS_IN_HEAD = 1_000


@dataclass(frozen=True, slots=True)
class ParquetFile:
    """A Parquet file; its rows have no lines, so messages count rows from 1.

    Attributes:
        path: the file.
        rows: how many of the first rows are read; None for all.
    """

    path: Path
    rows: int | None = None

    def head(self) -> ParquetFile:
        """Return the first rows, as a file."""
        return replace(self, rows=_ROWS_IN_HEAD)

    def names(self) -> list[str]:
        """Return the columns' names."""
        import pyarrow as pa
        from pyarrow import parquet

        with explained(self.path):
            try:
                names = parquet.read_schema(self.path).names
            except pa.ArrowException:
                raise self._no_parquet() from None
        return [name for name in names if not is_nameless(name)]

    def require(self, wanted: Mapping[str, str]) -> None:
        """Check that every wanted column is there. Raises DataError where one is not."""
        if missing := missing_column(wanted, self.names()):
            raise DataError(missing, path=self.path)

    def read(self, columns: Sequence[str], repeated: Sequence[str] = ()) -> Table:
        """Return ``columns`` as text, those in ``repeated`` as categories."""
        import pyarrow as pa
        from pyarrow import parquet

        with explained(self.path):
            try:
                if self.rows is None:
                    table = parquet.read_table(self.path, columns=list(columns))
                else:
                    with parquet.ParquetFile(self.path) as file:
                        parts = file.iter_batches(self.rows, columns=list(columns))
                        table = pa.Table.from_batches(islice(parts, 1))
            except pa.ArrowException:
                raise self._no_parquet() from None
        names = parquet.read_schema(self.path).names
        notes = tuple(nameless_note(names, self.path.name))
        return replace(table_of(self.path, table, repeated), notes=notes)

    def check_head(self) -> None:
        """Look at the schema and the number of rows. Raises DataError where there are none."""
        from pyarrow import parquet

        self.names()  # so that a file of another format is named as such
        if not parquet.read_metadata(self.path).num_rows:
            raise _no_rows(self.path)

    def _no_parquet(self) -> DataError:
        message = "this is not a Parquet file, or a damaged one; set `file_format` if it is text"
        return DataError(message, path=self.path)


@dataclass(frozen=True, slots=True)
class ArrowRows:
    """Rows that are in memory.

    Attributes:
        path: what messages call them.
        rows: the rows.
    """

    path: Path
    rows: pa.Table

    def names(self) -> list[str]:
        """Return the columns' names."""
        return [name for name in self.rows.column_names if not is_nameless(name)]

    def require(self, wanted: Mapping[str, str]) -> None:
        """Check that every wanted column is there. Raises DataError where one is not."""
        if missing := missing_column(wanted, self.names()):
            raise DataError(missing, path=self.path)

    def read(self, columns: Sequence[str], repeated: Sequence[str] = ()) -> Table:
        """Return ``columns`` as text, those in ``repeated`` as categories."""
        table = table_of(self.path, self.rows.select(list(columns)), repeated)
        return replace(table, notes=tuple(nameless_note(self.rows.column_names, self.path.name)))


def table_of(path: Path, rows: pa.Table, repeated: Sequence[str] = ()) -> Table:
    """Return ``rows`` as text.

    Raises:
        DataError: there are none, or a column holds what is neither text, number, date nor list.
    """
    import pandas as pd

    if not rows.num_rows:
        raise _no_rows(path)

    def cells(name: str) -> pd.Series[str]:
        texts = _texts(path, name, rows.column(name))
        return as_categories(texts) if name in repeated else pd.Series(texts, dtype=str)

    return Table(path, pd.DataFrame({name: cells(name) for name in rows.column_names}))


def _no_rows(path: Path) -> DataError:
    return DataError("there are no rows", path=path)


def _texts(path: Path, name: str, column: pa.ChunkedArray) -> list[str]:
    import pyarrow as pa
    from pyarrow import types

    kind = column.type
    if types.is_dictionary(kind):
        return _texts(path, name, column.cast(kind.value_type))
    if types.is_list(kind) or types.is_large_list(kind):
        return [joined(value or ()) for value in column.to_pylist()]
    if types.is_floating(kind):
        column = _whole_numbers(column)
    try:
        plain = column.cast(pa.string())
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        message = f"column {name!r} holds {kind}; text, numbers, dates and lists can be read"
        raise DataError(message, path=path) from None
    return [(text or "").strip() for text in plain.to_pylist()]


def _whole_numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Return whole numbers as such: ids become floating only since some rows have none."""
    import pyarrow as pa

    try:
        return column.cast(pa.int64())
    except pa.ArrowInvalid:
        return column
