"""File of users: read row by row, so that its length costs no memory."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from recexplainer.errors import DataError

__all__ = ["UserRow", "user_rows"]

_USER, _ITEM = "user_id", "item_id"
_ROWS_AT_ONCE = 2**16


@dataclass(frozen=True, slots=True)
class UserRow:
    """Whom to explain to: a user, and an item or None for the first of the target's list."""

    user: str
    item: str | None = None


def user_rows(path: Path) -> Iterator[UserRow]:
    """Yield the rows of a ``.txt``, ``.csv`` or ``.parquet`` file, in their order.

    A text file holds one user id per line; the others a column ``user_id`` and, if they like,
    ``item_id``. Empty lines of a text file are passed over.

    Raises:
        DataError: there is no such file, it is of another kind or not UTF-8, or lacks the column.
    """
    if not path.is_file():
        raise DataError("there is no such file; give one with a user id per line", path=path)
    reader = _READERS.get(path.suffix.lower())
    if reader is None:
        raise DataError(
            f"files of users end in {', '.join(_READERS)}: a .txt has one user id per line, the "
            f"others a column {_USER} and, if you like, {_ITEM}",
            path=path,
        )
    try:
        yield from reader(path)
    except UnicodeDecodeError:
        raise DataError("is not UTF-8; save it as UTF-8", path=path) from None


def _of_text(path: Path) -> Iterator[UserRow]:
    with path.open(encoding="utf-8-sig") as lines:
        for line in lines:
            if user := line.strip():
                yield UserRow(user)


def _of_csv(path: Path) -> Iterator[UserRow]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        _require_column(path, rows.fieldnames or ())
        for row in rows:
            yield UserRow(row[_USER] or "", row.get(_ITEM) or None)


def _of_parquet(path: Path) -> Iterator[UserRow]:
    import pyarrow as pa  # type: ignore[import-untyped]
    from pyarrow.parquet import ParquetFile  # type: ignore[import-untyped]

    try:
        file = ParquetFile(path)
    except pa.ArrowInvalid as error:
        raise DataError(f"is no Parquet file ({error})", path=path) from None
    with file:
        _require_column(path, file.schema_arrow.names)
        columns = [name for name in (_USER, _ITEM) if name in file.schema_arrow.names]
        for batch in file.iter_batches(_ROWS_AT_ONCE, columns=columns):
            found = batch.to_pydict()
            items = found.get(_ITEM) or [None] * len(found[_USER])
            for user, item in zip(found[_USER], items, strict=True):
                yield UserRow(_text(user) or "", _text(item))


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _require_column(path: Path, columns: object) -> None:
    names = [str(name) for name in columns] if isinstance(columns, list | tuple) else []
    if _USER not in names:
        raise DataError(
            f"has no column {_USER}; it has: {', '.join(names) or 'none'}. Name the column of user "
            f"ids {_USER}",
            path=path,
        )


_READERS: dict[str, Callable[[Path], Iterator[UserRow]]] = {
    ".txt": _of_text,
    ".csv": _of_csv,
    ".parquet": _of_parquet,
}
