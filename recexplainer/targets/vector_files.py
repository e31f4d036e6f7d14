"""Reads tables of vectors from ``.npy`` and ``.parquet``; never unpickles."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recexplainer.errors import DataError, nearest
from recexplainer.plugins.interfaces import FloatArray
from recexplainer.targets.id_files import read_ids

__all__ = ["VectorTable", "read_table"]


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
    if not path.is_file():
        raise DataError("there is no such file", path=path)
    if path.suffix == ".parquet":
        table = _from_parquet(path, id_column)
        names = table.ids if ids is None else read_ids(ids)
    elif path.suffix == ".npy":
        if ids is None:
            raise DataError("a .npy does not say whose its rows are; give a file of ids", path=path)
        table, names = VectorTable((), _from_npy(path)), read_ids(ids)
    else:
        raise DataError(f"ends in {path.suffix or 'nothing'}; .npy or .parquet is read", path=path)
    if len(names) != len(table.vectors):
        raise DataError(
            f"has {len(table.vectors)} rows, and there are {len(names)} ids in {ids}", path=path
        )
    return VectorTable(names, _checked(table.vectors, path))


def _from_npy(path: Path) -> FloatArray:
    try:
        values = np.load(path, allow_pickle=False)
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
    return _as_float32(values)


def _from_parquet(path: Path, id_column: str) -> VectorTable:
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.parquet as pq  # type: ignore[import-untyped]

    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise DataError(f"is no readable Parquet file ({error})", path=path) from None
    names = table.column_names
    if id_column not in names:
        close = [*nearest(id_column, names), *names[:5]]
        raise DataError(
            f"there is no column {id_column!r}; there are: {', '.join(dict.fromkeys(close))}",
            path=path,
        )
    ids = tuple(str(value) for value in table.column(id_column).to_pylist())
    if len(set(ids)) != len(ids):
        raise DataError(f"column {id_column!r} holds an id twice", path=path)
    return VectorTable(ids, _numbers(table.drop_columns([id_column]), path))


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
