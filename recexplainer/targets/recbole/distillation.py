"""Distillation: a sequential model of RecBole that learns another recommender's scores.

It never sees what users did next: its only teacher is the recommender (Hinton et al., 2015). How
closely it can follow is an upper mark for whoever has to learn the same from answers in words.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn.functional import kl_div, mse_loss

from recexplainer.plugins.interfaces import FitReport, FloatArray, TargetKit
from recexplainer.records import Progress
from recexplainer.targets.recbole.epochs import limited_to, seeded, train
from recexplainer.targets.recbole.families import FAMILIES, SasRecOptions
from recexplainer.targets.recbole.padded_windows import pack
from recexplainer.targets.recbole.recbole_target import DESCRIPTION
from recexplainer.targets.recbole.sequential import SequentialTarget

__all__ = ["DistilledModel", "Taught", "distilled_sasrec", "is_saved", "standardized"]

_SOFTNESS = 0.5
"""Temperature, in standard deviations of a history's scores."""
_PER_WINDOW = 4
"""Histories in place of one window, of which a model learns from every position at once."""
_SCORES_PER_EPOCH = 2**24
"""Bounds the time of an epoch."""


@dataclass(frozen=True)
class Taught:
    """What the teacher answered.

    Attributes:
        histories: N histories of item ids, oldest first.
        scores: ``(N, I)``, the teacher's scores of all items, ``standardized``.
    """

    histories: Sequence[Sequence[str]]
    scores: NDArray[np.float16]


class DistilledModel(SequentialTarget):
    """A sequential model that is taught by a recommender in place of interactions."""

    def learn(self, taught: Taught, checked: Taught, progress: Progress) -> FitReport:
        """Learn the teacher's scores; stop by how close the model comes on ``checked``.

        Scores are learned in standard deviations around their mean: all of them by least squares,
        so that the whole order is learned, and their softened distribution by its divergence, so
        that its beginning is learned best.

        Args:
            taught: what is learned; an epoch takes some of it, drawn anew.
            checked: answers about other users, which training is stopped by.
            progress: told of every epoch.
        """
        with seeded(self._kit.seed), limited_to(self._options.threads):
            model = self._untrained(self._data([]))
            ids, lengths = pack(self._encode(taught.histories), self._kit.max_history)
            asked, known = self._encode(checked.histories), _teacher(checked, slice(None))
            size = _PER_WINDOW * self._options.batch_size
            count = min(len(ids), max(size, _SCORES_PER_EPOCH // taught.scores.shape[1]))

            def losses() -> Iterator[Tensor]:
                drawn = torch.randperm(len(ids))[:count]
                for start in range(0, count, size):
                    rows = drawn[start : start + size]
                    scores = _end_scores(model, ids[rows], lengths[rows])
                    yield _distance(scores, _teacher(taught, rows.numpy()))

            def closeness() -> float:
                scores = torch.from_numpy(self._read(model, asked) @ self._items(model).T)
                return math.exp(-float(_distance(scores, known)))

            report = train(model, losses, closeness, self._options, progress, measure="closeness")
        self._trained = model
        return report


def distilled_sasrec(options: SasRecOptions, kit: TargetKit) -> DistilledModel:
    """Return an untrained SASRec of the size that ``options`` say."""
    return DistilledModel(FAMILIES["sasrec"], options.hyper_parameters, options, kit)


def is_saved(folder: Path) -> bool:
    """Return whether a model was saved into ``folder`` to the end."""
    return (folder / DESCRIPTION).is_file()


def standardized(scores: FloatArray) -> NDArray[np.float16]:
    """Return scores ``(B, I)`` in standard deviations around each row's mean; 0 where all equal."""
    centered = scores - scores.mean(axis=1, keepdims=True)
    spread = centered.std(axis=1, keepdims=True)
    result: NDArray[np.float16] = (centered / np.where(spread > 0, spread, 1)).astype(np.float16)
    return result


def _teacher(taught: Taught, rows: NDArray[np.int64] | slice) -> Tensor:
    return torch.from_numpy(taught.scores[rows]).float()


def _end_scores(model: nn.Module, ids: Tensor, lengths: Tensor) -> Tensor:
    """Return the scores of a model that is being trained, ``(B, I)``, at the ends of histories."""
    outputs = model(ids, lengths)  # at every position
    ends = outputs[torch.arange(len(ids)), lengths - 1]
    scores: Tensor = ends @ model.get_parameter("item_embedding.weight")[1:].T
    return scores


def _distance(scores: Tensor, teacher: Tensor) -> Tensor:
    """Return how far scores ``(B, I)`` are from the teacher's; 0 is none."""
    said = (scores / _SOFTNESS).log_softmax(dim=1)
    wanted = (teacher / _SOFTNESS).log_softmax(dim=1)
    divergence = kl_div(said, wanted, reduction="batchmean", log_target=True)
    return divergence + mse_loss(scores, teacher)
