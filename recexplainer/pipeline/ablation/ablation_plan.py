"""Plan of an ablation: every run checked before the first one starts, and what they share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recexplainer.config import GridConfig, RunConfig
from recexplainer.errors import ConfigError
from recexplainer.pipeline.ablation.variant_runs import BASE, VariantRun, runs_of
from recexplainer.pipeline.execution.forecast import describe
from recexplainer.pipeline.execution.preflight import Preflight, preflight
from recexplainer.plugins.registry import Registry
from recexplainer.runs.steps import STAGES, Stage, StageName

__all__ = ["GRID_FILE", "AblationPlan", "describe_ablation", "plan_ablation", "plan_lines"]

GRID_FILE = "ablation.yaml"
"""What was asked for; it marks a folder as that of an ablation."""


@dataclass(frozen=True)
class AblationPlan:
    """An ablation whose every run can start.

    Attributes:
        out: its folder.
        grid: what was asked for; ``base`` has in it what the grid, its preset and overrides say.
        base: configuration that the variants change.
        runs: in the order of the tables: the base first, seed by seed.
        changes: variant to what it changes, in words.
        checked: run name to the run's parts, folder and stages.
        until: the stage before which every run stops; None where all is done.
    """

    out: Path
    grid: GridConfig
    base: RunConfig
    runs: tuple[VariantRun, ...]
    changes: Mapping[str, tuple[str, ...]]
    checked: Mapping[str, Preflight]
    until: StageName | None

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds, in their order."""
        return tuple(dict.fromkeys(run.seed for run in self.runs))

    def resolved_grid(self) -> dict[str, Any]:
        """Return the grid with all of its base written out, as YAML holds it."""
        asked = self.grid.model_dump(mode="json", exclude_none=True, exclude={"preset"})
        base = self.base.model_dump(mode="json", exclude={"seed"})
        return {**asked, "base": base, "seeds": list(self.seeds)}

    def stages(self, run: VariantRun) -> list[Stage]:
        """Return the stages that are done of a run, in their order."""
        stages = self.checked[run.name].stages
        before = STAGES if self.until is None else STAGES[: STAGES.index(self.until)]
        return [stage for stage in stages if stage.name in before]


def plan_ablation(
    grid: GridConfig,
    out: Path,
    registry: Registry,
    *,
    overrides: Sequence[str] = (),
    problems: Sequence[str] = (),
) -> AblationPlan:
    """Check every run, as ``recx run`` checks one.

    Args:
        grid: base, variants and seeds.
        out: the folder of the ablation; each run has one in it.
        registry: what is installed.
        overrides: ``section.key=value`` texts that change the base, and so every variant.
        problems: what ``read_grid`` found, to be reported together with the rest.

    Raises:
        ConfigError: lists all that is wrong, of all variants, one line each.
    """
    found = runs_of(grid, overrides, registry)
    until: StageName | None = grid.until  # type: ignore[assignment]  # preflight knows which there are
    # A variant of which a part could not be read is not told that what is left changes nothing.
    read = (line for line in found.problems if not _of_a_variant_in(problems, line))
    wrong = dict.fromkeys([*problems, *read, *_place_problems(out)])
    of_base: set[str] = set()
    checked = {}
    for run in found.runs:
        try:
            checked[run.name] = preflight(
                run.config, registry, out / run.name, run.problems, until=None
            )
        except ConfigError as error:
            lines = [line for line in error.problems if line not in of_base]
            of_base |= set(lines) if run.variant == BASE else set()
            wrong |= dict.fromkeys(_told(run, line) for line in lines)
    if until is not None and until not in STAGES[1:]:
        wrong[f"until: must be one of {', '.join(STAGES[1:])}, got {until!r}"] = None
    if wrong:
        raise ConfigError(list(wrong))
    return AblationPlan(out, grid, found.base, found.runs, found.changes, checked, until)


def _place_problems(out: Path) -> Iterator[str]:
    if not out.is_dir() or (out / GRID_FILE).is_file():
        return  # whether a file is in the way is said of each run
    if any(not entry.name.startswith(".") for entry in out.iterdir()):
        yield (
            f"out: {out} holds files but is no ablation: it has no {GRID_FILE}. Give a new or "
            "empty folder with --out"
        )


def _of_a_variant_in(problems: Sequence[str], line: str) -> bool:
    return any(problem.startswith(line.partition(":")[0] + ".") for problem in problems)


def _told(run: VariantRun, line: str) -> str:
    return line if run.variant == BASE else f"variants.{run.variant}: {line}"


def describe_ablation(plan: AblationPlan, pool: str) -> Iterator[str]:
    """Yield ``plan_lines``, and what one of the runs takes, which takes a while to find out."""
    yield from plan_lines(plan, pool)
    left = (run for run in plan.runs if not all(stage.done for stage in plan.stages(run)))
    run = next(left, plan.runs[0])
    yield f"one of the runs, {run.name}:"
    yield from (f"  {line}" for line in describe(plan.checked[run.name]))


def plan_lines(plan: AblationPlan, pool: str) -> Iterator[str]:
    """Yield the plan in lines: the variants, and how often each stage is done for all runs.

    Args:
        plan: what would be done.
        pool: in how many processes, in words.
    """
    seeds = ", ".join(map(str, plan.seeds))
    yield f"ablation    {_count(len(plan.changes) - 1, 'variant')} and the base, seed {seeds}"
    for variant, changes in plan.changes.items():
        yield f"  {variant}: {'; '.join(changes) or 'nothing left out or changed'}"
    yield f"folder      {plan.out}"
    for name, (needed, left) in _waiting(plan).items():
        yield f"  {name:<13} {needed} for {_count(len(plan.runs), 'run')}, {left} to do"
    yield f"at a time   {pool}"


def _waiting(plan: AblationPlan) -> dict[StageName, tuple[int, int]]:
    """Return, of each stage, how many results the runs need together, and how many are to be made.

    Runs that ask for the same have one result.
    """
    needed: dict[StageName, set[str]] = {}
    done: set[str] = set()
    for run in plan.runs:
        for stage in plan.stages(run):
            needed.setdefault(stage.name, set()).add(stage.fingerprint)
            done |= {stage.fingerprint} if stage.done else set()
    return {name: (len(prints), len(prints - done)) for name, prints in needed.items()}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
