"""Atomic files, whole or absent: every write goes to a temporary file and is renamed.

Readers raise ``RunFolderError`` that names the file, the line and what to do about it.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ValidationError

from recexplainer.errors import RunFolderError
from recexplainer.records.problems import describe

__all__ = [
    "each_in_jsonl",
    "read_arrays",
    "read_json",
    "read_jsonl",
    "read_records",
    "read_text",
    "replacing",
    "write_arrays",
    "write_json",
    "write_jsonl",
    "write_records",
    "write_text",
]

Model = TypeVar("Model", bound=BaseModel)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a file to write in place of ``path``; it takes that name when the block ends well.

    The file has the suffix of ``path`` and lies beside it, so that renaming it is one step of the
    file system. When the block raises, ``path`` stays as it was.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".tmp-{os.getpid()}-{path.name}")
    try:
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write ``text`` as UTF-8 with the line ends it has."""
    with replacing(path) as temporary:
        temporary.write_text(text, encoding="utf-8", newline="")


def write_json(path: Path, value: object) -> None:
    """Write ``value`` as indented JSON. Raises ValueError on NaN, which JSON does not have."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_jsonl(path: Path, rows: Iterable[object]) -> None:
    """Write each row as one line of JSON."""
    with replacing(path) as temporary, temporary.open("w", encoding="utf-8", newline="") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n")


def write_records(path: Path, records: Iterable[BaseModel]) -> None:
    """Write each record as one line of JSON."""
    write_jsonl(path, (record.model_dump(mode="json") for record in records))


def write_arrays(path: Path, arrays: Mapping[str, NDArray[Any]]) -> None:
    """Write named arrays as one uncompressed ``.npz``. Raises ValueError on arrays of objects."""
    objects = [name for name, array in arrays.items() if np.asarray(array).dtype.hasobject]
    if objects:
        raise ValueError(f"arrays of Python objects cannot be written: {', '.join(objects)}")
    with replacing(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]  # numpy's own flags share the namespace


def read_text(path: Path) -> str:
    """Return the text of ``path``.

    Raises:
        RunFolderError: the file is missing or not UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RunFolderError(f"{path} is missing. {_remedy(path)}") from None
    except UnicodeDecodeError as error:
        raise _damaged(path, f"is not UTF-8 at byte {error.start}") from None


def read_json(path: Path) -> Any:
    """Return the value that ``path`` holds.

    Raises:
        RunFolderError: the file is missing or not JSON.
    """
    try:
        return json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise _damaged(path, f"line {error.lineno} is not JSON ({error.msg})") from None


def read_jsonl(path: Path) -> list[Any]:
    """Return one value per line of ``path``.

    Raises:
        RunFolderError: the file is missing, or a line is not JSON.
    """
    return list(each_in_jsonl(path))


def each_in_jsonl(path: Path) -> Iterator[Any]:
    """Yield one value per line of ``path``, holding one line at a time.

    Raises:
        RunFolderError: the file is missing, or a line is not JSON.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise RunFolderError(f"{path} is missing. {_remedy(path)}") from None
    with file:
        for number, line in enumerate(file, start=1):
            if line.isspace():
                continue
            try:
                yield json.loads(line.decode("utf-8"))
            except UnicodeDecodeError as error:
                reason = f"line {number} is not UTF-8 at its byte {error.start}"
                raise _damaged(path, reason) from None
            except json.JSONDecodeError as error:
                raise _damaged(path, f"line {number} is not JSON ({error.msg})") from None


def read_records(path: Path, model: type[Model]) -> list[Model]:
    """Return one ``model`` per line of ``path``.

    Raises:
        RunFolderError: the file is missing, or a line is not such a record.
    """
    records = []
    for number, row in enumerate(read_jsonl(path), start=1):
        try:
            records.append(model.model_validate_json(json.dumps(row)))
        except ValidationError as error:
            problems = "; ".join(describe(error, model))
            raise _damaged(path, f"record {number} is no {model.__name__}: {problems}") from None
    return records


def read_arrays(path: Path) -> dict[str, NDArray[Any]]:
    """Return the named arrays of a ``.npz``; never unpickles.

    Raises:
        RunFolderError: the file is missing or damaged.
    """
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except FileNotFoundError:
        raise RunFolderError(f"{path} is missing. {_remedy(path)}") from None
    except (zipfile.BadZipFile, ValueError, EOFError, KeyError, TypeError) as error:
        raise _damaged(path, f"is not a readable .npz ({error})") from None


def _damaged(path: Path, reason: str) -> RunFolderError:
    return RunFolderError(f"{path} is damaged: {reason}. {_remedy(path)}")


def _remedy(path: Path) -> str:
    return f"Delete {path.parent} and run the same command again; what it held is made anew."
