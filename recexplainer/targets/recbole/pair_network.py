"""Models of RecBole in which a network scores each pair: they have no vector to compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn
from torch.func import functional_call

from recexplainer.plugins.interfaces import FloatArray
from recexplainer.targets.fold_in.learned_fold_in import FoldIn
from recexplainer.targets.recbole.epochs import limited_to, seeded
from recexplainer.targets.recbole.folded_in import FoldedInTarget
from recexplainer.targets.recbole.recbole_data import ITEM, USER, Interactions
from recexplainer.targets.recbole.recbole_target import Arrays, weights_of

__all__ = ["NetworkTarget"]

_PAIRS = 1 << 14
"""Pairs that the network scores at once."""
_KEPT_USERS = 8
"""Rows for users in a model that is kept; histories are put there, a few at a time."""


class _Table(NamedTuple):
    """Where an embedding of users or items lies: a parameter, and its rows of either."""

    name: str
    users: slice | None
    items: slice | None


class NetworkTarget(FoldedInTarget):
    """A RecBole model that is asked with embeddings of users that were folded in.

    The model that is kept has a few rows for users only; what it learned of its users is dropped.
    """

    _network: nn.Module | None = None

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the network's logits, ``(B, I)``.

        Raises:
            UnknownNameError: a history holds an item that is not in the catalogue.
        """
        users = self._folded(histories)
        if self._network is None:
            raise self._not_trained()
        with limited_to(self._options.threads):
            return self._scores_of(self._network, users)

    def _numbers(self, model: nn.Module) -> tuple[FloatArray, FloatArray]:
        tables = list(_tables(model))
        users = [_rows(model, table.name)[table.users] for table in tables if table.users]
        items = [_rows(model, table.name)[table.items] for table in tables if table.items]
        return np.hstack(users), np.hstack(items)

    def _scores_of(self, model: nn.Module, users: FloatArray) -> FloatArray:
        items = len(self._kit.catalogue)
        scores = np.empty((len(users), items), dtype=np.float32)
        room = next(table.users for table in _tables(model) if table.users)
        step = min(max(1, _PAIRS // items), room.stop - room.start)
        with torch.no_grad():
            for start in range(0, len(users), step):
                some = torch.from_numpy(users[start : start + step])
                scores[start : start + step] = _logits(model, some, items)
        return scores

    def _keep(self, model: nn.Module) -> None:
        self._network = self._with_room(weights_of(model))

    def _kept(self) -> Arrays:
        if self._network is None:
            raise self._not_trained()
        network = {f"network.{name}": array for name, array in weights_of(self._network).items()}
        return {**network, "items": self._learned.items, "fold_in": self._learned.weights}

    def _restore(self, kept: Arrays) -> None:
        network = {
            name.removeprefix("network."): array
            for name, array in kept.items()
            if name.startswith("network.")
        }
        self._fold_in = FoldIn(kept["items"], kept["fold_in"])
        self._network = self._with_room(network)

    def _with_room(self, weights: Arrays) -> nn.Module:
        """Return the model with ``weights``, but few users of its own."""
        with seeded(self._kit.seed):
            model = self._untrained(Interactions.none(len(self._kit.catalogue), users=_KEPT_USERS))
        shapes = {name: value.shape for name, value in model.state_dict().items()}
        state = {}
        for name, array in weights.items():
            surplus = len(array) - shapes[name][0] if array.ndim else 0
            # Users come first in every table that has any; item rows keep their place at the end.
            state[name] = torch.from_numpy(array[surplus:] if surplus else array)
        model.load_state_dict(state)
        return model


def _tables(model: nn.Module) -> Iterator[_Table]:
    """Yield the embeddings of users and items; general models have one each, others share one."""
    users, items = _counts(model)
    for name, module in model.named_modules():
        if not isinstance(module, nn.Embedding):
            continue
        parameter = f"{name}.weight"
        if name.startswith("user"):
            yield _Table(parameter, slice(1, users), None)
        elif name.startswith("item"):
            yield _Table(parameter, None, slice(1, items))
        elif module.num_embeddings == users + items:
            yield _Table(parameter, slice(1, users), slice(users + 1, users + items))


def _counts(model: Any) -> tuple[int, int]:
    """Return how many ids of users and items ``model`` has, padding included."""
    if hasattr(model, "token_field_dims"):
        users, items = model.token_field_dims
        return users, items
    return model.n_users, model.n_items


def _rows(model: nn.Module, name: str) -> FloatArray:
    rows: FloatArray = model.get_parameter(name).detach().numpy()
    return rows


def _logits(model: nn.Module, users: Tensor, items: int) -> FloatArray:
    """Return ``(B, I)`` for a few users ``(B, p)``, put in the place of the model's own."""
    replaced: dict[str, Tensor] = {}
    column = 0
    for table in _tables(model):
        if table.users is None:
            continue
        rows = model.get_parameter(table.name).detach().clone()
        width = rows.shape[1]
        rows[1 : 1 + len(users)] = users[:, column : column + width]
        replaced[table.name], column = rows, column + width
    user_ids = torch.arange(1, len(users) + 1).repeat_interleave(items)
    item_ids = torch.arange(1, items + 1).repeat(len(users))
    pairs: Mapping[str, Tensor] = {USER: user_ids, ITEM: item_ids}
    asked = (pairs,) if hasattr(model, "token_field_dims") else (user_ids, item_ids)
    logits: Tensor = functional_call(model, replaced, asked)
    answer: FloatArray = logits.reshape(len(users), items).numpy()
    return answer
