"""Projectors of a pretrained backbone that start among its own token embeddings.

A random projector puts vectors where the language model has never seen anything. Here an item's
vector starts as near as it can come to the mean embedding of its title's tokens: the output layer
is fitted to them by ridge regression, over the input layer's random features. A user's vector goes
the same way, since targets compare users with items by their vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from recexplainer.surrogate.model.projector import Projector
from recexplainer.surrogate.model.surrogate_model import SurrogateLM

__all__ = ["start_among_titles"]

_RIDGE = 1e-2
"""Of the features' mean square, so that few items with many features are not learned by heart."""


def start_among_titles(
    model: SurrogateLM, titles: Sequence[Sequence[int]], item_vectors: NDArray[Any]
) -> None:
    """Fit both projectors of a fresh surrogate to its embeddings of the titles.

    Args:
        model: with projectors that know their vectors' mean and deviation.
        titles: tokens of the catalogue's titles, in its order, ``I`` of them.
        item_vectors: ``(I, d_rec)``.
    """
    embedding = model.get_input_embeddings()
    vectors = torch.as_tensor(item_vectors, dtype=torch.float32)
    with torch.no_grad():
        wanted = torch.stack([embedding(torch.tensor(ids)).float().mean(0) for ids in titles])
        _fit(model.item_projector, vectors, wanted)
        for layer in ("inner", "outer"):
            learned = getattr(model.item_projector, layer).state_dict()
            getattr(model.user_projector, layer).load_state_dict(learned)


def _fit(projector: Projector, vectors: Tensor, wanted: Tensor) -> None:
    """Set the output layer to the ridge regression of ``wanted`` ``(I, d_llm)``."""
    inner, outer = projector.inner, projector.outer
    standard = (vectors - projector.mean.float()) / projector.deviation.float()
    features = functional.gelu(
        functional.linear(standard, inner.weight.float(), inner.bias.float())
    )
    middle, center = features.mean(0), wanted.mean(0)
    features = features - middle
    ridge = _RIDGE * features.pow(2).mean() * len(features)
    gram = features.T @ features + ridge * torch.eye(features.shape[1])
    weight = torch.linalg.solve(gram, features.T @ (wanted - center)).T
    outer.weight.copy_(weight)
    outer.bias.copy_(center - weight @ middle)
