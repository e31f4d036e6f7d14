"""Reader of ``torch.save`` files that runs none of the pickle's code.

Tensors, containers and plain values come out as they were. An object of any other class becomes a
record of its state; its class is never imported, and no function that the file names is called.
"""

from __future__ import annotations

import pickle
import zipfile
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from recexplainer.errors import DataError

__all__ = ["Inert", "StoredTensor", "read_inert"]

_DTYPES = {
    "DoubleStorage": "f8",
    "FloatStorage": "f4",
    "HalfStorage": "f2",
    "LongStorage": "i8",
    "IntStorage": "i4",
    "ShortStorage": "i2",
    "CharStorage": "i1",
    "ByteStorage": "u1",
    "BoolStorage": "?",
}


class Inert:
    """Stands for an object of a class that is not imported.

    Attributes:
        state: what the object was made of, where the file gives it as names and values.
    """

    state: dict[str, Any]

    def __new__(cls, *_args: object, **_named: object) -> Self:
        """Make a record, whatever the object was made with."""
        record = super().__new__(cls)
        record.state = {}
        return record

    def __setstate__(self, state: object) -> None:
        if isinstance(state, dict):
            self.state = state

    def __setitem__(self, key: object, value: object) -> None:
        """Forget an entry of what was a kind of dictionary."""

    def append(self, value: object) -> None:
        """Forget an element of what was a kind of list."""

    def extend(self, values: object) -> None:
        """Forget elements of what was a kind of list."""


@dataclass(frozen=True, slots=True)
class StoredTensor:
    """A tensor that is still in its file.

    Attributes:
        path: the file.
        entry: the part of it that holds the numbers.
        dtype: numpy's name of their type, with the byte order.
        offset: of the first number, in numbers.
        shape: its axes.
        strides: steps between neighbors along each axis, in numbers.
    """

    path: Path
    entry: str
    dtype: str
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def read(self) -> NDArray[Any]:
        """Return a copy of the tensor.

        Raises:
            DataError: the file does not hold all of it.
        """
        with zipfile.ZipFile(self.path) as archive:
            numbers = np.frombuffer(archive.read(self.entry), dtype=self.dtype)
        steps = [(size - 1) * step for size, step in zip(self.shape, self.strides, strict=True)]
        inside = min([self.offset, *self.strides, *self.shape]) >= 0
        if 0 in self.shape and inside:
            return np.zeros(self.shape, dtype=self.dtype)
        if not inside or self.offset + sum(steps) >= len(numbers):
            raise DataError("is damaged: a tensor reaches beyond its numbers", path=self.path)
        view = np.lib.stride_tricks.as_strided(
            numbers[self.offset :],
            self.shape,
            [step * numbers.itemsize for step in self.strides],
            writeable=False,
        )
        return view.astype(numbers.dtype.newbyteorder("="))


def read_inert(path: Path) -> Any:
    """Return what ``torch.save`` wrote to ``path``, tensors as ``StoredTensor``.

    Raises:
        DataError: the file is missing, or is not in torch's zip format, or is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            return _read(archive, path)
    except FileNotFoundError:
        raise DataError("there is no such file", path=path) from None
    except zipfile.BadZipFile:
        raise DataError(
            "is not in torch's zip format. If it is an old checkpoint that you trust, convert it "
            'where it was made: python -c "import torch; '
            f"torch.save(torch.load('{path.name}', weights_only=False), 'new-{path.name}')\"",
            path=path,
        ) from None
    except DataError:
        raise
    except Exception as error:  # noqa: BLE001  # a damaged pickle may raise anything
        raise DataError(f"is damaged: {type(error).__name__}: {error}", path=path) from None


def _read(archive: zipfile.ZipFile, path: Path) -> Any:
    names = archive.namelist()
    entry = next((name for name in names if name.endswith("/data.pkl")), None)
    # What torch.save writes is not compressed, so nothing in it is larger than the file.
    if entry is None or any(one.compress_type != zipfile.ZIP_STORED for one in archive.infolist()):
        raise DataError("is a zip file that torch.save did not write", path=path)
    folder = entry.removesuffix("data.pkl")
    marked = f"{folder}byteorder" in names and archive.read(f"{folder}byteorder")
    with archive.open(entry) as file:
        return _InertUnpickler(file, path, folder, ">" if marked == b"big" else "<").load()


class _InertUnpickler(pickle.Unpickler):
    """Resolves a few names to makers of plain data, and every other one to a record."""

    def __init__(self, file: Any, path: Path, folder: str, order: str) -> None:
        super().__init__(file)
        self._path, self._folder, self._order = path, folder, order
        self._ordered = type("Ordered", (OrderedDict,), {})

    def find_class(self, module: str, name: str) -> Any:
        """Return what stands for ``module.name``; imports nothing."""
        if module == "torch" and name in _DTYPES:
            return _Maker(lambda: self._order + _DTYPES[name])
        known: dict[tuple[str, str], Any] = {
            ("collections", "OrderedDict"): self._ordered,
            ("torch._utils", "_rebuild_tensor_v2"): _Maker(_tensor),
            ("torch._utils", "_rebuild_parameter"): _Maker(lambda data, *_: data),
        }
        return known.get((module, name)) or type("Record", (Inert,), {})

    def persistent_load(self, pid: Any) -> tuple[Path, str, str]:
        """Return where the numbers of a tensor are: the file, its part, and their type."""
        kind, storage, key, *_ = pid
        if kind != "storage" or not isinstance(storage, _Maker):
            raise pickle.UnpicklingError(f"an unknown kind of numbers: {kind}")
        return self._path, f"{self._folder}data/{key}", storage()


class _Maker:
    """A function that the file may call, in a wrapper that the file cannot change."""

    __slots__ = ("_make",)

    def __init__(self, make: Callable[..., Any]) -> None:
        self._make = make

    def __call__(self, *arguments: Any) -> Any:
        return self._make(*arguments)

    def __setstate__(self, state: object) -> None:
        raise pickle.UnpicklingError("the file changes what it may call")


def _tensor(
    place: tuple[Path, str, str], offset: int, shape: Any, strides: Any, *_: object
) -> StoredTensor:
    path, entry, dtype = place
    return StoredTensor(path, entry, dtype, int(offset), tuple(shape), tuple(strides))
