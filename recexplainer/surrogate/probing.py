"""The time of a few steps of a model with random weights."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import median
from typing import Any

import torch
from torch import Tensor

from recexplainer.runs.memory import reuse_memory
from recexplainer.surrogate.compute_type import choose_device, choose_precision
from recexplainer.surrogate.model import IGNORED
from recexplainer.surrogate.optimizing import build_optimizer
from recexplainer.surrogate.settings import SurrogateSettings
from recexplainer.surrogate.threads import on_threads

__all__ = ["Machine", "MicroBatch", "language_model", "seconds_per_step"]

_STEPS = 4
_PATIENCE_SECONDS = 10.0


@dataclass(frozen=True)
class Machine:
    """What is computed with.

    Attributes:
        device: ``cpu`` or ``cuda``.
        half: whether in 16 bits.
        here: whether this machine has it.
    """

    device: str
    half: bool
    here: bool

    @classmethod
    def of(cls, settings: SurrogateSettings) -> Machine:
        """Return what ``settings`` ask for, which may be another machine's."""
        device = choose_device("auto") if settings.device == "auto" else settings.device
        here = device == "cpu" or torch.cuda.is_available()
        if settings.precision != "auto" or not here:
            return cls(device, settings.precision != "float32", here)
        return cls(device, choose_precision("auto", device) != "float32", here)


@dataclass(frozen=True)
class MicroBatch:
    """``rows`` examples of ``length`` tokens, of which the share ``labelled`` is learned."""

    rows: int
    length: int
    labelled: float


def language_model(model: Any, device: str) -> Any:
    """Return the language model in a surrogate, with the attention that training takes there."""
    whole = model.get_base_model() if hasattr(model, "peft_config") else model
    if device == "cpu":
        whole.language_model.set_attn_implementation("eager")
    return whole.language_model


def seconds_per_step(
    model: Any, settings: SurrogateSettings, batch: MicroBatch, machine: Machine
) -> float:
    """Return how long a micro-batch takes, forward, backward and update.

    Args:
        model: the surrogate, which is spoiled.
        settings: of its training.
        batch: what is computed; its tokens are random.
        machine: where.
    """
    reuse_memory()
    model.to(machine.device).train()
    language_model(model, machine.device)
    if settings.gradient_checkpointing:
        model.gradient_checkpointing_enable({"use_reentrant": False})
    optimizer: torch.optim.Optimizer
    if settings.optimizer == "muon":
        precision = "bfloat16" if machine.half else "float32"
        optimizer = build_optimizer(model, settings.learning_rate, settings.weight_decay, precision)
    else:
        optimizer = torch.optim.AdamW(w for w in model.parameters() if w.requires_grad)
    ids = torch.randint(2, 100, (batch.rows, batch.length), device=machine.device)
    labels = ids.clone()
    labels[:, : -max(1, round(batch.labelled * batch.length))] = IGNORED
    seconds: list[float] = []
    with on_threads(settings.threads):
        while len(seconds) < 2 or (len(seconds) < _STEPS and sum(seconds) < _PATIENCE_SECONDS):
            began = time.perf_counter()
            with torch.autocast(machine.device, torch.bfloat16, enabled=machine.half):
                loss: Tensor = model(input_ids=ids, labels=labels).loss
            loss.backward()  # type: ignore[no-untyped-call]  # torch's own
            optimizer.step()
            optimizer.zero_grad()
            _ = loss.item()
            seconds.append(time.perf_counter() - began)
    return median(seconds[1:])  # the first one is slow
