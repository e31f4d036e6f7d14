"""Files of ids: which item (or user) each row of a model belongs to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from recexplainer.errors import DataError

__all__ = ["read_ids"]


def read_ids(path: Path) -> tuple[str, ...]:
    """Return the ids in ``path``, in row order.

    Args:
        path: text with one id per line, ``.json`` with a list, or ``.npy`` with one axis of texts
            or whole numbers.

    Raises:
        DataError: the file is missing or none of these, or an id is empty or there twice.
    """
    try:
        if path.suffix == ".npy":
            ids = _from_npy(path)
        elif path.suffix == ".json":
            ids = _from_json(path)
        else:
            ids = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise DataError("there is no such file", path=path) from None
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror or error}", path=path) from None
    except UnicodeDecodeError as error:
        raise DataError(f"this is not UTF-8 text, at byte {error.start}", path=path) from None
    return _distinct([one.strip() for one in ids], path)


def _from_npy(path: Path) -> list[str]:
    try:
        values = np.load(path, allow_pickle=False)
    except (ValueError, EOFError) as error:
        raise DataError(
            f"is no .npy of texts or whole numbers ({error}); save ids with "
            "np.save(path, np.array(ids, dtype=str))",
            path=path,
        ) from None
    if values.ndim != 1 or values.dtype.kind not in "iuU":
        raise DataError(
            f"holds {values.dtype} of shape {values.shape}; one axis of texts or whole numbers is "
            "needed",
            path=path,
        )
    return [str(value) for value in values.tolist()]


def _from_json(path: Path) -> list[str]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except json.JSONDecodeError as error:
        raise DataError(f"this is not JSON ({error.msg})", path=path, line=error.lineno) from None
    if not isinstance(values, list) or not all(type(value) in {str, int} for value in values):
        raise DataError("must be a list of ids", path=path)
    return [str(value) for value in values]


def _distinct(ids: Sequence[str], path: Path) -> tuple[str, ...]:
    if not ids:
        raise DataError("the file is empty; one id per line is needed, in row order", path=path)
    first: dict[str, int] = {}
    for line, one in enumerate(ids, start=1):
        if not one:
            raise DataError("an id is empty; each row has its own", path=path, line=line)
        if one in first:
            raise DataError(
                f"{one!r} is already in line {first[one]}; each id has one row",
                path=path,
                line=line,
            )
        first[one] = line
    return tuple(ids)
