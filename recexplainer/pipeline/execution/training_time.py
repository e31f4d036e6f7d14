"""Training time of a run on this machine, in lines for ``--dry-run``."""

from __future__ import annotations

import math
from collections.abc import Iterator

from recexplainer.errors import RecxError
from recexplainer.pipeline.execution.corpus_sample import CorpusSample

__all__ = ["time_lines"]


def time_lines(sample: CorpusSample) -> Iterator[str]:
    """Yield steps, tokens and time, from steps that are made for that and forgotten.

    Args:
        sample: what is known of the run's corpus.
    """
    if sample.trained:
        yield "training    done"
        return
    if sample.folder is None:
        yield f"not known   steps and time: {sample.reason}; --prepare-only makes them known"
        return
    from recexplainer.surrogate.corpus.training_folder import read_counts
    from recexplainer.surrogate.estimate.time_words import training_line
    from recexplainer.surrogate.estimate.training_estimate import read_corpus
    from recexplainer.surrogate.training.checkpoints import complete_checkpoint, step_of
    from recexplainer.surrogate.training.session import time_training
    from recexplainer.surrogate.training.training_plan import choose_steps, read_plan

    settings, corpus = sample.settings, read_corpus(sample.folder)
    if corpus is None:
        return
    examples = corpus.examples + read_counts(sample.folder).left_out
    per_pass = math.ceil(round(examples / sample.share) / settings.batch_size)
    try:
        times = time_training(sample.folder, settings, settings.processes)
        steps = read_plan(sample.folder, settings).steps or choose_steps(settings, per_pass, times)
    except RecxError as error:
        yield f"not known   time: {error}"
        return
    tokens = steps / per_pass * examples / sample.share * corpus.tokens / corpus.examples
    yield f"training    {steps:,} steps, {tokens:,.0f} tokens"
    done = step_of(complete_checkpoint(sample.folder))
    yield f"time        {training_line(settings, times, steps, per_pass, done)}"
