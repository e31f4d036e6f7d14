"""Autoencoders of RecBole, which read a history as a set of items."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from recexplainer.plugins.interfaces import FloatArray
from recexplainer.targets.recbole.dot_product import ASKED_AT_ONCE, DotProductTarget
from recexplainer.targets.recbole.negative_samples import user_batches
from recexplainer.targets.recbole.recbole_data import Interactions

__all__ = ["AutoencoderTarget"]


class AutoencoderTarget(DotProductTarget):
    """A RecBole autoencoder whose decoder ends in a linear layer.

    That layer makes its scores dot products: a history's vector is what enters it and a 1, and an
    item's are its weights and bias.
    """

    def _data(self, histories: Sequence[Sequence[int]]) -> Interactions:
        return Interactions.of(histories, len(self._kit.catalogue))

    def _epoch(
        self,
        model: Any,
        histories: Sequence[Sequence[int]],  # noqa: ARG002  # they are in the data
        data: Interactions,
    ) -> Callable[[], Iterator[Tensor]]:
        """Return what yields RecBole's own loss of each batch of users."""
        size = self._options.batch_size
        return lambda: (model.calculate_loss(batch) for batch in user_batches(data, size))

    def _read(
        self,
        model: Any,
        histories: Sequence[Sequence[int]],
        at_once: int = 1,  # noqa: ARG002  # what is watched would come in any order
    ) -> FloatArray:
        last, entered = _last_layer(model), []
        watching = last.register_forward_pre_hook(lambda _, given: entered.append(given[0]))
        try:
            with torch.no_grad():
                for start in range(0, len(histories), ASKED_AT_ONCE):
                    part = histories[start : start + ASKED_AT_ONCE]
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

    def _items(self, model: Any) -> FloatArray:
        last = _last_layer(model)
        rows = torch.cat([last.weight, last.bias[:, None]], dim=1)
        vectors: FloatArray = rows.detach()[1:].numpy()
        return vectors


def _last_layer(model: Any) -> nn.Linear:
    layers = [module for module in model.decoder.modules() if isinstance(module, nn.Linear)]
    return layers[-1]
