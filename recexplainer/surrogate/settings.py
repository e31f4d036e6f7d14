"""What training needs to know, as one file beside the corpus: no plugin, no RecBole is loaded."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

__all__ = ["SurrogateSettings", "TinySize", "TrainingPoint", "TrainingReport"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TinySize(_Frozen):
    """Size of the built-in backbone."""

    layers: int = 3
    width: int = 128
    heads: int = 2
    vocabulary: int = 9216


class SurrogateSettings(_Frozen):
    """Everything ``train`` depends on, apart from the corpus and the vectors."""

    backbone: str = "tiny"
    """``tiny``, a folder, or a hub id."""
    tiny: TinySize = TinySize()
    seed: int = 0
    budget: float = 1.0
    """Passes over the corpus."""
    batch_size: int = 64
    learning_rate: float = 3e-3
    warmup: float = 0.1
    """Share of the steps in which the learning rate rises linearly; it then falls linearly to 0."""
    weight_decay: float = 0.0
    max_grad_norm: float = 1.0
    save_every_seconds: float = 60.0
    """Seconds between checkpoints; only the last is kept."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int | None = None
    """CPU threads; None takes the cores this process may use."""
    lora_rank: int = 8
    lora_alpha: int = 32
    lora_dropout: float = 0.1


class TrainingPoint(_Frozen):
    """One point of the training curve; ``loss`` is the mean since the point before."""

    step: int
    examples: int
    loss: float
    tokens_per_second: float
    seconds: float


class TrainingReport(_Frozen):
    """What training came to."""

    parameters: int
    trainable: int
    vocabulary: int
    examples: int
    tokens: int
    padding_share: float
    steps: int
    precision: str
    device: str
    curve: tuple[TrainingPoint, ...] = ()
