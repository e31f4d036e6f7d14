"""Identity of a part and of the files that it reads, for the decision what to run again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from recexplainer.pipeline.execution.plan import Part, PartialPlan, Plan, parts_of
from recexplainer.runs.artifacts import read_json, write_json
from recexplainer.runs.folder import RunFolder

__all__ = ["SourceFiles", "identity_of", "keep_source_files", "kept_source_files", "source_files"]

SourceFiles = Mapping[str, list[int]]
"""Path, as the configuration gives it, to size and time of a file that some options name."""

_SOURCES = "sources.json"


def source_files(plan: Plan | PartialPlan) -> SourceFiles:
    """Return the files that options of ``plan`` name, as they are on disk now, if they are."""
    made_from = ("dataset", "target", "alignment")
    parts = (part for stage, _, part in parts_of(plan) if stage in made_from)
    found = {}
    for path in (path for part in parts for path in _paths(part)):
        with suppress(OSError):
            status = path.expanduser().stat()
            found[str(path)] = [status.st_size, status.st_mtime_ns]
    return found


def keep_source_files(folder: RunFolder, files: SourceFiles) -> None:
    """Keep with a run what it was made from, for when the files themselves are gone."""
    write_json(folder.path / _SOURCES, files)


def kept_source_files(folder: RunFolder) -> SourceFiles:
    """Return the files that a run was made from, as they were then."""
    path = folder.path / _SOURCES
    kept: SourceFiles = read_json(path) if path.exists() else {}
    return kept


def identity_of(part: Part, files: SourceFiles) -> tuple[object, ...]:
    """Return the part's name, options, the files that these name, and a plugin's release.

    What is built in has none: its code counts by the version of the stage.
    """
    named = [files.get(str(path)) for path in _paths(part)]
    return part.name, part.options, named, *(part.release or ())


def _paths(part: Part) -> Iterator[Path]:
    return (value for _, value in part.options if isinstance(value, Path))
