"""What training needs to know, as one file beside the corpus: no plugin, no RecBole is loaded."""

from __future__ import annotations

import math
from typing import Literal

from pydantic import BaseModel, ConfigDict

__all__ = [
    "SPEED_SETTINGS",
    "LoraSettings",
    "Optimizer",
    "Parallel",
    "SurrogateSettings",
    "TinySize",
    "Tracker",
    "TrainingPoint",
    "TrainingReport",
]

Parallel = Literal["auto", "ddp", "zero2", "zero2-offload", "zero3", "zero3-offload"]
"""How several processes share a training: what each of them keeps, and where."""

Optimizer = Literal["muon", "adamw"]

Tracker = Literal["tensorboard", "wandb", "mlflow"]

SPEED_SETTINGS = frozenset(
    {
        "device",
        "threads",
        "save_every_seconds",
        "micro_batch_size",
        "gradient_checkpointing",
        "parallel",
        "tracker",
    }
)
"""Settings that affect speed, memory or logging, never the result."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TinySize(_Frozen):
    """Size of the built-in backbone."""

    layers: int = 3
    width: int = 128
    heads: int = 2
    vocabulary: int = 9216


class LoraSettings(_Frozen):
    """Low-rank updates of a pretrained backbone."""

    rank: int = 8
    alpha: int = 32
    dropout: float = 0.1
    targets: tuple[str, ...] | None = None
    """Names of the linear layers that are updated; None takes all but the head."""


class SurrogateSettings(_Frozen):
    """Everything ``train`` depends on, apart from the corpus and the vectors."""

    backbone: str = "tiny"
    """``tiny``, a folder, or a hub id."""
    tiny: TinySize = TinySize()
    max_tokens: int | None = None
    """Most tokens of a conversation; None is the paper's 1024, and the model's own for ``tiny``."""
    seed: int = 0
    budget: float = 1.0
    """Passes over the corpus."""
    minutes: float | None = None
    """Instead of ``budget``: as many steps are made as fit so many minutes."""
    batch_size: int = 64
    learning_rate: float = 3e-3
    warmup: float = 0.1
    """Share of the steps in which the learning rate rises linearly; it then falls linearly to 0."""
    weight_decay: float = 0.0
    optimizer: Optimizer = "adamw"
    """What updates the weights; Muon is for the tiny model, without ZeRO."""
    max_grad_norm: float = 1.0
    save_every_seconds: float = 30.0
    """Seconds between checkpoints; only the last is kept."""
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto"
    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: int | None = None
    """CPU threads; None takes the cores this process may use."""
    tracker: Tracker | None = None
    """Where the curve is sent besides ``log.jsonl``."""
    micro_batch_size: int | None = None
    """Most examples a process computes at once; a batch takes as many rounds as that needs."""
    gradient_checkpointing: bool = False
    parallel: Parallel = "auto"
    lora: LoraSettings = LoraSettings()
    quantization: Literal["8bit", "4bit"] | None = None
    """Of the frozen backbone while it is trained; None keeps its own number format."""

    def reach(self, examples: int) -> int:
        """Return how many of so many examples the training sees: all, or those of its steps."""
        if self.minutes is not None:
            return examples
        steps = max(1, math.ceil(self.budget * math.ceil(examples / self.batch_size)))
        return min(examples, steps * self.batch_size)


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
    shortened: int = 0
    """Examples whose prompt lost its oldest history items, to fit ``max_tokens``."""
    skipped: int = 0
    """Examples that did not fit all the same."""
    left_out: int = 0
    """Examples that the budget did not reach."""
    padding_share: float
    steps: int
    passes: float | None = None
    """Over the corpus."""
    minutes: float | None = None
    """For which the steps were chosen; None where passes were asked for."""
    foretold_seconds: float | None = None
    """How long the steps were said to take, when the training began."""
    precision: str
    chosen_by: str | None = None
    """The rates for which that type was chosen, in words; None where it was asked for."""
    device: str
    processes: int = 1
    parallel: str = "ddp"
    curve: tuple[TrainingPoint, ...] = ()
