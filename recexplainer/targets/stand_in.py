"""Stand-in targets that learned nothing, for where only an answer is needed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from recexplainer.plugins.interfaces import (
    FitReport,
    FloatArray,
    LatentTarget,
    Target,
    TargetKit,
)
from recexplainer.records import Progress, TrainingHistories

__all__ = ["LatentStandIn", "StandIn"]

_WIDTH = 64


class StandIn(Target):
    """Scores items by random vectors, each history by the sum of its items'.

    So it has an opinion of everything, and another one once an item is gone from a history.
    """

    def __init__(self, kit: TargetKit) -> None:
        self._kit = kit
        rng = np.random.default_rng(kit.seed)
        self._vectors = rng.standard_normal((len(kit.catalogue), _WIDTH), dtype=np.float32)

    def fit(
        self,
        training: TrainingHistories,  # noqa: ARG002  # the interface's
        progress: Progress,  # noqa: ARG002
    ) -> FitReport:
        """Learn nothing."""
        return FitReport()

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the products of the vectors of histories and items, ``(B, I)``."""
        return self._sums(histories) @ self._vectors.T

    def save(self, folder: Path) -> None:
        """Write nothing: the seed is all there is."""

    def load(self, folder: Path) -> None:
        """Read nothing."""

    def _sums(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        sums = np.zeros((len(histories), _WIDTH), dtype=np.float32)
        for row, history in enumerate(histories):
            latest = list(history)[-self._kit.max_history :]
            if latest:
                sums[row] = self._vectors[self._kit.catalogue.rows(latest)].sum(axis=0)
        return sums


class LatentStandIn(StandIn, LatentTarget):
    """The same, which also tells its vectors."""

    def user_vectors(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the sum of each history's item vectors, ``(B, 64)``."""
        return self._sums(histories)

    def item_vectors(self) -> FloatArray:
        """Return the random vectors, ``(I, 64)``."""
        return self._vectors
