"""Opening of data files, packed or not, with one-line errors."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TextIO, cast

from recexplainer.errors import DataError, nearest

__all__ = ["PACKED_ENDINGS", "explained", "file_head", "open_bytes", "open_text", "unpacked"]

_OTHERS = {
    b"PK\x03\x04": "this is a zip archive; unpack it and give a file from it",
    b"PAR1": "this is a Parquet file; the data set csv reads it with `file_format: parquet`",
    b"7z\xbc\xaf": "this is a 7z archive; unpack it and give a file from it",
    b"Rar!": "this is a rar archive; unpack it and give a file from it",
}
"""How files begin that are no text, and what to do about them."""


class _Unpacking(io.RawIOBase):
    """What Arrow unpacks, as a file of Python's."""

    def __init__(self, packed: BinaryIO) -> None:
        import pyarrow as pa  # type: ignore[import-untyped]

        self._stream = pa.CompressedInputStream(packed, "zstd")

    def readable(self) -> bool:
        """Whether it can be read: always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer`` with what comes next, and return how many bytes that is."""
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _of_zstd(raw: BinaryIO) -> io.BufferedReader:
    return io.BufferedReader(_Unpacking(raw), 1 << 17)


_PACKERS: Mapping[bytes, Callable[[BinaryIO], Any]] = {
    b"\x1f\x8b": lambda raw: gzip.GzipFile(fileobj=raw),
    b"\x28\xb5\x2f\xfd": _of_zstd,
    b"\x50\x2a\x4d\x18": _of_zstd,  # pzstd puts a frame to skip in front
    b"\xfd7zXZ": lzma.LZMAFile,
    b"BZh": bz2.BZ2File,
}
"""How packed files begin, whatever they are called, and what unpacks them."""
PACKED_ENDINGS = frozenset({".gz", ".zst", ".xz", ".bz2"})
"""What packers add to a file's name, for names that are looked for."""


def unpacked(path: Path, raw: BinaryIO) -> BinaryIO:
    """Return ``raw``, the open file at ``path``, as what is packed in it: gzip, zstd, xz or bzip2.

    Raises:
        DataError: it begins as a file that is no text.
    """
    start = raw.read(5)
    raw.seek(0)
    if start[:4] in _OTHERS:
        raise DataError(_OTHERS[start[:4]], path=path)
    opener = next((opener for mark, opener in _PACKERS.items() if start.startswith(mark)), None)
    return raw if opener is None else cast("BinaryIO", opener(raw))


@contextmanager
def open_bytes(path: Path) -> Iterator[BinaryIO]:
    """Open ``path`` for reading, unpacked."""
    with path.open("rb") as raw, unpacked(path, raw) as file:
        yield file


@contextmanager
def open_text(path: Path, codec: str) -> Iterator[TextIO]:
    """Open ``path`` for reading as text, unpacked, line ends as they are."""
    with open_bytes(path) as file, io.TextIOWrapper(file, encoding=codec, newline="") as text:
        yield text


def file_head(path: Path, size: int) -> tuple[bytes, bool]:
    """Return the first ``size`` bytes of what is packed in ``path``, and whether that is all."""
    with open_bytes(path) as file:
        head = b""
        while len(head) <= size and (more := file.read(size + 1 - len(head))):
            head += more
    return head[:size], len(head) <= size


@contextmanager
def explained(path: Path, encoding: str = "utf-8") -> Iterator[None]:
    """Turn what opening, unpacking and decoding raise into a DataError."""
    try:
        yield
    except FileNotFoundError:
        siblings = [file.name for file in path.parent.iterdir()] if path.parent.is_dir() else []
        close = nearest(path.name, siblings)
        guess = f"; in its folder there is {', '.join(close)}" if close else ""
        raise DataError(f"there is no such file{guess}", path=path) from None
    except UnicodeError:
        message = f"this is not {encoding} text; save it so, or set the option `encoding`"
        raise DataError(message, path=path, line=_undecodable_line(path, encoding)) from None
    except (gzip.BadGzipFile, EOFError, zlib.error, lzma.LZMAError):
        raise _damaged(path) from None
    except OSError as error:
        if error.strerror is None:  # Arrow's, and that of bzip2
            raise _damaged(path) from None
        raise DataError(f"the file cannot be opened: {error.strerror}", path=path) from None
    except csv.Error as error:
        raise DataError(f"the file cannot be read as a table: {error}", path=path) from None


def _damaged(path: Path) -> DataError:
    return DataError("the packed file is cut short or damaged; fetch it again", path=path)


def _undecodable_line(path: Path, encoding: str) -> int | None:
    if "\n".encode(encoding) != b"\n":
        return None  # such as UTF-16, where bytes do not split into lines
    with open_bytes(path) as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode(encoding)
            except UnicodeError:
                return number
    return None
