"""Preflight: all problems of a run, found at once, before any stage starts."""

from __future__ import annotations

import shutil
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from recexplainer.config import RunConfig
from recexplainer.errors import ConfigError, UnknownNameError
from recexplainer.pipeline.execution.baseline_rows import baseline_problems
from recexplainer.pipeline.execution.chat_rows import chat_problems
from recexplainer.pipeline.execution.identity import SourceFiles, source_files
from recexplainer.pipeline.execution.instructable_parts import instruction_refusal
from recexplainer.pipeline.execution.named_parts import partial_plan
from recexplainer.pipeline.execution.plan import PartialPlan, Plan
from recexplainer.pipeline.execution.readiness import (
    MODEL_STAGES,
    Lack,
    Problem,
    machine_problems,
    model_problems,
    unready,
)
from recexplainer.pipeline.execution.stage_table import stages_of
from recexplainer.plugins.registry import Registry
from recexplainer.runs.folder import RunFolder
from recexplainer.runs.steps import STAGES, Stage, StageName

__all__ = ["Preflight", "preflight"]

_NEEDED_BYTES = 500_000_000
"""Free disk below which a run is refused: a default run writes about a tenth of this."""


@dataclass(frozen=True)
class Preflight:
    """A run that nothing stands in the way of.

    Attributes:
        plan: its parts.
        folder: where it is kept, or will be.
        stages: those before the report, in their order, done or not.
        files: what its options name, as it was looked at.
        not_here: what this machine lacks for what is to be done elsewhere, one line each.
    """

    plan: Plan
    folder: RunFolder
    stages: tuple[Stage, ...]
    files: SourceFiles
    not_here: tuple[str, ...]


def preflight(
    config: RunConfig,
    registry: Registry,
    out: Path,
    problems: Sequence[str] = (),
    until: StageName | None = None,
) -> Preflight:
    """Check all that can be checked before anything costly; writes nothing and fetches nothing.

    Stages that are done need nothing any more. Where a name or an option is so wrong that their
    identity is unknown, none counts as done.

    Args:
        config: what is asked for.
        registry: what is installed.
        out: the run folder; it need not exist.
        problems: what ``read_config`` found, to be reported together with the rest.
        until: the stage before which this machine stops; None where it does all.

    Raises:
        ConfigError: lists everything that is wrong, one line each.
    """
    found = partial_plan(config, registry, problems)
    folder = RunFolder(out)
    files = source_files(found, folder)
    stages = () if found.plan is None else stages_of(found.plan, folder, files)
    to_do = {stage.name: stage for stage in stages if not stage.done}
    waiting: Collection[StageName] = to_do.keys() if stages else STAGES
    not_needed = _not_needed_here(waiting, until)
    problems_found = [
        *map(Problem, _unknown_stage(until)),
        *map(Problem, found.problems),
        *map(Problem, unready(found, waiting)),
        *map(Problem, _settings_problems(found, waiting)),
        *model_problems(found, waiting, _registered_backbones(registry)),
        *machine_problems(found, waiting, to_do.get("surrogate")),
        *map(Problem, _place_problems(out, waiting)),
    ]
    wrong = [one.line for one in problems_found if one.lack not in not_needed]
    not_here = tuple(one.line for one in problems_found if one.lack in not_needed)
    if wrong or found.plan is None:
        raise ConfigError([*wrong, *(f"not here: {line}" for line in not_here)])
    return Preflight(found.plan, folder, tuple(stages), files, not_here)


def _not_needed_here(waiting: Collection[StageName], until: StageName | None) -> frozenset[Lack]:
    """Return what this machine may lack, since what needs it is not done here."""
    before = STAGES[: STAGES.index(until)] if until in STAGES else STAGES
    if MODEL_STAGES & set(before) & set(waiting):
        return frozenset()
    return frozenset({"training"} if until == "surrogate" else {"training", "network"})


def _unknown_stage(until: str | None) -> Iterator[str]:
    if until is not None and until not in STAGES:
        yield f"until: {UnknownNameError('stage', until, STAGES)}"


def _registered_backbones(registry: Registry) -> list[str]:
    """Return the backbones that are called by a fixed name, as hub models and folders are not."""
    return [one.name for one in registry.providers("backbone") if not one.argument]


def _settings_problems(found: PartialPlan, waiting: Collection[StageName]) -> Iterator[str]:
    """Say what of the settings nobody could do, or not without a key."""
    config = found.config
    if "fidelity" in waiting:
        yield from chat_problems(config)
        yield from baseline_problems(config, found.recipe)
    instruction, named = config.explanations.instruction, config.explanations.explainers
    if "explanations" in waiting and instruction and len(found.explainers) == len(named):
        refusal = instruction_refusal(instruction, found.explainers)
        if refusal is not None:
            yield f"explanations.instruction: {refusal}"


def _place_problems(out: Path, waiting: Collection[StageName]) -> Iterator[str]:
    refusal = RunFolder.refusal(out)
    if refusal:
        yield f"out: {refusal}"
        return
    place = next(place for place in (out, *out.absolute().parents) if place.exists())
    free = shutil.disk_usage(place).free
    if waiting and free < _NEEDED_BYTES:
        yield (
            f"out: the disk of {place} has {free // 1_000_000} MB free; a run needs "
            f"{_NEEDED_BYTES // 1_000_000} MB. Free some, or give another disk with --out"
        )
