"""EASE of Cornac: a history's scores are the sums of its items' weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from recexplainer.errors import StageError
from recexplainer.plugins.interfaces import FitReport, FloatArray, Target, TargetKit
from recexplainer.records import Progress, TrainingHistories
from recx_cornac.histories import HistoryReader
from recx_cornac.options import EaseOptions
from recx_cornac.storing import load_tensors, save_tensors

__all__ = ["EaseTarget"]

NAME: Final = "cornac-ease"


class EaseTarget(Target):
    """Scores by an item-to-item table; there are no vectors.

    Args:
        options: the strength of regularization.
        kit: the items and how much history is read.
    """

    def __init__(self, options: EaseOptions, kit: TargetKit) -> None:
        self._options, self._kit = options, kit
        self._reader = HistoryReader(kit)
        self._learned: FloatArray | None = None

    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:
        """Solve for the table, in closed form.

        Raises:
            DataError: there is no interaction to learn from.
        """
        dataset = self._reader.dataset(training, NAME)
        from cornac.models import EASE  # type: ignore[import-untyped]

        model = EASE(lamb=self._options.regularization, posB=self._options.positive, verbose=False)
        with progress.bar(f"Training {NAME}", 1) as bar:
            model.fit(dataset)
            bar.advance()
        self._learned = np.asarray(model.B, dtype=np.float32)
        return FitReport()

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the sums of the weights of what each history holds, ``(B, I)``.

        Raises:
            UnknownNameError: a history holds an item that is not in the catalogue.
        """
        window = self._reader.window(histories)
        scores: FloatArray = np.asarray(window @ self._weights, dtype=np.float32)
        return scores

    def save(self, folder: Path) -> None:
        """Write the table."""
        save_tensors(folder, {"weights": self._weights}, NAME, self._options, self._kit)

    def load(self, folder: Path) -> None:
        """Read the table back.

        Raises:
            RunFolderError: nothing was saved there, or with other items or options.
        """
        self._learned = load_tensors(folder, NAME, self._options, self._kit)["weights"]

    @property
    def _weights(self) -> FloatArray:
        if self._learned is None:
            raise StageError(f"{NAME} has not been trained: call fit or load first.")
        return self._learned
