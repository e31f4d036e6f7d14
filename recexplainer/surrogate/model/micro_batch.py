"""Micro-batch: what is computed at once, by which part of a model, on which kind of machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch

from recexplainer.surrogate.model.compute_type import choose_device, choose_precision
from recexplainer.surrogate.model.training_settings import SurrogateSettings

__all__ = ["Machine", "MicroBatch", "language_model"]


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
