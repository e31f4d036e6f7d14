"""What the result of each stage depends on: what is not named here re-runs nothing when it changes.

The stage's own version and the releases of plugins stand for the code.

Device, threads, batch sizes of evaluation, which texts are withheld and all of ``report`` change no
result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from recexplainer.pipeline.planning import Draft, Part, Plan, parts_of
from recexplainer.runs.artifacts import read_json, write_json
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.steps import Stage, StageName
from recexplainer.surrogate.settings import SPEED_SETTINGS

__all__ = [
    "SourceFiles",
    "keep_source_files",
    "kept_source_files",
    "source_files",
    "stages_of",
    "up_to",
]

SourceFiles = Mapping[str, list[int]]
"""Path, as the configuration gives it, to size and time of a file that some options name."""

_VERSIONS: Mapping[StageName, str] = {
    "dataset": "2",
    "target": "3",
    "alignment": "3",
    "surrogate": "2",
    "fidelity": "3",
    "explanations": "4",
    "verdicts": "4",
}
"""Raised, each for itself, when a stage's code would give another result of the same settings; what
builds on the stage is then done again as well. A release that changes no result raises none."""

_SOURCES = "sources.json"


def source_files(plan: Plan | Draft) -> SourceFiles:
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


def stages_of(plan: Plan, folder: RunFolder, files: SourceFiles) -> list[Stage]:
    """Return the stages of a run before the report, each with the stages that it builds on.

    Args:
        plan: what is asked for.
        folder: where the stages are kept.
        files: what ``source_files`` returned; another size or time is another file.
    """
    config, stages = plan.config, dict[StageName, Stage]()

    def add(name: StageName, after: StageName | None = None, **settings: Any) -> None:
        inputs = [stages[after]] if after else []
        stages[name] = folder.stage(name, version=_VERSIONS[name], settings=settings, inputs=inputs)

    add(
        "dataset",
        part=_identity(plan.dataset, files),
        min_interactions=config.dataset.min_interactions,
        top_items=config.dataset.top_items,
        sample_users=config.dataset.sample_users,
        seed=config.seed if config.dataset.sample_users else None,  # nothing else is drawn here
    )
    add(
        "target",
        after="dataset",
        part=_identity(plan.target, files),
        max_history=config.dataset.max_history,
        seed=config.seed,
    )
    add(
        "alignment",
        after="target",
        mode=config.alignment.mode,
        hybrid_forms=config.training_forms(plan.recipe),
        combined_shares=config.combined_shares(plan.recipe),
        tasks=[(_identity(part, files), weight) for part, weight in plan.tasks.values()],
        held_out_users=config.dataset.held_out_users,
    )
    training = plan.settings.model_dump(exclude=set(SPEED_SETTINGS))
    add("surrogate", after="alignment", part=_identity(plan.backbone, files), **training)
    fidelity, explanations = config.fidelity, config.explanations
    asked = {"model", "name", "base_url", "max_requests"}  # the rest is how fast, how patiently
    chats = [chat.model_dump(include=asked) for chat in fidelity.chat_models]
    generation = config.generation  # which server it is changes nothing, that it is one may
    writer = {"served": generation.url is not None, "model": generation.model}
    add(
        "fidelity",
        after="surrogate",
        users=fidelity.users,
        beams=fidelity.beams,
        chats=chats,
        generation=writer,
    )
    add(
        "explanations",
        after="surrogate",
        explainers=[_identity(part, files) for part in plan.explainers],
        measured=fidelity.users,
        users=explanations.users,
        instruction=explanations.instruction,
        text_encoder=explanations.text_encoder,
        generation=writer | {"seed": generation.seed},
    )
    add("verdicts", after="explanations", judges=[_identity(part, files) for part in plan.judges])
    return list(stages.values())


def up_to(stages: Sequence[Stage], name: StageName) -> list[Stage]:
    """Return the stages of a run up to the one called ``name``, which is the last of them."""
    names = [stage.name for stage in stages]
    return list(stages[: names.index(name) + 1])


def _identity(part: Part, files: SourceFiles) -> tuple[object, ...]:
    """Return the part's name, options, the files that these name, and a plugin's release.

    What is built in has none: its code counts by the version of the stage.
    """
    named = [files.get(str(path)) for path in _paths(part)]
    return part.name, part.options, named, *(part.release or ())


def _paths(part: Part) -> Iterator[Path]:
    return (value for _, value in part.options if isinstance(value, Path))
