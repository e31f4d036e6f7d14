"""Forecast of a run, in lines for ``--dry-run``: its parts, stages and training time."""

from __future__ import annotations

from collections.abc import Iterator

from recexplainer.errors import UserError
from recexplainer.pipeline.execution.corpus_sample import CorpusSample, sampled
from recexplainer.pipeline.execution.preflight import Preflight
from recexplainer.pipeline.execution.stage_table import outdated
from recexplainer.pipeline.execution.training_time import time_lines

__all__ = ["describe"]


def describe(checked: Preflight) -> Iterator[str]:
    """Yield the plan in lines: what would be used and done, what is not here, what it would take.

    What the training takes comes last, as it takes a while: as far as it is known without
    downloading or keeping anything. A corpus that the run's folder holds is not sampled anew.
    """
    yield from _plan(checked)
    with sampled(checked) as sample:
        yield from _needed(sample)
        yield from time_lines(sample)


def _plan(checked: Preflight) -> Iterator[str]:
    """Yield the parts, the state of each stage, and what is not here."""
    plan, config = checked.plan, checked.plan.config
    yield f"data set    {plan.dataset.name}"
    yield from (f"  note      {note}" for note in _head_notes(checked))
    yield f"recommender {plan.target.name}"
    yield f"alignment   {config.alignment.mode}, backbone {config.surrogate.backbone}"
    yield "tasks       " + ", ".join(f"{name} x{part[1]:g}" for name, part in plan.tasks.items())
    yield "explainers  " + ", ".join(part.name for part in plan.explainers)
    yield "judges      " + ", ".join(part.name for part in plan.judges)
    yield f"run folder  {checked.folder.path}"
    for stage in checked.stages:
        state = "done" if stage.done else "to be continued" if stage.started else "to do"
        yield f"  {stage.folder.name:<15} {state}"
    yield from (f"note        {line}" for line in outdated(checked.stages))
    yield from (f"not here    {line}" for line in checked.not_here)


def _head_notes(checked: Preflight) -> Iterator[str]:
    """Yield what the heads of the data files show, where these are still to be read."""
    part = checked.plan.dataset
    if any(stage.name == "dataset" and not stage.done for stage in checked.stages):
        yield from part.provider.head_notes(part.options)


def _needed(sample: CorpusSample) -> Iterator[str]:
    """Yield the size of the model, and the memory that its training takes."""
    from recexplainer.surrogate.estimate.training_estimate import estimate, read_corpus
    from recexplainer.surrogate.training.training_plan import rows_that_fit

    processes, settings = sample.settings.processes, sample.settings
    corpus = None if sample.folder is None else read_corpus(sample.folder)
    try:
        if corpus is not None:  # else nobody knows how long an example is
            rows = rows_that_fit(settings, processes, corpus)
            settings = settings.model_copy(update={"micro_batch_size": rows})
    except UserError as error:
        yield f"not here    {error}"
    found = estimate(settings, processes, corpus)
    if found.parameters is not None and found.trainable is not None:
        yield f"parameters  {found.parameters:,}, of which {found.trainable:,} are trained"
    if found.gigabytes is not None:
        each = "" if processes == 1 else f" on each of {processes} devices"
        if corpus is None:  # then its examples are counted as if they filled the context
            each += " at most; --prepare-only tells how long the examples really are"
        yield f"memory      about {found.gigabytes:.1f} GB{each}"
    for missing in found.unknown:
        yield f"not known   {missing}"
