"""Estimate of a training: steps, size and memory, with nothing downloaded or trained.

Sizes come from the model's config alone (its weights are never made). How near they come is
measured by ``benchmarks/estimates.py``; for the time see ``step_timer``.
"""

from __future__ import annotations

import math
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from recexplainer.errors import UserError
from recexplainer.surrogate.corpus.batches import EncodedCorpus
from recexplainer.surrogate.corpus.training_files import ENCODED
from recexplainer.surrogate.estimate.activations import kept_bytes
from recexplainer.surrogate.model.backbone_source import find_source
from recexplainer.surrogate.model.lora import add_lora
from recexplainer.surrogate.model.loss import positions_at_once
from recexplainer.surrogate.model.micro_batch import Machine, MicroBatch, language_model
from recexplainer.surrogate.model.surrogate_config import PAPER_TOKENS, SurrogateLMConfig
from recexplainer.surrogate.model.surrogate_model import SurrogateLM
from recexplainer.surrogate.model.training_settings import SurrogateSettings
from recexplainer.surrogate.model.untrained_surrogate import made_config

__all__ = ["Corpus", "Estimate", "estimate", "fitting_rows", "language_config", "read_corpus"]

_BITS = {"8bit": 8, "4bit": 4.5}
_ADAM_BYTES = 8
"""Two moments in float32."""
_ACTIVATION_BYTES = 34
"""Per token, layer and hidden unit in half precision (Korthikanti et al., 2022), with attention
that keeps no matrix of scores; where it cannot be counted."""

_LABELLED_SHARE = 0.2
"""Of the tokens, as in our tasks, where the corpus is not known."""
_LOGIT_BYTES = {True: 14, False: 12}
"""Per logit, by whether they come in 16 bits: normalized ones, and the gradients up to them."""

_USED = 0.8
"""Most of the free memory that is counted on."""
_ENOUGH_CPU_BYTES = 4e9
"""More for what is computed at once gains nothing on a CPU: of 4 and of 8 examples of Gemma 3 270M,
250 tokens long, it took as long for each."""

_CPU_WEIGHTS, _CPU_HEAP = 2.0, 1.35
"""What a process holds on a CPU beyond the sum: as much again as the weights, twice, and a third of
what is computed, in gaps of the heap. Fitted to what ``benchmarks/estimates.py`` measured."""


@dataclass(frozen=True)
class Corpus:
    """The encoded examples, where they are there already.

    Attributes:
        examples, tokens: how many there are.
        longest: tokens of the longest example.
        labelled: share of the tokens that are learned; only these have logits.
    """

    examples: int
    tokens: int
    longest: int
    labelled: float


@dataclass(frozen=True)
class Estimate:
    """What is known of a training beforehand; None is what cannot be known yet.

    Attributes:
        parameters, trainable: numbers in the model, and those that training changes.
        gigabytes: memory of each device; a sum of what is known to be held, not measured.
        computed: the part of it that grows with what is computed at once.
        unknown: what is missing, and what would tell it.
    """

    parameters: int | None = None
    trainable: int | None = None
    gigabytes: float | None = None
    computed: float = 0.0
    unknown: tuple[str, ...] = ()


def read_corpus(folder: Path) -> Corpus | None:
    """Return the sizes of what was encoded into a training folder; None before that."""
    path = folder / ENCODED
    if not path.exists():
        return None
    encoded = EncodedCorpus.load(path)
    lengths, tokens = encoded.lengths, len(encoded.ids)
    return Corpus(
        len(lengths),
        tokens,
        longest=int(lengths.max()),
        labelled=float(encoded.labelled.mean()),
    )


def estimate(settings: SurrogateSettings, processes: int, corpus: Corpus | None) -> Estimate:
    """Return what training by ``settings`` takes.

    Args:
        settings: what is to be trained.
        processes: how many share it.
        corpus: what it is trained on, if that is known.
    """
    config = language_config(settings)
    if config is None:
        unknown = (
            f"parameters and memory: nothing is downloaded for an estimate, and the config of "
            f"{settings.backbone} is not here"
        )
        return Estimate(unknown=(unknown,))
    machine, rows = Machine.of(settings), _rows(settings, processes)
    with torch.device("meta"):
        model = _model(settings, config, machine)
    weights = list(model.parameters())
    parameters = sum(weight.numel() for weight in weights)
    trainable = sum(weight.numel() for weight in weights if weight.requires_grad)
    longest = corpus.longest if corpus else settings.max_tokens or PAPER_TOKENS
    largest = MicroBatch(rows, longest, corpus.labelled if corpus else _LABELLED_SHARE)
    held = _weight_bytes(settings, processes, weights)
    computed = _computed_bytes(settings, largest, model, machine)
    if machine.device == "cpu":
        held += _CPU_WEIGHTS * sum(weight.nbytes for weight in weights)
        computed *= _CPU_HEAP
    held += computed
    return Estimate(parameters, trainable, held / 1e9, computed / 1e9)


