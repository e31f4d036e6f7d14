"""What a training will take, before any of it: nothing is downloaded, written or trained.

Sizes come from the model's config alone (its weights are never made), time from a few steps of a
model as large with random weights, where that is small enough to be made in seconds.
"""

from __future__ import annotations

import math
import time
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from recexplainer.surrogate.backbones import add_lora, choose_device, choose_precision
from recexplainer.surrogate.batching import EncodedCorpus
from recexplainer.surrogate.model import IGNORED, PAPER_TOKENS, SurrogateConfig, SurrogateLM
from recexplainer.surrogate.settings import SurrogateSettings
from recexplainer.surrogate.tiny import tiny_config

__all__ = ["Corpus", "Estimate", "estimate", "read_corpus"]

_PROBED_PARAMETERS = 50_000_000
_PROBED_TOKENS = 64
_BITS = {None: 16, "8bit": 8, "4bit": 4.5}
_ADAM_BYTES = 8
"""Two moments in float32."""
_ACTIVATION_BYTES = 34
"""Per token, layer and hidden unit in half precision (Korthikanti et al., 2022), with attention
that keeps no matrix of scores."""

_LABELLED_SHARE = 0.2
"""Of the tokens; only these have logits."""


@dataclass(frozen=True)
class Corpus:
    """The encoded examples, where they are there already."""

    examples: int
    tokens: int
    longest: int


@dataclass(frozen=True)
class Estimate:
    """What is known of a training beforehand; None is what cannot be known yet.

    Attributes:
        parameters, trainable: numbers in the model, and those that training changes.
        gigabytes: memory of each device; a sum of what is known to be held, not measured.
        steps, tokens: of the whole training.
        seconds: of the whole training, with the processes that were asked for.
        unknown: what is missing, and what would tell it.
    """

    parameters: int | None = None
    trainable: int | None = None
    gigabytes: float | None = None
    steps: int | None = None
    tokens: int | None = None
    seconds: float | None = None
    unknown: tuple[str, ...] = ()


def read_corpus(folder: Path) -> Corpus | None:
    """Return the sizes of what was encoded into a training folder; None before that."""
    path = folder / "encoded.safetensors"
    if not path.exists():
        return None
    lengths = EncodedCorpus.load(path).lengths
    return Corpus(len(lengths), int(lengths.sum()), int(lengths.max()))


def estimate(settings: SurrogateSettings, processes: int, corpus: Corpus | None) -> Estimate:
    """Return what training by ``settings`` takes.

    Args:
        settings: what is to be trained.
        processes: how many share it.
        corpus: what it is trained on, if that is known.
    """
    unknown = []
    steps = tokens = None
    if corpus is None:
        unknown.append("tokens, steps and time: known once the corpus is, with --prepare-only")
    else:
        per_pass = math.ceil(corpus.examples / settings.batch_size)
        steps = max(1, math.ceil(settings.budget * per_pass))
        tokens = round(settings.budget * corpus.tokens)
    config = _language_config(settings)
    if config is None:
        unknown.append(
            f"parameters and memory: nothing is downloaded for an estimate, and the config of "
            f"{settings.backbone} is not here"
        )
        return Estimate(steps=steps, tokens=tokens, unknown=tuple(unknown))
    with torch.device("meta"):
        weights = list(_model(settings, config).parameters())
    parameters = sum(weight.numel() for weight in weights)
    trainable = sum(weight.numel() for weight in weights if weight.requires_grad)
    longest = corpus.longest if corpus else settings.max_tokens or PAPER_TOKENS
    held = _weight_bytes(settings, processes, parameters, trainable)
    seconds = None
    if parameters > _PROBED_PARAMETERS:
        unknown.append("time: the model is too large to be probed in seconds")
    elif tokens is not None:
        seconds = tokens / _tokens_per_second(settings, config) / processes
    return Estimate(
        parameters=parameters,
        trainable=trainable,
        gigabytes=(held + _computed_bytes(settings, processes, longest, config)) / 1e9,
        steps=steps,
        tokens=tokens,
        seconds=seconds,
        unknown=tuple(unknown),
    )


def _language_config(settings: SurrogateSettings) -> Any:
    """Return the language model's config, or None where it would be downloaded."""
    if settings.backbone == "tiny":
        size = settings.tiny
        return tiny_config(
            size.vocabulary, layers=size.layers, width=size.width, heads=size.heads, pad=0, end=1
        )
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(settings.backbone, local_files_only=True)
    except (OSError, ValueError):
        return None


def _model(settings: SurrogateSettings, language_config: Any) -> Any:
    """Return the model with random weights, on whatever device is current."""
    vocabulary = language_config.vocab_size
    config = SurrogateConfig(
        deepcopy(language_config), user_token_id=vocabulary, item_token_id=vocabulary + 1
    )
    model = SurrogateLM(config)
    return model if settings.backbone == "tiny" else add_lora(model, settings)


def _weight_bytes(
    settings: SurrogateSettings, processes: int, parameters: int, trainable: int
) -> float:
    """Return the memory of weights, gradients and the optimizer's state on one device."""
    parallel = settings.parallel
    if parallel == "auto":
        parallel = "zero2" if processes > 1 and settings.backbone != "tiny" else "ddp"
    frozen = (parameters - trainable) * _BITS[settings.quantization] / 8
    weights, gradients = 4 * trainable + frozen, 4 * trainable
    optimizer = 0 if "offload" in parallel else _ADAM_BYTES * trainable
    if parallel == "ddp":
        return weights + gradients + optimizer
    held = weights / processes if parallel.startswith("zero3") else weights
    return held + (gradients + optimizer) / processes


def _computed_bytes(
    settings: SurrogateSettings, processes: int, longest: int, config: Any
) -> float:
    """Return the memory of a micro-batch of the longest examples: activations and logits."""
    share = math.ceil(settings.batch_size / processes)
    tokens = min(settings.micro_batch_size or share, share) * longest
    layers, width = config.num_hidden_layers, config.hidden_size
    per_layer = 2 if settings.gradient_checkpointing else _ACTIVATION_BYTES
    again = _ACTIVATION_BYTES if settings.gradient_checkpointing else 0
    activations: float = tokens * width * (per_layer * layers + again)
    logits: float = tokens * config.vocab_size * 4 * _LABELLED_SHARE
    return activations + logits


def _tokens_per_second(settings: SurrogateSettings, config: Any) -> float:
    """Time a few steps of a model of this shape with random weights."""
    device = choose_device(settings.device)
    half = choose_precision(settings.precision, device) != "float32"
    rows = min(settings.micro_batch_size or settings.batch_size, settings.batch_size)
    seconds = []
    with torch.random.fork_rng(), torch.autocast(device, torch.bfloat16, enabled=half):
        model = _model(settings, config).to(device)
        ids = torch.randint(2, 100, (rows, _PROBED_TOKENS), device=device)
        labels = ids.clone()
        labels[:, : -round(_LABELLED_SHARE * _PROBED_TOKENS)] = IGNORED
        for _ in range(3):  # the first one is slow
            began = time.perf_counter()
            loss: Tensor = model(input_ids=ids, labels=labels).loss
            loss.backward()  # type: ignore[no-untyped-call]  # torch's own
            _ = loss.item()
            seconds.append(time.perf_counter() - began)
    return float(ids.numel() / min(seconds[1:]))
