"""Models of RecBole that read any history and score by a dot product with the item."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn

from recexplainer.plugins.interfaces import FitReport, FloatArray, LatentTarget
from recexplainer.records import Progress, TrainingHistories
from recexplainer.targets.recbole.epochs import limited_to, seeded, train
from recexplainer.targets.recbole.recbole_data import Interactions
from recexplainer.targets.recbole.recbole_target import Arrays, RecBoleTarget, weights_of

__all__ = ["ASKED_AT_ONCE", "DotProductTarget"]

ASKED_AT_ONCE = 128
"""Histories that a model reads at once: small batches stay in the processor's cache."""


class DotProductTarget(RecBoleTarget, LatentTarget):
    """Trains a model and asks it; a subclass says what it learns from and where its vectors are."""

    _trained: nn.Module | None = None

    @abstractmethod
    def _data(self, histories: Sequence[Sequence[int]]) -> Interactions:
        """Return what the model is built from; there are no histories where it is restored."""

    @abstractmethod
    def _epoch(
        self, model: nn.Module, histories: Sequence[Sequence[int]], data: Interactions
    ) -> Callable[[], Iterator[Tensor]]:
        """Return what yields the losses of one epoch, each time that it is called."""

    @abstractmethod
    def _read(
        self, model: nn.Module, histories: Sequence[Sequence[int]], at_once: int = 1
    ) -> FloatArray:
        """Return what ``model`` makes of each history of ids, ``(B, d_rec)``.

        Args:
            model: in evaluation mode.
            histories: ids from 1.
            at_once: batches that may be read side by side.
        """

    @abstractmethod
    def _items(self, model: nn.Module) -> FloatArray:
        """Return the vectors of all items, ``(I, d_rec)``."""

    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:
        """Learn from the histories; stop by NDCG@10 on the validation items.

        Raises:
            DataError: no history has two items, or no user has a validation item.
        """
        histories = self._learned_from(training)
        data = self._data(histories)
        asked = self._encode([training.histories[user] for user in training.validation])
        with seeded(self._kit.seed), limited_to(self._options.threads):
            model = self._untrained(data)

            def ndcg() -> float:
                users, items = self._read(model, asked), self._items(model)
                return self._ndcg(lambda part: users[part] @ items.T, training)

            losses = self._epoch(model, histories, data)
            report = train(model, losses, ndcg, self._options, progress)
        self._trained = model
        return report

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the dot products of user and item vectors, ``(B, I)``."""
        scores: FloatArray = self.user_vectors(histories) @ self._items(self._model).T
        return scores

    def user_vectors(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return what the model makes of each history, ``(B, d_rec)``.

        Raises:
            UnknownNameError: a history holds an item that is not in the catalogue.
        """
        at_once = torch.get_num_threads()
        with limited_to(self._options.threads):
            return self._read(self._model, self._encode(histories), at_once)

    def item_vectors(self) -> FloatArray:
        """Return the vectors of all items, with their bias where there is one, ``(I, d_rec)``."""
        return self._items(self._model).copy()

    @property
    def _model(self) -> nn.Module:
        if self._trained is None:
            raise self._not_trained()
        return self._trained

    def _kept(self) -> Arrays:
        return weights_of(self._model)

    def _restore(self, kept: Arrays) -> None:
        with seeded(self._kit.seed):
            model = self._untrained(self._data([]))
        model.load_state_dict({name: torch.from_numpy(array) for name, array in kept.items()})
        self._trained = model
