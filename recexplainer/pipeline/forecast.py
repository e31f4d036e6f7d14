"""What the surrogate's training will take, in lines for ``--dry-run``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from recexplainer.config import RunConfig
from recexplainer.pipeline.bench import surrogate_settings
from recexplainer.runs.folder import RunFolder

__all__ = ["forecast"]


def forecast(config: RunConfig, out: Path) -> Iterator[str]:
    """Yield what training takes, as far as it can be told without downloading anything.

    Args:
        config: of the run.
        out: the run folder; where it holds the encoded corpus, tokens and time are told too.
    """
    from recexplainer.surrogate.estimating import estimate, read_corpus

    processes = config.training.processes
    corpus = read_corpus(RunFolder(out).stage_folder("surrogate"))
    found = estimate(surrogate_settings(config), processes, corpus)
    if found.parameters is not None and found.trainable is not None:
        yield f"parameters  {found.parameters:,}, of which {found.trainable:,} are trained"
    if found.gigabytes is not None:
        each = "" if processes == 1 else f" on each of {processes} devices"
        if corpus is None:  # then its examples are counted as if they filled the context
            each += " at most; --prepare-only tells how long the examples really are"
        yield f"memory      about {found.gigabytes:.1f} GB{each}"
    if found.steps is not None:
        yield f"training    {found.steps:,} steps, {found.tokens:,} tokens"
    if found.seconds is not None:
        yield f"time        about {found.seconds / 60:.0f} minutes of training, by a short probe"
    for missing in found.unknown:
        yield f"not known   {missing}"
