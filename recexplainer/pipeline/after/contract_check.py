"""Contract check of registered parts, each against the rules of its kind (``recx check``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from recexplainer.errors import CapabilityError, ConfigError, MissingExtraError
from recexplainer.pipeline.execution.option_files import missing_files
from recexplainer.plugins.interfaces import Dataset, Kind, Options
from recexplainer.plugins.registry import Registry
from recexplainer.records import InteractionLog, Progress, SilentProgress

if TYPE_CHECKING:
    from recexplainer.testing.runner import ContractReport

__all__ = ["Ground", "check_registered"]


@dataclass(frozen=True, slots=True)
class Ground:
    """The data that a target is checked on, where it is not the toy world.

    Attributes:
        dataset: the registered name of a data set.
        options: its options.
        users: how many users are sampled from it, which bounds the time that a check takes.
        max_history: how many items of a history are read.
    """

    dataset: str
    options: Mapping[str, Any] = field(default_factory=dict)
    users: int = 200
    max_history: int = 20


def check_registered(
    registry: Registry,
    kind: Kind,
    name: str,
    options: Mapping[str, Any],
    *,
    ground: Ground | None = None,
    progress: Progress | None = None,
) -> ContractReport:
    """Run the contract of a registered part.

    Args:
        registry: what is installed.
        kind: the kind of the part.
        name: its name, also as ``name:argument``.
        options: its options; relative paths are read from the current folder.
        ground: for targets, the data to fit on and ask about instead of the toy world.
        progress: where reading that data reports.

    Raises:
        UnknownNameError: nobody registered the part, or the data set.
        ConfigError: options are wrong; all are listed at once.
        CapabilityError: data is given for another kind than targets.
        MissingExtraError: pytest is not installed.
    """
    if ground is not None and kind != "target":
        raise CapabilityError(
            f"--dataset is what a recommender is fitted on; a {kind} is checked in the toy "
            "world, whose right answers are known. Leave it out"
        )
    provider = registry.get(kind, name)
    problems: list[str] = []
    checked = _options(registry, kind, name, options, "options", problems)
    reading: Options | None = None
    if ground is not None:
        reading = _options(
            registry, "dataset", ground.dataset, ground.options, "dataset-options", problems
        )
    if problems or checked is None:
        raise ConfigError(problems)
    try:
        from recexplainer.testing.runner import check_provider
    except ModuleNotFoundError as error:
        raise MissingExtraError(str(error.name), "test", "to run contract tests") from error
    shown = SilentProgress() if progress is None else progress
    if ground is None:
        return check_provider(kind, provider, checked)
    return check_provider(
        kind,
        provider,
        checked,
        log=_log(registry, ground, reading, shown),
        max_history=ground.max_history,
    )


def _options(
    registry: Registry,
    kind: Kind,
    name: str,
    given: Mapping[str, Any],
    path: str,
    problems: list[str],
) -> Options | None:
    """Return the options of a part, paths made absolute, or note what is wrong with them."""
    checked = registry.options(kind, name, given, path)
    if isinstance(checked, list):
        problems += checked
        return None
    problems += missing_files(checked, path)
    # The rules run in folders of their own.
    paths = {key: value for key, value in checked if isinstance(value, Path)}
    whole = {key: value.expanduser().absolute() for key, value in paths.items()}
    return checked.model_copy(update=whole)


def _log(
    registry: Registry, ground: Ground, options: Options | None, progress: Progress
) -> InteractionLog:
    """Return as many users of the data set as ``ground`` says, prepared as a run would."""
    from recexplainer.data.preparation import prepare

    dataset: Dataset = registry.get("dataset", ground.dataset).build(options, None)
    return prepare(dataset.load(progress), sample_users=ground.users)
