"""The one module that touches RecBole 1.2.0: it builds its models and nothing else.

RecBole's ``Config`` reads this program's command line, evaluates strings, sets CUDA variables and
breaks on numpy 2; its data sets round time stamps to 64 seconds and break on pandas 3; its trainer
writes logs and pickles into the working folder. Its models need none of that: they ask a mapping
for settings and a data set for who took what. So they are given just that.
"""

from __future__ import annotations

import logging
import sys
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType
from typing import Any
from unittest import mock

import scipy.sparse as sp
import torch
from torch import Tensor, nn

from recexplainer.errors import UnknownNameError
from recexplainer.targets.recbole.recbole_data import ITEM, LABEL, USER, Interactions
from recexplainer.targets.recbole.recbole_defaults import default_settings

__all__ = ["build_model", "kmeans_stand_in", "tamed", "trains_on_pairs"]

_FIELDS: Mapping[str, Any] = {
    "USER_ID_FIELD": USER,
    "ITEM_ID_FIELD": ITEM,
    "LABEL_FIELD": LABEL,
    "LIST_SUFFIX": "_list",
    "ITEM_LIST_LENGTH_FIELD": "item_length",
    "NEG_PREFIX": "neg_",
    "loss_type": "CE",
    "numerical_features": [],
    "require_pow": False,
    "train_batch_size": 2048,
}
"""What models ask for, by RecBole's names and with its defaults."""

_SHARPNESS = 20.0
"""What DSSM's cosine is multiplied by while it is trained."""


class _Settings(dict[str, Any]):
    """What a model reads as ``config[key]``; as in RecBole, a key that is not set is None."""

    device = torch.device("cpu")

    def __missing__(self, key: str) -> None:
        return None

    def __getattr__(self, key: str) -> Any:
        return self[key]


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


class _Sharpened:
    """Multiplies a cosine while it is trained.

    RecBole takes the cosine itself for the logit: between -1 and 1, so that the model can never be
    sure of anything and learns little.
    """

    training: bool

    def forward(self, interaction: Mapping[str, Tensor]) -> Tensor:
        """Return logits in training, else the cosine, ``(B,)``."""
        cosine: Tensor = super().forward(interaction)  # type: ignore[misc]
        return _SHARPNESS * cosine if self.training else cosine


class _DropoutInTrainingOnly:
    """Turns dropout off while a model is asked.

    NGCF of RecBole 1.2.0 makes a new dropout layer, which is in training mode, in every pass: asked
    twice, it would give two answers.
    """

    training: bool
    _message_dropout: float

    @property
    def message_dropout(self) -> float:
        """Return the share of each propagated layer that the next pass drops."""
        return self._message_dropout if self.training else 0.0

    @message_dropout.setter
    def message_dropout(self, share: float) -> None:
        self._message_dropout = share


_CHANGED: Mapping[str, type] = {
    "SASRec": _EveryPosition,
    "GRU4Rec": _EveryPosition,
    "DSSM": _Sharpened,
    "NGCF": _DropoutInTrainingOnly,
}
"""Models that behave otherwise than RecBole's: NGCF when asked, the others while trained."""


def build_model(name: str, settings: Mapping[str, Any], data: Interactions) -> nn.Module:
    """Return an untrained RecBole model, initialised from torch's current generator.

    Args:
        name: RecBole's name of the model, such as ``SASRec``.
        settings: hyper-parameters by RecBole's names; its defaults hold for the others.
        data: the items, and who took what; sequential models read its numbers only.

    Raises:
        UnknownNameError: RecBole has no general, sequential or context model of that name.
    """
    with tamed():
        models = _models()
        if name not in models:
            raise UnknownNameError("model of RecBole", name, models)
        bases = (_CHANGED[name], models[name]) if name in _CHANGED else (models[name],)
        config = _Settings({**_FIELDS, **default_settings(name), **settings})
        config.update(MAX_ITEM_LIST_LENGTH=data.max_history, device=_Settings.device)
        model: nn.Module = type(name, bases, {})(config, data)
    return model


def trains_on_pairs(model: nn.Module) -> bool:
    """Whether the loss compares an item taken with one that was not (else it labels each)."""
    return str(getattr(model, "input_type", "")).endswith("PAIRWISE")


@contextmanager
def tamed() -> Iterator[None]:
    """Let RecBole 1.2.0 run on today's numpy, scipy and torch, and leave no trace of it."""
    anomaly, level = torch.is_anomaly_enabled(), logging.root.level
    # scipy dropped a private method that graph models call.
    updated = mock.patch.object(
        sp.dok_matrix, "_update", lambda self, new: self._dict.update(new), create=True
    )
    try:
        with warnings.catch_warnings(action="ignore"), updated:
            yield
    finally:
        torch.autograd.set_detect_anomaly(anomaly)
        logging.root.setLevel(level)


@contextmanager
def kmeans_stand_in() -> Iterator[None]:
    """Let RecBole's general models be imported without ``kmeans_pytorch``.

    RecBole 1.2.0 imports it for LDiffRec, which none of our adapters asks, without requiring it.
    Where it is installed, it is used.
    """
    name = "kmeans_pytorch"
    try:
        import_module(name)
    except ModuleNotFoundError:
        stand_in = ModuleType(name)
        stand_in.kmeans = None  # type: ignore[attr-defined]  # all that RecBole takes from it
        sys.modules[name] = stand_in
        try:
            yield
        finally:
            del sys.modules[name]
    else:
        yield


def _models() -> dict[str, type[nn.Module]]:
    """Return RecBole's models by name; importing them turns on anomaly detection."""
    base = import_module("recbole.model.abstract_recommender").AbstractRecommender
    found: dict[str, type[nn.Module]] = {}
    for kind in ("general", "sequential", "context_aware"):
        with kmeans_stand_in():
            module = import_module(f"recbole.model.{kind}_recommender")
        found |= {
            name: value
            for name, value in vars(module).items()
            if isinstance(value, type) and issubclass(value, base)
        }
    return found
