"""Autoencoders of RecBole: they read a history as a set of items, and any set will do."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from recexplainer.plugins.interfaces import FitReport, FloatArray, LatentTarget
from recexplainer.records import Progress, TrainingHistories
from recexplainer.targets.recbole_data import Interactions
from recexplainer.targets.recbole_target import Arrays, RecBoleTarget, weights_of
from recexplainer.targets.sampling import user_batches
from recexplainer.targets.training import limited_to, seeded, train

__all__ = ["AutoencoderTarget"]

_BATCH = 128


class AutoencoderTarget(RecBoleTarget, LatentTarget):
    """A RecBole autoencoder whose decoder ends in a linear layer.

    That layer makes its scores dot products: a history's vector is what enters it, and an item's
    are its weights and bias.
    """

    _trained: Any = None

    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:
        """Learn to complete each history; stop by NDCG@10 on the validation items.

        Raises:
            DataError: no history has two items, or no user has a validation item.
        """
        histories = self._learned_from(training)
        data = Interactions.of(histories, len(self._kit.catalogue))
        asked = self._encode([training.histories[user] for user in training.validation])
        with seeded(self._kit.seed), limited_to(self._options.threads):
            model = self._untrained(data)
            report = train(
                model,
                lambda: self._losses(model, data),
                lambda: self._ndcg(_products(model, asked), training),
                self._options,
                progress,
            )
        self._trained = model
        return report

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the decoder's outputs, ``(B, I)``."""
        scores: FloatArray = self.user_vectors(histories) @ self.item_vectors().T
        return scores

    def user_vectors(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return what enters the decoder's last layer, and a 1 for its bias, ``(B, d_rec)``.

        Raises:
            UnknownNameError: a history holds an item that is not in the catalogue.
        """
        with limited_to(self._options.threads):
            return _users(self._model, self._encode(histories))

    def item_vectors(self) -> FloatArray:
        """Return weights and bias of the decoder's last layer, ``(I, d_rec)``."""
        return _items(self._model)

    @property
    def _model(self) -> Any:
        if self._trained is None:
            raise self._not_trained()
        return self._trained

    def _losses(self, model: Any, data: Interactions) -> Iterator[Tensor]:
        """Yield RecBole's own loss of each batch of one epoch."""
        for batch in user_batches(data, self._options.batch_size):
            yield model.calculate_loss(batch)

    def _kept(self) -> Arrays:
        return weights_of(self._model)

    def _restore(self, kept: Arrays) -> None:
        with seeded(self._kit.seed):
            model = self._untrained(Interactions.none(len(self._kit.catalogue)))
        model.load_state_dict({name: torch.from_numpy(array) for name, array in kept.items()})
        self._trained = model


def _users(model: Any, histories: Sequence[Sequence[int]]) -> FloatArray:
    """Return the vectors of histories of ids, ``(B, d_rec)``."""
    last, entered = _last_layer(model), []
    watching = last.register_forward_pre_hook(lambda _, given: entered.append(given[0]))
    try:
        with torch.no_grad():
            for start in range(0, len(histories), _BATCH):
                part = histories[start : start + _BATCH]
                taken = torch.zeros(len(part), last.out_features)
                for row, history in zip(taken, part, strict=True):
                    row[list(history)] = 1.0
                model(taken)
    finally:
        watching.remove()
    if not entered:
        return np.empty((0, last.in_features + 1), dtype=np.float32)
    vectors: FloatArray = nn.functional.pad(torch.cat(entered), (0, 1), value=1.0).numpy()
    return vectors


def _products(model: Any, histories: Sequence[Sequence[int]]) -> Callable[[slice], FloatArray]:
    """Return what scores the histories of a slice, ``(B, I)``."""
    users, items = _users(model, histories), _items(model)
    return lambda part: users[part] @ items.T


def _items(model: Any) -> FloatArray:
    last = _last_layer(model)
    vectors: FloatArray = torch.cat([last.weight, last.bias[:, None]], dim=1).detach()[1:].numpy()
    return vectors


def _last_layer(model: Any) -> nn.Linear:
    layers = [module for module in model.decoder.modules() if isinstance(module, nn.Linear)]
    return layers[-1]
