"""Tables of vectors in ``.npy`` and ``.parquet`` files; never unpickled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recexplainer.errors import DataError, nearest
from recexplainer.plugins.interfaces import FloatArray
from recexplainer.targets.external.id_files import read_ids

__all__ = ["VectorTable", "check_table", "read_table"]


@dataclass(frozen=True, eq=False)
class VectorTable:
    """Vectors and whose they are: ``vectors`` is ``(rows, d_rec)``, finite float32."""

    ids: tuple[str, ...]
    vectors: FloatArray


def read_table(path: Path, ids: Path | None, id_column: str) -> VectorTable:
    """Return the vectors in ``path``.

    Args:
        path: ``.npy`` with two axes; or ``.parquet`` with a column of ids and the vectors, as one
            column of lists or as one number per column.
        ids: the rows' ids, which a ``.npy`` needs and a ``.parquet`` does not.
        id_column: the column of ids in a ``.parquet``.

    Raises:
        DataError: a file is missing, or is not what is needed; names it and what it holds.
    """
    names = check_table(path, ids, id_column)
    if path.suffix == ".npy":
        table = VectorTable(names or (), _as_float32(_mapped(path)))
    else:
        table = _from_parquet(path, id_column)
    return VectorTable(table.ids if names is None else names, _checked(table.vectors, path))


def check_table(path: Path, ids: Path | None, id_column: str) -> tuple[str, ...] | None:
    """Look at what is to be read, without its numbers; return the ids that ``ids`` holds.

    The arguments and errors are those of ``read_table``.
    """
    if not path.is_file():
        raise DataError("there is no such file", path=path)
    if path.suffix not in {".npy", ".parquet"}:
        raise DataError(f"ends in {path.suffix or 'nothing'}; .npy or .parquet is read", path=path)
    if path.suffix == ".npy" and ids is None:
        raise DataError("a .npy does not say whose its rows are; give a file of ids", path=path)
    rows = len(_mapped(path)) if path.suffix == ".npy" else _rows(path, id_column)
    names = None if ids is None else read_ids(ids)
    if names is not None and len(names) != rows:
        surplus = "; if its first or last row is padding's, save it without that"
        raise DataError(
            f"has {rows} rows, and there are {len(names)} ids in {ids}"
            f"{surplus if rows == len(names) + 1 else ''}",
            path=path,
        )
    return names


def _mapped(path: Path) -> NDArray[Any]:
    """Return the array in a ``.npy``; its numbers stay on disk until they are used."""
    try:
        values = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise DataError(
            f"is no .npy of numbers ({error}); save it with np.save(path, float_array)", path=path
        ) from None
    if not isinstance(values, np.ndarray) or values.dtype.kind not in "fiu" or values.ndim != 2:
        raise DataError(
            f"holds {getattr(values, 'dtype', 'several arrays')} of shape "
            f"{getattr(values, 'shape', '?')}; numbers of shape (rows, d_rec) are needed",
            path=path,
        )
    return values


def _rows(path: Path, id_column: str) -> int:
    """Return how many rows a ``.parquet`` says it has."""
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    metadata = _parquet(path, pq.read_metadata)
    names = metadata.schema.to_arrow_schema().names
    if id_column not in names:
        close = [*nearest(id_column, names), *names[:5]]
        raise DataError(
            f"there is no column {id_column!r}; there are: {', '.join(dict.fromkeys(close))}",
            path=path,
        )
    return int(metadata.num_rows)


def _from_parquet(path: Path, id_column: str) -> VectorTable:
    import pyarrow.parquet as pq

    table = _parquet(path, pq.read_table)
    ids = tuple(str(value) for value in table.column(id_column).to_pylist())
    if len(set(ids)) != len(ids):
        raise DataError(f"column {id_column!r} holds an id twice", path=path)
    return VectorTable(ids, _numbers(table.drop_columns([id_column]), path))


def _parquet(path: Path, read: Callable[[Path], Any]) -> Any:
    """Return what ``read`` makes of ``path``."""
    import pyarrow as pa

    try:
        return read(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"is no readable Parquet file ({error})", path=path) from None


def _numbers(table: Any, path: Path) -> FloatArray:
    """Return the columns besides that of ids as ``(rows, d_rec)``."""
    try:
        columns = [column.to_pylist() for column in table.columns]
        values = np.array(columns[0] if len(columns) == 1 else list(zip(*columns, strict=True)))
        floats = _as_float32(values)
    except (ValueError, TypeError):
        floats = np.empty(0, np.float32)
    if floats.ndim != 2:
        kinds = ", ".join(f"{field.name} ({field.type})" for field in table.schema)
        raise DataError(
            "besides the ids, one column of equally long lists of numbers is needed, or one number "
            f"per column; there are: {kinds or 'none'}",
            path=path,
        )
    return floats


def _as_float32(values: NDArray[Any]) -> FloatArray:
    with np.errstate(over="ignore"):  # too large a number becomes infinite, and is found below
        return values.astype(np.float32)


def _checked(vectors: FloatArray, path: Path) -> FloatArray:
    wrong = np.argwhere(~np.isfinite(vectors))
    if len(wrong):
        row, column = wrong[0].tolist()
        raise DataError(
            f"{len(wrong)} numbers are not finite, the first in row {row}, column {column} "
            "(both count from 0)",
            path=path,
        )
    if not vectors.size:
        raise DataError(f"holds no vectors: its shape is {vectors.shape}", path=path)
    return vectors
