"""Resolution of a configuration's names into a plan, with every mistake gathered on the way.

Only what is installed is asked: no file is opened and nothing of the machine is looked at. That is
``preflight``'s, before a run.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from recexplainer.config import RunConfig
from recexplainer.config.language_model import SurrogateConfig
from recexplainer.errors import ConfigError, UnknownNameError
from recexplainer.pipeline.execution.plan import Part, PartialPlan, Plan
from recexplainer.pipeline.execution.unfit_parts import unfit_settings, writers_without_words
from recexplainer.plugins.interfaces import Kind
from recexplainer.plugins.registry import FAILURES, Registry
from recexplainer.records import Recipe

__all__ = ["partial_plan", "plan"]


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
    found = _Lookup(registry, problems)
    dataset = found.part("dataset", config.dataset.name, "dataset.name", config.dataset.options)
    target = found.part("target", config.target.name, "target.name", config.target.options)
    backbone, recipe = found.backbone(config.surrogate)
    weights = config.asked_weights(recipe)
    parts = found.parts("task", tuple(weights), "alignment.weights", config.task_options(recipe))
    unused = [name for name in config.alignment.weights or {} if name not in weights]
    found.unknown("task", unused, "alignment.weights")
    measured = found.measured(config, parts)
    explanations, judging = config.explanations, config.judging
    explainers = found.parts(
        "explainer", explanations.explainers, "explanations.explainers", explanations.options
    )
    judges = found.parts("judge", judging.judges, "judging.judges", judging.options)
    found.problems += unfit_settings(config, recipe, weights)
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


class _Lookup:
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
