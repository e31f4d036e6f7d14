"""Planted target: a sound recommender whose histories or answers are changed on the way."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recexplainer.data.split import LogSplit
from recexplainer.plugins.interfaces import FitReport, FloatArray, Target
from recexplainer.records import Catalogue, InteractionLog, Progress, TrainingHistories

__all__ = ["PlantedTarget", "World"]

_Histories = Sequence[Sequence[str]]


@dataclass(frozen=True, eq=False)
class World:
    """What defects are planted in: a log, who learned from what, and a target that is sound.

    Attributes:
        log, split: the data.
        target: trained on ``split.training``.
        max_history: how many items of a history are read.
    """

    log: InteractionLog
    split: LogSplit
    target: Target
    max_history: int

    @property
    def catalogue(self) -> Catalogue:
        """The items."""
        return self.log.catalogue


class PlantedTarget(Target):
    """A target whose histories are changed before it is asked, or whose scores are afterwards.

    Args:
        world: where the sound target is from.
        read: returns what is read in place of a history.
        spoil: returns what is answered in place of scores ``(B, I)`` after the given histories.
    """

    def __init__(
        self,
        world: World,
        read: Callable[[Sequence[str]], Sequence[str]] | None = None,
        spoil: Callable[[FloatArray, _Histories], NDArray[Any]] | None = None,
    ) -> None:
        self._target, self._read, self._spoil = world.target, read, spoil

    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:  # noqa: ARG002
        """Learn nothing: what is wrapped is trained."""
        return FitReport()

    def scores(self, histories: _Histories) -> FloatArray:
        """Return the spoiled scores."""
        read = histories if self._read is None else [self._read(one) for one in histories]
        scores = self._target.scores(read)
        if self._spoil is None:
            return scores
        return self._spoil(scores.copy(), histories).astype(np.float32)

    def save(self, folder: Path) -> None:
        """Write nothing: planted targets are not kept."""

    def load(self, folder: Path) -> None:
        """Read nothing."""
