"""Files that a part's options name, and that are not there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from recexplainer.plugins.interfaces import Options

__all__ = ["absent_files", "missing_files"]


def missing_files(options: Options, path: str) -> Iterator[str]:
    """Yield one line per file that ``options``, which stand at ``path``, name in vain."""
    for name in absent_files(options):
        yield f"{path}.{name}: there is no file {getattr(options, name)}"


def absent_files(options: Options) -> dict[str, Path]:
    """Return option to file, ``~`` put out, for those that are not there."""
    files = {name: value.expanduser() for name, value in options if isinstance(value, Path)}
    return {name: file for name, file in files.items() if not file.exists()}
