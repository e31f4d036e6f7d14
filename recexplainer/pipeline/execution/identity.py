"""Identity of a part and of the files that it reads, for the decision what to run again.

Files count by what they hold. A folder that they lie in and the time of their last change do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from recexplainer.errors import RunFolderError, UserError
from recexplainer.pipeline.execution.plan import Part, PartialPlan, Plan, parts_of
from recexplainer.records import Recipe
from recexplainer.runs.artifacts import read_json, write_json
from recexplainer.runs.changes import FILES
from recexplainer.runs.contents import FileContent, content_of, files_in
from recexplainer.runs.folder import RunFolder

__all__ = [
    "SourceFiles",
    "backbone_identity",
    "files_read_by",
    "identity_of",
    "keep_source_files",
    "kept_source_files",
    "require_backbone",
    "source_files",
]

SourceFiles = Mapping[str, FileContent]
"""Path of a file, as the configuration leads to it, to what it holds."""

_SOURCES = "sources.json"


def source_files(plan: Plan | PartialPlan, folder: RunFolder) -> SourceFiles:
    """Return what the parts of ``plan`` read, as it is on disk now, if it is.

    Args:
        plan: the parts.
        folder: of the run, which need not exist; large files that it knows are not read again.
    """
    known = kept_source_files(folder)
    parts = (part for _, _, part in parts_of(plan))
    paths = [path for part in parts for path in files_read_by(part)]
    return _contents([*paths, *_backbone_files(plan.recipe)], known)


def keep_source_files(folder: RunFolder, files: SourceFiles) -> None:
    """Keep with a run what it was made from, for when the files themselves are gone."""
    write_json(folder.path / _SOURCES, {path: asdict(one) for path, one in files.items()})


def kept_source_files(folder: RunFolder) -> SourceFiles:
    """Return what a run was made from, as it was then; nothing where the run does not tell."""
    path = folder.path / _SOURCES
    kept = read_json(path) if path.exists() else {}
    with suppress(TypeError, AttributeError):  # as it was written before files counted by content
        return {name: _content(**one) for name, one in kept.items()}
    return {}


def identity_of(part: Part, files: SourceFiles) -> dict[str, Any]:
    """Return the part's name, options, the files that it reads, and a plugin's release.

    What is built in has no release: its code counts by the version of the stage.
    """
    options = {
        name: value.name if isinstance(value, Path) else value for name, value in part.options
    }
    found = {"name": part.name, "options": options, FILES: _named(files_read_by(part), files)}
    return found if part.release is None else found | {"release": part.release}


def backbone_identity(plan: Plan, files: SourceFiles) -> dict[str, Any]:
    """Return what ``identity_of`` does of the backbone, whose recipe says what is read."""
    read = _named(_backbone_files(plan.recipe), files)
    return identity_of(plan.backbone, files) | {FILES: read}


def require_backbone(plan: Plan, folder: RunFolder) -> None:
    """Refuse a backbone that is not the one that the run's surrogate was trained from.

    Raises:
        RunFolderError: a file of it holds something else since; names it.
    """
    kept = kept_source_files(folder)
    paths = [path for path in _backbone_files(plan.recipe) if str(path) in kept]
    now = _contents(paths, kept)
    for path, content in now.items():
        if content.digest != kept[path].digest:
            raise RunFolderError(
                f"{path} holds something else since {folder.path} was made from it, so the "
                "surrogate would no longer be the one that was trained. Bring that file back, or "
                "train anew with the command that made the run"
            )


def files_read_by(part: Part) -> list[Path]:
    """Return the files that ``part`` reads, as far as can be told before it does."""
    with suppress(UserError, OSError):  # then there is nothing to read, which is said elsewhere
        return [path for named in part.reads() for path in files_in(named.expanduser())]
    return []


def _backbone_files(recipe: Recipe) -> list[Path]:
    from recexplainer.surrogate.model.backbone_source import find_source

    if recipe.source is None:
        return []
    with suppress(UserError, OSError):
        return find_source(recipe.source, recipe.base).files()
    return []


def _contents(paths: Iterable[Path], known: SourceFiles) -> SourceFiles:
    found = {}
    for path in paths:
        with suppress(OSError):
            found[str(path)] = content_of(path, known.get(str(path)))
    return found


def _named(paths: Iterable[Path], files: SourceFiles) -> list[tuple[str, str]]:
    """Return the name and the digest of each of ``paths`` that is there."""
    return [(path.name, files[str(path)].digest) for path in paths if str(path) in files]


def _content(digest: str, size: int, touched: list[int], settled: bool) -> FileContent:
    inode, changed, entered = touched
    return FileContent(digest, size, (inode, changed, entered), settled)
