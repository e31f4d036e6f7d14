"""Opening of data files, gzipped or not, with one-line errors."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from recexplainer.errors import DataError, nearest

__all__ = ["explained", "is_gzip", "open_bytes", "open_text", "unpacked"]

_GZIP = b"\x1f\x8b"
_OTHERS = {
    b"PK\x03\x04": "this is a zip archive; unpack it and give a file from it",
    b"PAR1": "this is a Parquet file; the data set csv reads it with `file_format: parquet`",
}
"""How files begin that are no text, and what to do about them."""


def is_gzip(path: Path) -> bool:
    """Return whether ``path``, a text file, begins as a gzip file does, whatever it is called.

    Raises:
        DataError: it begins as a file of another format.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start in _OTHERS:
        raise DataError(_OTHERS[start], path=path)
    return start.startswith(_GZIP)


def open_bytes(path: Path) -> BinaryIO:
    """Open ``path`` for reading, unpacked."""
    return cast("BinaryIO", gzip.open(path)) if is_gzip(path) else path.open("rb")


def unpacked(path: Path, raw: BinaryIO) -> BinaryIO:
    """Return ``raw``, the open file at ``path``, as what is packed in it."""
    return cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if is_gzip(path) else raw


def open_text(path: Path, codec: str) -> TextIO:
    """Open ``path`` for reading as text, unpacked, line ends as they are."""
    return io.TextIOWrapper(open_bytes(path), encoding=codec, newline="")


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
    except (EOFError, zlib.error, gzip.BadGzipFile):
        message = "the gzip file is cut short or damaged; fetch it again"
        raise DataError(message, path=path) from None
    except OSError as error:
        raise DataError(f"the file cannot be opened: {error.strerror}", path=path) from None
    except csv.Error as error:
        raise DataError(f"the file cannot be read as a table: {error}", path=path) from None


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
