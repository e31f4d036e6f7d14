"""Models of RecBole with a vector per user and per item, for histories that no user had."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import normalize

from recexplainer.plugins.interfaces import FloatArray, LatentTarget
from recexplainer.targets.fold_in.learned_fold_in import FoldIn
from recexplainer.targets.recbole.folded_in import FoldedInTarget
from recexplainer.targets.recbole.recbole_shim import tamed
from recexplainer.targets.recbole.recbole_target import Arrays

__all__ = ["TwoTowerTarget"]


class TwoTowerTarget(FoldedInTarget, LatentTarget):
    """A RecBole model that scores by the dot product of a user's and an item's vector.

    What is kept of the model are its item vectors and the map: the users it was trained on are in
    neither.
    """

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the dot products of user and item vectors, ``(B, I)``."""
        scores: FloatArray = self.user_vectors(histories) @ self._learned.items.T
        return scores

    def user_vectors(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the vector that each history folds into, ``(B, d_rec)``.

        Raises:
            UnknownNameError: a history holds an item that is not in the catalogue.
        """
        return self._folded(histories)

    def item_vectors(self) -> FloatArray:
        """Return the model's vectors of items, ``(I, d_rec)``."""
        return self._learned.items.copy()

    def _numbers(self, model: nn.Module) -> tuple[FloatArray, FloatArray]:
        read = _READ.get(type(model).__name__, _embeddings)
        with torch.no_grad(), tamed():
            users, items = read(model)
        return users.detach()[1:].numpy().copy(), items.detach()[1:].numpy().copy()

    def _scores_of(self, model: nn.Module, users: FloatArray) -> FloatArray:
        scores: FloatArray = users @ self._numbers(model)[1].T
        return scores

    def _kept(self) -> Arrays:
        return {"items": self._learned.items, "fold_in": self._learned.weights}

    def _restore(self, kept: Arrays) -> None:
        self._fold_in = FoldIn(kept["items"], kept["fold_in"])


def _embeddings(model: Any) -> tuple[Tensor, Tensor]:
    return model.user_embedding.weight, model.item_embedding.weight


def _propagated(model: Any) -> tuple[Tensor, Tensor]:
    """Return what a graph model makes of all users and items at once."""
    users, items = model()
    return users, items


def _propagated_on_graph(model: Any) -> tuple[Tensor, Tensor]:
    users, items = model(model.train_graph)
    return users, items


def _towers(model: Any) -> tuple[Tensor, Tensor]:
    """Return DSSM's two towers at length 1: their dot product is its cosine."""
    table, users = model.token_embedding_table.embedding.weight, model.token_field_dims[0]
    return (
        normalize(model.user_mlp_layers(table[:users]), dim=1),
        normalize(model.item_mlp_layers(table[users:]), dim=1),
    )


_READ: Mapping[str, Callable[[Any], tuple[Tensor, Tensor]]] = {
    "LightGCN": _propagated,
    "NGCF": _propagated,
    "SpectralCF": _propagated,
    "SGL": _propagated_on_graph,
    "DSSM": _towers,
}
"""How the vectors of users and items are had from models where they are not the embeddings."""
