"""What the surrogate's training will take, in lines for ``--dry-run``, and what it lacks here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from recexplainer.config import RunConfig
from recexplainer.errors import ConfigError, MissingExtraError, UserError
from recexplainer.pipeline.bench import surrogate_settings
from recexplainer.pipeline.corpus_draft import CorpusDraft, drafted
from recexplainer.pipeline.training_time import time_lines
from recexplainer.runs.steps import Stage

__all__ = ["forecast", "require_machine"]


def require_machine(config: RunConfig, stages: Sequence[Stage]) -> None:
    """Refuse a run whose training cannot be done here, before its earlier stages take their time.

    Args:
        config: of the run.
        stages: of the run; a surrogate that is trained already needs nothing.

    Raises:
        ConfigError: names the extra, or the device, that is missing.
    """
    if any(stage.name == "surrogate" and not stage.done for stage in stages):
        problems = list(_missing_here(config))
        if problems:
            raise ConfigError(problems)


def _missing_here(config: RunConfig) -> Iterator[str]:
    """Yield what this machine lacks for the training; another machine may have it."""
    from recexplainer.surrogate.compute_type import choose_device, choose_precision
    from recexplainer.surrogate.quantizing import quantized
    from recexplainer.surrogate.zero import choose_parallel

    settings = surrogate_settings(config)
    try:
        device = choose_device(settings.device)
        choose_parallel(settings, config.training.processes, device)
        choose_precision(settings.precision, device)
        if settings.quantization is not None:
            quantized(settings.quantization)
    except MissingExtraError as error:
        yield f"surrogate, training: {error}"
    except UserError as error:
        yield str(error)


def forecast(config: RunConfig, out: Path) -> Iterator[str]:
    """Yield what training takes, as far as it can be told without downloading or keeping anything.

    Args:
        config: of the run.
        out: the run folder, which need not exist; a corpus that it holds is not drafted anew.
    """
    with drafted(config, out) as draft:
        yield from _needed(config, draft)
        yield from time_lines(config, draft)
    for problem in _missing_here(config):
        yield f"not here    {problem}"


def _needed(config: RunConfig, draft: CorpusDraft) -> Iterator[str]:
    """Yield the size of the model, and the memory that its training takes."""
    from recexplainer.surrogate.estimating import estimate, read_corpus

    processes = config.training.processes
    corpus = None if draft.folder is None else read_corpus(draft.folder)
    found = estimate(surrogate_settings(config), processes, corpus)
    if found.parameters is not None and found.trainable is not None:
        yield f"parameters  {found.parameters:,}, of which {found.trainable:,} are trained"
    if found.gigabytes is not None:
        each = "" if processes == 1 else f" on each of {processes} devices"
        if corpus is None:  # then its examples are counted as if they filled the context
            each += " at most; --prepare-only tells how long the examples really are"
        yield f"memory      about {found.gigabytes:.1f} GB{each}"
    for missing in found.unknown:
        yield f"not known   {missing}"
