"""Training settings, as one file beside the corpus; loading it needs no plugin or RecBole."""

from __future__ import annotations

import math
from typing import Final, Literal, Self

from pydantic import BaseModel, ConfigDict

from recexplainer.config import RunConfig
from recexplainer.config.language_model import SurrogateConfig, TrainingConfig
from recexplainer.config.section import speed_settings
from recexplainer.records import Recipe

__all__ = ["SPEED_SETTINGS", "SurrogateSettings", "TrainingPoint", "TrainingReport"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SurrogateSettings(SurrogateConfig, TrainingConfig):
    """Everything ``train`` depends on, apart from the corpus and the vectors.

    The sections `surrogate` and `training` of the configuration, what null stands for in them
    settled, the run's seed and what the backbone is.
    """

    recipe: Recipe
    seed: int = 0
    learning_rate: float = 3e-3
    optimizer: Literal["muon", "adamw"] = "adamw"

    @classmethod
    def of(cls, config: RunConfig, recipe: Recipe) -> Self:
        """Return the settings of a run's training, null settled by the backbone's ``recipe``."""
        surrogate, training = config.surrogate, config.training
        optimizer = "adamw" if "zero" in training.parallel else recipe.optimizer
        settled = {
            "learning_rate": training.learning_rate or recipe.learning_rate,
            "optimizer": training.optimizer or optimizer,
        }
        given = {**surrogate.model_dump(), **training.model_dump(), **settled}
        return cls.model_validate({**given, "recipe": recipe, "seed": config.seed})

    def reach(self, examples: int) -> int:
        """Return how many of so many examples the training sees: all, or those of its steps."""
        steps = self.known_steps(math.ceil(examples / self.batch_size))
        return examples if steps is None else min(examples, steps * self.batch_size)

    def known_steps(self, per_pass: int) -> int | None:
        """Return how many steps are made, of so many per pass; None where time decides."""
        if self.minutes is not None:
            return None
        return self.steps or max(1, math.ceil(self.budget * per_pass))


SPEED_SETTINGS: Final = speed_settings(SurrogateSettings)
"""Settings that change no result; a training folder takes new values of them."""


class TrainingPoint(_Frozen):
    """One point of the training curve; ``loss`` is the mean since the point before."""

    step: int
    examples: int
    loss: float
    tokens_per_second: float
    seconds: float


class TrainingReport(_Frozen):
    """Result of a training."""

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
