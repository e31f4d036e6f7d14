"""Plan of a run: the parts that a configuration names, with their options."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recexplainer.config import RunConfig
from recexplainer.plugins.capabilities import Capability
from recexplainer.plugins.interfaces import Options, Provider
from recexplainer.records import Recipe
from recexplainer.runs.steps import StageName
from recexplainer.surrogate.model.training_settings import SurrogateSettings

__all__ = ["Part", "PartialPlan", "Plan", "parts_of", "plugin_packages"]


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
    def finds_vectors(self) -> bool:
        """Whether vectors are found in the target's scores, in place of its own.

        Behavior alignment learns from answers alone, of a target that tells vectors as well.
        """
        behavior = self.config.alignment.mode == "behavior"
        return behavior or not self.target.can(Capability.VECTORS)

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
