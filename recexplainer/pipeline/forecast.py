"""What the surrogate's training will take, in lines for ``--dry-run``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from recexplainer.config import RunConfig
from recexplainer.errors import UserError
from recexplainer.pipeline.corpus_draft import CorpusDraft, drafted
from recexplainer.pipeline.training_time import time_lines

__all__ = ["forecast"]


def forecast(config: RunConfig, out: Path) -> Iterator[str]:
    """Yield what training takes, as far as it can be told without downloading or keeping anything.

    Args:
        config: of the run.
        out: the run folder, which need not exist; a corpus that it holds is not drafted anew.
    """
    with drafted(config, out) as draft:
        yield from _needed(draft)
        yield from time_lines(draft)


def _needed(draft: CorpusDraft) -> Iterator[str]:
    """Yield the size of the model, and the memory that its training takes."""
    from recexplainer.surrogate.estimating import estimate, read_corpus
    from recexplainer.surrogate.training_plan import rows_that_fit

    processes, settings = draft.settings.processes, draft.settings
    corpus = None if draft.folder is None else read_corpus(draft.folder)
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
