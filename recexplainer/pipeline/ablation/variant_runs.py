"""Variants of an ablation: the configuration of every run, and what it changes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from recexplainer.config import GridConfig, RunConfig, read_config
from recexplainer.config.grid import VariantConfig
from recexplainer.errors import UserError
from recexplainer.pipeline.ablation.left_out_tasks import left_out_task
from recexplainer.pipeline.execution.named_parts import partial_plan
from recexplainer.plugins.registry import Registry

__all__ = ["BASE", "VariantRun", "VariantRuns", "runs_of"]

BASE = "base"
"""The name of the variant that changes nothing."""


@dataclass(frozen=True)
class VariantRun:
    """One variant with one seed.

    Attributes:
        variant: its name.
        seed: of all that is drawn.
        config: what is run.
        problems: what is wrong with it, one line each.
    """

    variant: str
    seed: int
    config: RunConfig
    problems: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name of its run folder."""
        return f"{plain_name(self.variant)}-seed{self.seed}"


@dataclass(frozen=True)
class VariantRuns:
    """All runs of an ablation: those of the base first, then variant by variant.

    Attributes:
        base: what all of them change.
        changes: variant to what it changes, in words; nothing for the base.
        problems: what is wrong with the grid itself, one line each.
    """

    base: RunConfig
    runs: tuple[VariantRun, ...]
    changes: Mapping[str, tuple[str, ...]]
    problems: tuple[str, ...]


def runs_of(grid: GridConfig, overrides: Sequence[str], registry: Registry) -> VariantRuns:
    """Return the runs that ``grid`` asks for.

    Every run is asked about the tasks that the base or the variant itself teaches, unless
    ``fidelity.tasks`` says otherwise; so what is left out of the teaching is measured still.

    Args:
        grid: base, variants and seeds.
        overrides: ``section.key=value`` texts that change the base, and so every variant.
        registry: what is installed.
    """
    maker = _Maker(grid, overrides, registry)
    named = {BASE: VariantConfig(), **grid.variants}
    runs, changes = list[VariantRun](), dict[str, tuple[str, ...]]()
    problems, faulty = list(_naming_problems(grid)), set[str]()
    for name, variant in named.items():
        settings, changed, wrong = maker.settings(name, variant)
        changes[name] = changed
        problems += wrong
        faulty |= {name} if wrong else set()
        runs += [maker.run(name, seed, settings) for seed in maker.seeds]
    problems += _same([run for run in runs if run.variant not in faulty], changes)
    return VariantRuns(maker.base, tuple(runs), changes, tuple(problems))


class _Maker:
    """Makes configurations from the base of a grid."""

    def __init__(self, grid: GridConfig, overrides: Sequence[str], registry: Registry) -> None:
        self._source = Path(grid.base) if isinstance(grid.base, str) else grid.base
        self._preset, self._overrides, self._registry = grid.preset, overrides, registry
        self.base, _ = self._read(())
        self.seeds = grid.seeds or (self.base.seed,)
        self._taught = self._tasks(self.base)

    def settings(
        self, name: str, variant: VariantConfig
    ) -> tuple[list[str], tuple[str, ...], list[str]]:
        """Return a variant's overrides, what it changes in words, and what is wrong with it."""
        problems, left_out = [], []
        for given in variant.without:
            try:
                left_out.append(left_out_task(given, self._taught))
            except UserError as error:
                problems.append(f"variants.{name}.without: {error}")
        if "seed" in variant.set:
            problems.append(f"variants.{name}.set.seed: give all seeds in seeds, or by --seed")
        own = [f"{key}={json.dumps(value, default=str)}" for key, value in variant.set.items()]
        overrides = [*own, *(f"alignment.weights.{task}=0" for task in left_out)]
        config, _ = self._read(overrides)
        if config.fidelity.tasks is None:
            asked = dict.fromkeys([*self._taught, *self._tasks(config)])
            overrides.append(f"fidelity.tasks={json.dumps(list(asked))}")
        without = (f"without {task}" for task in left_out)
        changed = (f"{key}: {_words(value)}" for key, value in variant.set.items())
        return overrides, (*without, *changed), problems

    def run(self, name: str, seed: int, settings: Sequence[str]) -> VariantRun:
        """Return the run of a variant with one seed."""
        config, problems = self._read([*settings, f"seed={seed}"])
        return VariantRun(name, seed, config, tuple(problems))

    def _read(self, overrides: Sequence[str]) -> tuple[RunConfig, list[str]]:
        given = [*self._overrides, *overrides]
        return read_config(self._source, given, preset=self._preset)

    def _tasks(self, config: RunConfig) -> tuple[str, ...]:
        """Return the tasks that ``config`` teaches."""
        return tuple(config.task_weights(partial_plan(config, self._registry).recipe))


def plain_name(variant: str) -> str:
    """Return a variant's name without signs that no file system takes."""
    return re.sub(r"[^\w.-]+", "-", variant).strip("-.")


def _words(value: object) -> str:
    """Return a setting's value as it stands in a file."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _naming_problems(grid: GridConfig) -> Iterator[str]:
    """Yield what is wrong with the names of the variants."""
    if not grid.variants:
        yield "variants: none is given; leave a task out by --without TASK, or name some in a file"
    taken = {BASE: BASE}
    for name in grid.variants:
        plain = plain_name(name).casefold()
        if not plain:
            yield f"variants.{name!r}: has no letter or digit to name its folders by"
        elif plain in taken:
            yield f"variants.{name}: would have the folders of {taken[plain]!r}; give another name"
        taken.setdefault(plain, name)


def _same(runs: Sequence[VariantRun], changes: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Yield which variants ask for the same as one before them."""
    seen: dict[str, str] = {}
    for run in runs:
        if run.seed != runs[0].seed or run.problems:
            continue
        told = run.config.model_dump_json(exclude={"fidelity": {"tasks"}})
        if told in seen and changes[run.variant]:
            yield f"variants.{run.variant}: asks for the same as {seen[told]!r}"
        elif told in seen and run.variant != BASE:
            yield f"variants.{run.variant}: changes nothing; give without or set"
        seen.setdefault(told, run.variant)
