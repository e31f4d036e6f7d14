"""Examination of a data set, in lines for ``recx doctor``: its size, and what was found in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recexplainer.config import RunConfig
from recexplainer.errors import ConfigError
from recexplainer.pipeline.execution.named_parts import partial_plan
from recexplainer.pipeline.execution.option_files import missing_files
from recexplainer.plugins.interfaces import Dataset
from recexplainer.plugins.registry import Registry
from recexplainer.records import SilentProgress

__all__ = ["examine"]


def examine(config: RunConfig, registry: Registry, problems: Sequence[str] = ()) -> Iterator[str]:
    """Yield how large the data set is, as it was read and as it is prepared, and all notes.

    Args:
        config: of which only the section ``dataset`` counts.
        registry: what is installed.
        problems: what ``read_config`` found.

    Raises:
        ConfigError: the section names or sets what does not work.
        DataError: a file cannot be used.
    """
    from recexplainer.data.preparation import prepare

    found = partial_plan(config, registry, problems)
    wrong = [line for line in found.problems if line.startswith("dataset.")]
    if found.dataset is not None:
        wrong += missing_files(found.dataset.options, "dataset.options")
    if wrong or found.dataset is None:
        raise ConfigError(wrong or found.problems)
    part, settings = found.dataset, config.dataset
    dataset: Dataset = part.provider.build(part.options, None)
    log = dataset.load(SilentProgress())
    yield f"data set     {log.name}"
    yield _size("read", len(log.histories), len(log.catalogue), log.interactions)
    ready = prepare(
        log,
        min_interactions=settings.min_interactions,
        top_items=settings.top_items,
        sample_users=settings.sample_users,
        seed=config.seed,
    )
    yield _size("prepared", len(ready.histories), len(ready.catalogue), ready.interactions)
    yield from (f"note         {note}" for note in ready.notes)
    yield from (f"doubt        {doubt}" for doubt in log.doubts)
    if log.doubts and not settings.accept_losses:
        yield "a run stops at doubts unless dataset.accept_losses=true"


def _size(label: str, users: int, items: int, interactions: int) -> str:
    return f"{label:<12} {users:,} users, {items:,} items, {interactions:,} interactions"
