"""The one place that touches RecBole 1.2.1: builds its sequential models and nothing else of it.

RecBole's ``Config`` reads this program's command line, evaluates strings, sets CUDA variables and
breaks on numpy 2; its data sets round time stamps to 64 seconds and break on pandas 3; its trainer
writes logs and pickles into the working folder. Its models need none of that: they ask a mapping
for settings and a data set for the number of items. So they are given just that.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import torch
from torch import Tensor, nn

from recexplainer.errors import UnknownNameError

__all__ = ["build_model"]

_FIELDS = {
    "USER_ID_FIELD": "user_id",
    "ITEM_ID_FIELD": "item_id",
    "LIST_SUFFIX": "_list",
    "ITEM_LIST_LENGTH_FIELD": "item_length",
    "NEG_PREFIX": "neg_",
    "loss_type": "CE",
}
"""What every sequential model asks for, by RecBole's names and with its defaults."""


class _Settings(dict[str, Any]):
    """What a model reads as ``config[key]``; as in RecBole, a key that is not set is None."""

    def __missing__(self, key: str) -> None:
        return None


class _ItemCount:
    """What an id-only sequential model reads of a data set: how many ids there are."""

    def __init__(self, count: int) -> None:
        self._count = count

    def num(self, field: str) -> int:
        """Return the number of ids, padding included; only items have any."""
        if field != _FIELDS["ITEM_ID_FIELD"]:
            raise KeyError(field)
        return self._count


class _EveryPosition:
    """Lets a RecBole model return its output at every position while it is trained.

    RecBole trains on one sample per prefix and reads one of T outputs; reading them all gives the
    same examples for a T-th of the work. When asked for scores, the model is RecBole's own.
    """

    training: bool

    def gather_indexes(self, output: Tensor, gather_index: Tensor) -> Tensor:
        """Return ``(B, T, d_rec)`` in training, else one position of it, ``(B, d_rec)``."""
        if self.training:
            return output
        picked: Tensor = super().gather_indexes(output, gather_index)  # type: ignore[misc]
        return picked


def build_model(
    name: str, settings: Mapping[str, Any], *, items: int, max_history: int
) -> nn.Module:
    """Return an untrained RecBole sequential model, initialised from torch's current generator.

    Args:
        name: RecBole's name of the model, such as ``SASRec``.
        settings: its hyper-parameters, by RecBole's names.
        items: size of the catalogue; the model's id 0 is padding and id ``k + 1`` is row ``k``.
        max_history: length of the histories it reads.

    Raises:
        UnknownNameError: RecBole has no sequential model of that name.
    """
    models = _sequential_models()
    if name not in models:
        raise UnknownNameError("sequential model of RecBole", name, models)
    model_class = type(name, (_EveryPosition, models[name]), {})
    config = _Settings(_FIELDS, **settings)
    config.update(MAX_ITEM_LIST_LENGTH=max_history, device=torch.device("cpu"))
    model: nn.Module = model_class(config, _ItemCount(items + 1))
    return model


def _sequential_models() -> dict[str, type]:
    """Import RecBole's sequential models; one of them turns on anomaly detection process-wide."""
    anomaly = torch.is_anomaly_enabled()
    try:
        module = import_module("recbole.model.sequential_recommender")
    finally:
        torch.autograd.set_detect_anomaly(anomaly)
    base = import_module("recbole.model.abstract_recommender").SequentialRecommender
    return {
        name: value
        for name, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, base)
    }