def fitting_rows(
    settings: SurrogateSettings, processes: int, corpus: Corpus, device: str, free: float
) -> int:
    """Return how many of the longest examples a process can compute at once.

    That is ``micro_batch_size``, or a process's share of a batch, halved until it fits.

    Args:
        settings: of the training.
        processes: how many share it, all on this machine.
        corpus: what it is trained on.
        device: ``cpu`` or ``cuda``.
        free: bytes of free memory, of the device.

    Raises:
        UserError: not even one fits.
    """
    room = _USED * free / 1e9 / (processes if device == "cpu" else 1)
    enough = _ENOUGH_CPU_BYTES / 1e9 if device == "cpu" else math.inf
    rows = _rows(settings, processes)
    while True:
        found = estimate(settings.model_copy(update={"micro_batch_size": rows}), processes, corpus)
        needed = found.gigabytes or 0.0
        if needed <= room and (found.computed <= enough or rows == 1):
            return rows
        if rows == 1:
            raise UserError(
                f"training takes about {needed:.1f} GB of memory, {found.computed:.1f} GB of it "
                f"for one example of {corpus.longest:,} tokens, and {free / 1e9:.1f} GB are free; "
                "set training.gradient_checkpointing=true, lower surrogate.max_tokens, take a "
                "smaller backbone, or end what else takes memory"
            )
        rows = math.ceil(rows / 2)


def language_config(settings: SurrogateSettings) -> Any:
    """Return the language model's config, or None where it would be downloaded."""
    recipe = settings.recipe
    if recipe.source is None:
        return made_config(recipe, recipe.vocabulary, pad=0, end=1)
    try:
        return find_source(recipe.source, recipe.base).config(local_files_only=True)
    except (OSError, ValueError, UserError):
        return None


def _model(settings: SurrogateSettings, language_config: Any, machine: Machine) -> Any:
    """Return the model with random weights in the compute type, on whatever device is current."""
    language_config = deepcopy(language_config)
    if not settings.recipe.whole:
        language_config.dtype = torch.bfloat16 if machine.half else torch.float32
    vocabulary = language_config.vocab_size
    config = SurrogateLMConfig(
        language_config,
        user_token_id=vocabulary,
        item_token_id=vocabulary + 1,
        ages=settings.recipe.ages,
        pointer=settings.recipe.pointer,
    )
    model = SurrogateLM(config)
    return model if settings.recipe.whole else add_lora(model, settings)


def _rows(settings: SurrogateSettings, processes: int) -> int:
    """Return the examples of a micro-batch."""
    share = math.ceil(settings.batch_size / processes)
    return min(settings.micro_batch_size or share, share)


def _weight_bytes(settings: SurrogateSettings, processes: int, weights: list[Tensor]) -> float:
    """Return the memory of weights, gradients and the optimizer's state on one device."""
    parallel = settings.parallel
    if parallel == "auto":
        parallel = "zero2" if processes > 1 and settings.recipe.source is not None else "ddp"
    bits = _BITS.get(settings.quantization or "")
    frozen = sum(
        weight.numel() * (weight.element_size() if bits is None else bits / 8)
        for weight in weights
        if not weight.requires_grad
    )
    trainable = sum(weight.numel() for weight in weights if weight.requires_grad)
    held, gradients = 4 * trainable + frozen, 4 * trainable
    optimizer = 0 if "offload" in parallel else _ADAM_BYTES * trainable
    if parallel == "ddp":
        return held + gradients + optimizer
    whole = held / processes if parallel.startswith("zero3") else held
    return whole + (gradients + optimizer) / processes


def _computed_bytes(
    settings: SurrogateSettings, batch: MicroBatch, model: Any, machine: Machine
) -> float:
    """Return the memory of a micro-batch: activations and logits."""
    inner = language_model(model, machine.device)
    config, tokens = inner.config, batch.rows * batch.length
    layers = config.num_hidden_layers
    kept = kept_bytes(
        inner.base_model, rows=batch.rows, length=batch.length, half=machine.half
    ) or float(tokens * config.hidden_size * layers * _ACTIVATION_BYTES)
    one = kept / layers  # what a layer's backward pass works on beside it is as large
    if settings.gradient_checkpointing:
        kept = one + tokens * config.hidden_size * layers * 4
    positions = min(tokens * batch.labelled, positions_at_once(config.vocab_size))
    logits = positions * config.vocab_size
    needed: float = kept + one + logits * _LOGIT_BYTES[machine.half]
    return needed
