"""Popularity, the smallest target there is: start here for your own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from recexplainer.errors import RunFolderError
from recexplainer.plugins.interfaces import FitReport, FloatArray, Target, TargetKit
from recexplainer.records import Progress, TrainingHistories
from recexplainer.runs.artifacts import read_json, write_json

__all__ = ["Popularity"]

_FILE = "popularity.json"


class Popularity(Target):
    """Scores an item by how often it occurs in the training histories."""

    def __init__(self, kit: TargetKit) -> None:
        self._items = kit.catalogue
        self._counts = np.zeros(len(kit.catalogue), dtype=np.float32)

    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:
        """Count the interactions of each item."""
        counts = Counter(chain.from_iterable(training.histories.values()))
        self._counts = np.array([counts[item] for item in self._items.ids], dtype=np.float32)
        progress.note(f"popularity: counted {counts.total()} interactions")
        return FitReport()

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the same counts for every history, ``(B, I)``."""
        return np.tile(self._counts, (len(histories), 1))

    def save(self, folder: Path) -> None:
        """Write the counts by item id."""
        counts = dict(zip(self._items.ids, self._counts.tolist(), strict=True))
        write_json(folder / _FILE, counts)

    def load(self, folder: Path) -> None:
        """Read the counts back.

        Raises:
            RunFolderError: nothing was saved there, or for other items.
        """
        counts = read_json(folder / _FILE)
        if counts.keys() != set(self._items.ids):
            raise RunFolderError(f"{folder / _FILE} is for other items; fit the target again.")
        self._counts = np.array([counts[item] for item in self._items.ids], dtype=np.float32)
