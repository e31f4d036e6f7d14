"""Training time of a run on this machine, in lines for ``--dry-run``."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

from recexplainer.errors import RecxError
from recexplainer.pipeline.execution.corpus_sample import CorpusSample

__all__ = ["time_lines"]

_LETTERS_OF_A_TOKEN = 3.5
"""In English titles and questions, by a tokenizer of today."""


def time_lines(sample: CorpusSample) -> Iterator[str]:
    """Yield steps, tokens and time, from steps that are made for that and forgotten.

    Args:
        sample: what is known of the run's corpus.
    """
    if sample.trained:
        yield "training    done"
        return
    if sample.texts is not None:
        yield from _reckoned(sample, sample.texts)
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


def _reckoned(sample: CorpusSample, texts: Path) -> Iterator[str]:
    """Yield steps, tokens and time of a model that is too large for steps to be made here."""
    from recexplainer.surrogate.corpus.conversation_files import mean_letters
    from recexplainer.surrogate.estimate.operation_count import operations_per_token, reached_rate
    from recexplainer.surrogate.estimate.time_words import duration, two_digits

    settings = sample.settings
    count, letters = mean_letters(texts)
    length = min(letters / _LETTERS_OF_A_TOKEN, settings.max_tokens or math.inf)
    per_pass = math.ceil(round(count / sample.share) / settings.batch_size)
    each, rate = operations_per_token(settings), reached_rate(settings)
    if each is None:
        yield f"not known   steps and time: {sample.reason}; --prepare-only makes them known"
        return
    seconds = settings.batch_size * length * each / rate
    steps = settings.known_steps(per_pass)
    if steps is None:
        steps = max(1, math.floor(60.0 * (settings.minutes or 0.0) / seconds))
    tokens = steps * settings.batch_size * length
    yield f"training    about {steps:,} steps, {float(f'{tokens:.2g}'):,.0f} tokens"
    yield (
        f"time        training takes about {duration(steps * seconds)} at "
        f"{two_digits(rate / 1e9)} billion operations a second, as this machine does them, and "
        f"{two_digits(each / 1e9)} billion for each token; no step was timed: {sample.reason}"
    )
