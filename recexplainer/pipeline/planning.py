"""Checks everything that can be checked before anything costly runs, and reports it all at once."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from recexplainer.config import RunConfig
from recexplainer.errors import ConfigError, MissingExtraError, UnknownNameError, nearest
from recexplainer.pipeline.chatting import chat_problems
from recexplainer.plugins.interfaces import Kind, Options, Provider
from recexplainer.plugins.registry import Registry
from recexplainer.runs.folder import RunFolder

__all__ = ["Part", "Plan", "plan"]

_NEEDED_BYTES = 500_000_000
"""Free disk below which a run is refused: a default run writes about a tenth of this."""


@dataclass(frozen=True)
class Part:
    """A registered part with its validated options, by the name it was asked for."""

    name: str
    provider: Provider[Any]
    options: Options

    def can(self, capability: str) -> bool:
        """Whether the part declares ``capability``."""
        return self.provider.can(capability, self.options)


@dataclass(frozen=True)
class Plan:
    """A configuration whose every name, option and combination has been found to work.

    Attributes:
        config: the resolved configuration.
        dataset, target, tasks, explainers, judges: the parts it names; tasks with their weights.
    """

    config: RunConfig
    dataset: Part
    target: Part
    tasks: Mapping[str, tuple[Part, float]]
    explainers: tuple[Part, ...]
    judges: tuple[Part, ...]


def plan(
    config: RunConfig, registry: Registry, out: Path | None = None, problems: Sequence[str] = ()
) -> Plan:
    """Resolve every name and check every option, capability, path and the disk.

    Args:
        config: what is asked for.
        registry: what is installed.
        out: the run folder; None for a run that is finished, whose data files and disk no longer
            matter.
        problems: what ``read_config`` found, to be reported together with the rest.

    Raises:
        ConfigError: lists everything that is wrong, one line each.
    """
    found = _Findings(registry, problems, reads_files=out is not None)
    dataset = found.part("dataset", config.dataset.name, "dataset.name", config.dataset.options)
    target = found.part("target", config.target.name, "target.name", config.target.options)
    weights = config.task_weights()
    parts = found.parts("task", tuple(weights), "alignment.weights", config.alignment.options)
    tasks = {part.name: (part, weights[part.name]) for part in parts}
    unused = [name for name in config.alignment.weights or {} if name not in weights]
    found.unknown("task", unused, "alignment.weights")
    explanations, judging = config.explanations, config.judging
    explainers = found.parts(
        "explainer", explanations.explainers, "explanations.explainers", explanations.options
    )
    judges = found.parts("judge", judging.judges, "judging.judges", judging.options)
    found.problems += _combination_problems(config, target, weights, problems)
    found.problems += _backbone_problems(config.surrogate.backbone)
    if out is not None:  # a finished run asks nobody again
        found.problems += [*chat_problems(config), *_tracker_problems(config.training.tracker)]
    found.problems += _place_problems(out)
    if found.problems or dataset is None or target is None:
        raise ConfigError(found.problems)
    return Plan(config, dataset, target, tasks, explainers, judges)


class _Findings:
    """Looks parts up and gathers what is wrong instead of stopping at the first.

    Args:
        registry: what is installed.
        problems: what was found before.
        reads_files: whether the files that options name must be there.
    """

    def __init__(self, registry: Registry, problems: Sequence[str], *, reads_files: bool) -> None:
        self.registry, self.reads_files = registry, reads_files
        self.problems = list(problems)

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
        if self.reads_files:
            self.problems += missing_files(checked, path)
        return Part(name, provider, checked)


def _options_of(name: str, options: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the options of ``name``; a ``part:argument`` has those of ``part`` besides its own."""
    head = name.partition(":")[0]
    return {**options.get(head, {}), **options.get(name, {})}


def missing_files(options: Options, path: str) -> Iterator[str]:
    """Yield one line per file that ``options``, which stand at ``path``, name in vain."""
    for name, value in options:
        if isinstance(value, Path) and not value.expanduser().exists():
            yield f"{path}.{name}: there is no file {value}"


def _combination_problems(
    config: RunConfig, target: Part | None, weights: Mapping[str, float], problems: Sequence[str]
) -> Iterator[str]:
    mode = config.alignment.mode
    known = not any(problem.startswith("alignment.mode:") for problem in problems)
    if known and target and mode != "behavior" and not target.can("vectors"):
        yield (
            f"alignment.mode: {mode} feeds the target's vectors to the language model, and target "
            f"{target.name!r} has none; use --align behavior"
        )
    if not weights:
        yield "alignment.weights: every task has weight 0; give at least one a weight above 0"
    if config.training.optimizer == "muon":
        if config.surrogate.backbone != "tiny":
            yield (
                "training.optimizer: muon updates whole matrices, and a pretrained backbone is "
                "trained by low-rank updates; use adamw, or leave it out"
            )
        if config.training.parallel.startswith("zero"):
            yield (
                f"training.optimizer: muon needs whole matrices, which {config.training.parallel} "
                "cuts into parts; use adamw, or training.parallel=ddp"
            )
    if config.surrogate.device == "cuda":
        import torch

        if not torch.cuda.is_available():
            yield "surrogate.device: cuda was asked for and no CUDA device is visible; use cpu"


def _backbone_problems(backbone: str) -> Iterator[str]:
    """Say what is wrong unless it is ``tiny``, a model's folder, or a hub id, which has a slash."""
    folder = Path(backbone).expanduser()
    is_path = backbone.startswith((".", "/", "~"))
    if backbone == "tiny" or ("/" in backbone and not is_path and not folder.exists()):
        return
    if not folder.is_dir():
        guess = " Did you mean 'tiny'?" if nearest(backbone, ["tiny"]) else ""
        yield (
            f"surrogate.backbone: {backbone!r} is neither 'tiny', nor a folder, nor a hub id such "
            f"as owner/model.{guess}"
        )
    elif not (folder / "config.json").is_file():
        yield f"surrogate.backbone: the folder {backbone} holds no language model (no config.json)"


def _tracker_problems(tracker: str | None) -> Iterator[str]:
    if tracker and importlib.util.find_spec(tracker) is None:
        missing = MissingExtraError(tracker, tracker, "by training.tracker")
        yield f"training.tracker: {missing}"


def _place_problems(out: Path | None) -> Iterator[str]:
    if out is None:
        return
    refusal = RunFolder.refusal(out)
    if refusal:
        yield f"out: {refusal}"
        return
    place = next(place for place in (out, *out.absolute().parents) if place.exists())
    free = shutil.disk_usage(place).free
    if free < _NEEDED_BYTES:
        yield (
            f"out: the disk of {place} has {free // 1_000_000} MB free; a run needs "
            f"{_NEEDED_BYTES // 1_000_000} MB. Free some, or give another disk with --out"
        )
