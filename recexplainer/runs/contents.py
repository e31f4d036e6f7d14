"""Content of files by digest, so that neither a path nor a time stands for what was read."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["FileContent", "content_of", "files_in"]

_LARGE = 16_000_000
"""Bytes from which a file that nobody has touched is not read again; a second reads some 600 MB."""

_SETTLED_NS = 2_000_000_000
"""Age of the last change from which another one would show in the times: some file systems count
them in steps of up to two seconds."""


@dataclass(frozen=True, slots=True)
class FileContent:
    """What a file holds, and by what the system knows that it was not touched since.

    Attributes:
        digest: SHA-256 of all its bytes, hexadecimal.
        size: how many bytes these are.
        touched: its inode, and when its content and its entry were changed last, in nanoseconds;
            the entry's time is set by the system alone.
        settled: whether that was long enough before the reading for a later change to show.
    """

    digest: str
    size: int
    touched: tuple[int, int, int]
    settled: bool


def content_of(path: Path, known: FileContent | None = None) -> FileContent:
    """Return what ``path`` holds.

    Args:
        path: a file.
        known: what it held before; a large file that the system has not seen touched since is not
            read again.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        size, touched = status.st_size, (status.st_ino, status.st_mtime_ns, status.st_ctime_ns)
        if known and known.settled and size >= _LARGE and (known.size, known.touched) == (
            size,
            touched,
        ):
            return known
        began = time.time_ns()
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return FileContent(digest, size, touched, began - max(touched[1:]) > _SETTLED_NS)


def files_in(path: Path) -> Iterator[Path]:
    """Yield ``path`` if it is a file, or the files in a folder by name; hidden ones are left out."""
    if not path.is_dir():
        yield path
        return
    for inner in sorted(path.iterdir()):
        if not inner.name.startswith((".", "__pycache__")):
            yield from files_in(inner)
