"""Models of RecBole that know users by id only; a history stands in for a user."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from torch import Tensor, nn

from recexplainer.plugins.interfaces import FitReport, FloatArray
from recexplainer.records import Progress, TrainingHistories
from recexplainer.targets.fold_in.learned_fold_in import FoldIn, agreement, learn_fold_in
from recexplainer.targets.recbole.epochs import limited_to, seeded, train
from recexplainer.targets.recbole.families import ModelOptions
from recexplainer.targets.recbole.negative_samples import pair_batches
from recexplainer.targets.recbole.recbole_data import Interactions
from recexplainer.targets.recbole.recbole_shim import trains_on_pairs
from recexplainer.targets.recbole.recbole_target import RecBoleTarget

__all__ = ["FoldedInTarget"]

_COMPARED = 500
"""Users, drawn evenly, on whom folding in is compared with what was trained."""


class FoldedInTarget(RecBoleTarget):
    """Trains on pairs of users and items, then learns a map from histories to users."""

    _options: ModelOptions
    _fold_in: FoldIn | None = None

    @abstractmethod
    def _numbers(self, model: nn.Module) -> tuple[FloatArray, FloatArray]:
        """Return all that ``model`` learned of each user ``(U, p)`` and of each item ``(I, d)``."""

    @abstractmethod
    def _scores_of(self, model: nn.Module, users: FloatArray) -> FloatArray:
        """Return ``(B, I)`` for users ``(B, p)``, whether they were learned or folded in."""

    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:
        """Train, stopping by NDCG@10 of the users' own numbers, then learn the map to them.

        Raises:
            DataError: no history has two items, or no user has a validation item.
        """
        data = Interactions.of(self._learned_from(training), len(self._kit.catalogue))
        row = {user: place for place, user in enumerate(training.histories)}
        validated = [row[user] for user in training.validation]
        with seeded(self._kit.seed), limited_to(self._options.threads):
            model = self._untrained(data)

            def ndcg() -> float:
                users = self._numbers(model)[0][validated]
                return self._ndcg(lambda part: self._scores_of(model, users[part]), training)

            report = train(model, lambda: self._losses(model, data), ndcg, self._options, progress)
            found = self._learn_map(model, training)
        self._keep(model)
        progress.note(
            f"{self._family.model} knows users by id; histories fold in with cosine "
            f"{found['fold_in_cosine']:.2f} to the users' own, and "
            f"{found['fold_in_overlap@10']:.0%} of their top 10"
        )
        return replace(report, validation={**report.validation, **found})

    def _keep(self, model: nn.Module) -> None:
        """Keep what else of ``model`` is needed to answer."""

    def _losses(self, model: nn.Module, data: Interactions) -> Iterator[Tensor]:
        """Yield RecBole's own loss of each batch of one epoch."""
        size, negatives = self._options.batch_size, self._options.negatives
        for batch in pair_batches(data, size, negatives, compared=trains_on_pairs(model)):
            loss = model.calculate_loss(batch)  # type: ignore[operator]
            yield loss if isinstance(loss, Tensor) else sum(loss)

    def _learn_map(self, model: nn.Module, training: TrainingHistories) -> dict[str, float]:
        """Learn the map, and return how close it comes to users that it was not learned from."""
        users, items = self._numbers(model)
        seen = [self._kit.catalogue.rows(history) for history in training.histories.values()]
        asked = [rows[-self._kit.max_history :] for rows in seen]
        self._fold_in, folded = learn_fold_in(items, users, asked, self._kit.seed)
        drawn = np.random.default_rng(self._kit.seed).permutation(len(users))[:_COMPARED]
        found = agreement(
            users[drawn],
            folded[drawn],
            lambda some: self._scores_of(model, some),
            [seen[user] for user in drawn],
        )
        return {"fold_in_cosine": found.cosine, "fold_in_overlap@10": found.overlap}

    def _folded(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return what stands for the user of each history, ``(B, p)``."""
        rows = [[item - 1 for item in history] for history in self._encode(histories)]
        return self._learned.users(rows)

    @property
    def _learned(self) -> FoldIn:
        if self._fold_in is None:
            raise self._not_trained()
        return self._fold_in
