"""Identity of a part and of the files that it reads, for the decision what to run again.

Files count by what they hold. A folder that they lie in and the time of their last change do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from recexplainer.errors import RunFolderError, UserError
from recexplainer.pipeline.execution.plan import Part, PartialPlan, Plan, parts_of
from recexplainer.records import Recipe
from recexplainer.runs.artifacts import read_json, write_json
from recexplainer.runs.contents import FileContent, content_of, files_in
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.stage_changes import FILES
from recexplainer.runs.steps import StageName

__all__ = [
    "TEXT_ENCODER",
    "SourceFiles",
    "identity_of",
    "keep_source_files",
    "kept_source_files",
    "require_backbone",
    "source_files",
]

TEXT_ENCODER = "explanations.text_encoder"
"""Setting of the model that prompts are embedded by, which is no part."""

_SOURCES = "sources.json"


@dataclass(frozen=True, slots=True)
class SourceFiles:
    """What the parts of a run read.

    Attributes:
        read: stage and name of a part, or ``TEXT_ENCODER``, to the paths of its files, as the
            configuration leads there.
        contents: path to what the file holds; absent for a file that is not there.
    """

    read: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    contents: Mapping[str, FileContent] = field(default_factory=dict)

    def named(self, key: str) -> list[tuple[str, str]]:
        """Return the name and the digest of each file that is read under ``key``."""
        paths = self.read.get(key, ())
        return [(Path(p).name, self.contents[p].digest) for p in paths if p in self.contents]

    def size_of(self, stage: StageName, part: Part) -> int:
        """Return how many bytes a part reads."""
        paths = set(self.read.get(_key(stage, part), ()))
        return sum(self.contents[path].size for path in paths & self.contents.keys())


def source_files(plan: Plan | PartialPlan, folder: RunFolder) -> SourceFiles:
    """Return what the parts of ``plan`` read, as it is on disk now, if it is.

    Args:
        plan: the parts.
        folder: of the run, which need not exist; large files that it knows are not read again.
    """
    read = {_key(stage, part): _files_of(part) for stage, _, part in parts_of(plan)}
    if plan.backbone is not None:
        read[_key("surrogate", plan.backbone)] = _backbone_files(plan.recipe)
    read[TEXT_ENCODER] = _encoder_files(plan.config.explanations.text_encoder)
    known = kept_source_files(folder).contents
    found = _contents((path for paths in read.values() for path in paths), known)
    return SourceFiles(
        {key: tuple(str(path) for path in paths) for key, paths in read.items() if paths}, found
    )


def keep_source_files(folder: RunFolder, files: SourceFiles) -> None:
    """Keep with a run what it was made from, for when the files themselves are gone."""
    write_json(folder.path / _SOURCES, asdict(files))


def kept_source_files(folder: RunFolder) -> SourceFiles:
    """Return what a run was made from, as it was then; nothing where the run does not tell."""
    path = folder.path / _SOURCES
    kept = read_json(path) if path.exists() else {}
    if not isinstance(kept, dict) or kept.keys() != {"read", "contents"}:
        return SourceFiles()  # as it was written before files counted by content
    return SourceFiles(
        {key: tuple(paths) for key, paths in kept["read"].items()},
        {name: _content(**one) for name, one in kept["contents"].items()},
    )


def identity_of(stage: StageName, part: Part, files: SourceFiles) -> dict[str, Any]:
    """Return the part's name, options, the files that it reads, and a plugin's release.

    What is built in has no release: its code counts by the version of the stage.
    """
    options = {
        name: value.name if isinstance(value, Path) else value for name, value in part.options
    }
    found = {"name": part.name, "options": options, FILES: files.named(_key(stage, part))}
    return found if part.release is None else found | {"release": part.release}


def require_backbone(plan: Plan, folder: RunFolder) -> None:
    """Refuse a backbone that is not the one that the run's surrogate was trained from.

    Raises:
        RunFolderError: a file of it holds something else since; names it.
    """
    kept = kept_source_files(folder)
    paths = kept.read.get(_key("surrogate", plan.backbone), ())
    now = _contents(map(Path, paths), kept.contents)
    for path, content in now.items():
        if path in kept.contents and content.digest != kept.contents[path].digest:
            raise RunFolderError(
                f"{path} holds something else since {folder.path} was made from it, so the "
                "surrogate would no longer be the one that was trained. Bring that file back, or "
                "train anew with the command that made the run"
            )


def _key(stage: StageName, part: Part) -> str:
    return f"{stage}: {part.name}"


def _files_of(part: Part) -> list[Path]:
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


def _encoder_files(encoder: str | None) -> list[Path]:
    from recexplainer.surrogate.model.backbone_source import BackboneSource

    place = None if encoder is None else Path(encoder).expanduser()
    return BackboneSource(str(place)).files() if place and place.is_dir() else []


def _contents(paths: Iterable[Path], known: Mapping[str, FileContent]) -> dict[str, FileContent]:
    found = {}
    for path in paths:
        with suppress(OSError):
            found[str(path)] = content_of(path, known.get(str(path)))
    return found


def _content(digest: str, size: int, touched: list[int], settled: bool) -> FileContent:
    inode, changed, entered = touched
    return FileContent(digest, size, (inode, changed, entered), settled)
