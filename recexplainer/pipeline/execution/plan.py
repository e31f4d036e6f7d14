"""Plan of a run: the parts that a configuration names, their options, and their conflicts.

Only what is installed is asked: no file is opened and nothing of the machine is looked at. That is
``preflight``'s, before a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recexplainer.config import RunConfig
from recexplainer.config.language_model import SurrogateConfig
from recexplainer.errors import ConfigError, UnknownNameError
from recexplainer.pipeline.execution.unfit_parts import unfit_settings, writers_without_words
from recexplainer.plugins.capabilities import Capability
from recexplainer.plugins.interfaces import Kind, Options, Provider
from recexplainer.plugins.registry import FAILURES, Registry
from recexplainer.records import Recipe
from recexplainer.runs.steps import StageName
from recexplainer.surrogate.model.training_settings import SurrogateSettings

__all__ = [
    "Part",
    "PartialPlan",
    "Plan",
    "absent_files",
    "missing_files",
    "partial_plan",
    "parts_of",
    "plan",
    "plugin_packages",
]


@dataclass(frozen=True)
class Part:
    """A registered part with its validated options, by the name it was asked for.

    Attributes:
        name: what was asked for.
        provider, options: what builds it, and with what.
        release: the package of the plugin that brings it, and its version; None for what is built
            in.
    """

    name: str
    provider: Provider[Any]
    options: Options
    release: tuple[str, str] | None = None

    def can(self, capability: Capability) -> bool:
        """Whether the part declares ``capability``."""
        return self.provider.can(capability, self.options)

    def reads(self) -> Iterable[Path]:
        """Return the files and folders that building the part reads."""
        return self.provider.reads(self.options)


@dataclass(frozen=True)
class Plan:
    """A configuration whose every name, option and combination has been found to work.

    Attributes:
        config: the resolved configuration.
        dataset, target, tasks, explainers, judges, backbone: the parts it names; tasks with their
            weights.
        recipe: of the backbone.
        measured: the tasks that fidelity asks about, taught or not.
    """

    config: RunConfig
    dataset: Part
    target: Part
    tasks: Mapping[str, tuple[Part, float]]
    explainers: tuple[Part, ...]
    judges: tuple[Part, ...]
    backbone: Part
    recipe: Recipe
    measured: Mapping[str, Part]

    @property
    def settings(self) -> SurrogateSettings:
        """What training the surrogate depends on."""
        return SurrogateSettings.of(self.config, self.recipe)


@dataclass(frozen=True)
class PartialPlan:
    """As much of a plan as could be resolved; what could not is left out and among the problems.

    Attributes:
        config, dataset, target, tasks, explainers, judges, backbone, recipe, measured: as of
            ``Plan``.
        problems: all that is wrong, one line each.
    """

    config: RunConfig
    dataset: Part | None
    target: Part | None
    tasks: Mapping[str, tuple[Part, float]]
    explainers: tuple[Part, ...]
    judges: tuple[Part, ...]
    backbone: Part | None
    recipe: Recipe
    measured: Mapping[str, Part]
    problems: tuple[str, ...]

    @property
    def plan(self) -> Plan | None:
        """What is there as a plan, though explainers, judges or tasks may be missing in it."""
        if self.dataset is None or self.target is None or self.backbone is None:
            return None
        parts = (self.dataset, self.target, self.tasks, self.explainers, self.judges)
        return Plan(self.config, *parts, self.backbone, self.recipe, self.measured)


def plan(config: RunConfig, registry: Registry) -> Plan:
    """Resolve every name, and check every option and combination.

    Args:
        config: what is asked for.
        registry: what is installed.

    Raises:
        ConfigError: lists everything that is wrong, one line each.
    """
    found = partial_plan(config, registry)
    if found.problems or found.plan is None:
        raise ConfigError(found.problems)
    return found.plan


def partial_plan(
    config: RunConfig, registry: Registry, problems: Sequence[str] = ()
) -> PartialPlan:
    """Resolve what can be resolved.

    Args:
        config: what is asked for.
        registry: what is installed.
        problems: what ``read_config`` found, to be reported together with the rest.
    """
    found = _Findings(registry, problems)
    dataset = found.part("dataset", config.dataset.name, "dataset.name", config.dataset.options)
    target = found.part("target", config.target.name, "target.name", config.target.options)
    backbone, recipe = found.backbone(config.surrogate)
    weights = config.task_weights(recipe)
    parts = found.parts("task", tuple(weights), "alignment.weights", config.alignment.options)
    unused = [name for name in config.alignment.weights or {} if name not in weights]
    found.unknown("task", unused, "alignment.weights")
    measured = found.measured(config, parts)
    explanations, judging = config.explanations, config.judging
    explainers = found.parts(
        "explainer", explanations.explainers, "explanations.explainers", explanations.options
    )
    judges = found.parts("judge", judging.judges, "judging.judges", judging.options)
    found.problems += unfit_settings(config, recipe, target, weights, problems)
    found.problems += writers_without_words(explainers, backbone, recipe)
    return PartialPlan(
        config=config,
        dataset=dataset,
        target=target,
        tasks={part.name: (part, weights[part.name]) for part in parts},
        explainers=explainers,
        judges=judges,
        backbone=backbone,
        recipe=recipe,
        measured=measured,
        problems=tuple(found.problems),
    )


def parts_of(plan: Plan | PartialPlan) -> Iterator[tuple[StageName, str, Part]]:
    """Yield each part with the stage that needs it and the setting that names it."""
    if plan.dataset is not None:
        yield "dataset", "dataset.name", plan.dataset
    if plan.target is not None:
        yield "target", "target.name", plan.target
    for task, _ in plan.tasks.values():
        yield "alignment", "alignment.weights", task
    for name, task in plan.measured.items():
        if name not in plan.tasks:
            yield "fidelity", "fidelity.tasks", task
    if plan.backbone is not None:
        yield "surrogate", "surrogate.backbone", plan.backbone
    for explainer in plan.explainers:
        yield "explanations", "explanations.explainers", explainer
    for judge in plan.judges:
        yield "verdicts", "judging.judges", judge


def plugin_packages(plan: Plan) -> list[str]:
    """Return the packages of the plugins whose parts a run uses, each once."""
    releases = [part.release for _, _, part in parts_of(plan)]
    return list(dict.fromkeys(release[0] for release in releases if release))


def missing_files(options: Options, path: str) -> Iterator[str]:
    """Yield one line per file that ``options``, which stand at ``path``, name in vain."""
    for name in absent_files(options):
        yield f"{path}.{name}: there is no file {getattr(options, name)}"


def absent_files(options: Options) -> dict[str, Path]:
    """Return option to file, ``~`` put out, for those that are not there."""
    files = {name: value.expanduser() for name, value in options if isinstance(value, Path)}
    return {name: file for name, file in files.items() if not file.exists()}


class _Findings:
    """Looks parts up and gathers what is wrong instead of stopping at the first.

    Args:
        registry: what is installed.
        problems: what was found before.
    """

    def __init__(self, registry: Registry, problems: Sequence[str]) -> None:
        self.registry, self.problems = registry, list(problems)

    def part(self, kind: Kind, name: str, named: str, options: Mapping[str, Any]) -> Part | None:
        """Return the part that the setting ``named`` names, or None after noting what is wrong."""
        path = f"{named.partition('.')[0]}.options"
        return self._part(kind, name, named, options, path)

    def parts(
        self, kind: Kind, names: Sequence[str], named: str, options: Mapping[str, Mapping[str, Any]]
    ) -> tuple[Part, ...]:
        """Return the parts in ``names``, each with its own entry of ``options``."""
        path = f"{named.partition('.')[0]}.options"
        self.unknown(kind, options, path)
        found = (
            self._part(kind, name, named, _options_of(name, options), f"{path}.{name}")
            for name in names
        )
        return tuple(part for part in found if part)

    def measured(self, config: RunConfig, taught: Sequence[Part]) -> dict[str, Part]:
        """Return the tasks that are measured: the taught ones, or those that are named."""
        known = {part.name: part for part in taught}
        if config.fidelity.tasks is None:
            return known
        further = [name for name in config.fidelity.tasks if name not in known]
        weights = config.alignment.weights or {}
        asked = [name for name in further if not weights.get(name)]  # else its fault is told
        for name in asked:
            own, path = _options_of(name, config.alignment.options), f"alignment.options.{name}"
            part = self._part("task", name, "fidelity.tasks", own, path)
            known |= {} if part is None else {name: part}
        return {name: known[name] for name in config.fidelity.tasks if name in known}

    def backbone(self, section: SurrogateConfig) -> tuple[Part | None, Recipe]:
        """Return the backbone and its recipe; after noting what is wrong, a published model's."""
        part = self.part("backbone", section.backbone, "surrogate.backbone", {})
        recipe: object = None
        if part is not None:
            try:
                recipe = part.provider.build(part.options, section)
                reason = f"got {type(recipe).__name__}"
            except FAILURES as error:
                reason = " ".join(str(error).split())
            if isinstance(recipe, Recipe):
                return part, recipe
            self.problems.append(
                f"surrogate.backbone: the provider of {part.name} builds no Recipe ({reason})"
            )
        return None, Recipe(source=section.backbone)

    def unknown(self, kind: Kind, names: Iterable[str], path: str) -> None:
        """Note those of ``names``, the keys at ``path``, that nobody registered."""
        for name in names:
            try:
                self.registry.get(kind, name)
            except UnknownNameError as error:
                self.problems.append(f"{path}.{name}: {error}")

    def _part(
        self, kind: Kind, name: str, named: str, options: Mapping[str, Any], path: str
    ) -> Part | None:
        try:
            provider = self.registry.get(kind, name)
        except UnknownNameError as error:
            self.problems.append(f"{named}: {error}")
            return None
        checked = self.registry.options(kind, name, options, path)
        if isinstance(checked, list):
            self.problems += checked
            return None
        return Part(name, provider, checked, self.registry.release(kind, name))


def _options_of(name: str, options: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the options of ``name``; a ``part:argument`` has those of ``part`` besides its own."""
    head = name.partition(":")[0]
    return {**options.get(head, {}), **options.get(name, {})}
