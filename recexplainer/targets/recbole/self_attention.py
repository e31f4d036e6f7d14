"""SASRec's answer at the end of a history, computed in half the work of RecBole's module.

The module computes every layer at every position of every history. But a position never looks
ahead, so histories that begin alike share all that is computed of their beginning, as a history and
the same without one of its items do; and of the last layer nothing is wanted but its end.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

__all__ = ["history_ends"]

Ids = NDArray[np.int64]


def history_ends(model: Any, ids: Tensor, lengths: Tensor) -> Tensor:
    """Return what ``model(ids, lengths)`` returns, ``(B, d_rec)``, but for rounding.

    Args:
        model: RecBole's SASRec, in evaluation mode.
        ids: ``(B, T)``, left-aligned, 0 is padding.
        lengths: ``(B,)``, at least 1.
    """
    known = ids[:, 0] > 0
    if known.all():
        return _read(model, ids.numpy(), lengths.numpy()) if len(ids) else model(ids, lengths)
    ends: Tensor = model(ids, lengths)  # a history without items attends to the padding
    if known.any():
        ends[known] = history_ends(model, ids[known], lengths[known])
    return ends


def _read(model: Any, ids: Ids, lengths: Ids) -> Tensor:
    order = np.lexsort(ids.T[::-1])  # those that begin alike come one after another
    rows, width = ids[order], ids.shape[1]
    inputs, places = np.unique(rows * width + np.arange(width), return_inverse=True)
    taken, positions = np.divmod(inputs, width)
    hidden = model.LayerNorm(
        model.item_embedding(torch.from_numpy(taken))
        + model.position_embedding(torch.from_numpy(positions))
    )
    first, prefixes = _prefixes(rows)
    *early, last = model.trm_encoder.layer
    for layer in early:
        hidden = _layer(layer, hidden, places, first)
        places = prefixes
    ends = _last_layer(last, hidden, places, lengths[order])
    return torch.empty_like(ends).index_copy_(0, torch.from_numpy(order), ends)


def _prefixes(rows: Ids) -> tuple[Ids, Ids]:
    """Number the distinct beginnings of histories.

    Args:
        rows: ``(B, T)`` sorted ids.

    Returns:
        ``(N,)``, of each beginning the flat place in ``rows`` where it first ends; and ``(B, T)``,
        the number of the beginning that ends at a place. In the padding it means nothing.
    """
    new = rows > 0
    new[1:] &= ~np.logical_and.accumulate(rows[1:] == rows[:-1], axis=1)
    numbers = np.cumsum(new).reshape(new.shape) - 1
    return np.flatnonzero(new), np.maximum.accumulate(np.where(new, numbers, 0), axis=0)


def _layer(layer: Any, hidden: Tensor, places: Ids, wanted: Ids) -> Tensor:
    """Return a layer's outputs, ``(N, d)``, at the flat places that are ``wanted``.

    Args:
        layer: of RecBole's encoder.
        hidden: ``(M, d)``, its distinct inputs.
        places: ``(B, T)``, rows of ``hidden``.
        wanted: ``(N,)``; what they attend to must be real.
    """
    attention, spots = layer.multi_head_attention, torch.from_numpy(places)
    asking = _heads(attention.query(hidden)[spots], attention)
    mixed = scaled_dot_product_attention(
        asking, *_looked_at(attention, hidden, spots), is_causal=True
    )
    mixed = mixed.transpose(1, 2).flatten(2).flatten(0, 1)[torch.from_numpy(wanted)]
    return _mixed_in(layer, mixed, hidden[torch.from_numpy(places.ravel()[wanted])])


def _last_layer(layer: Any, hidden: Tensor, places: Ids, lengths: Ids) -> Tensor:
    """Return a layer's outputs at the ends of histories, ``(B, d)``; arguments as of ``_layer``."""
    attention = layer.multi_head_attention
    ends = hidden[torch.from_numpy(places[np.arange(len(places)), lengths - 1])]
    real = torch.from_numpy(np.arange(places.shape[1]) < lengths[:, None])
    mixed = scaled_dot_product_attention(
        _heads(attention.query(ends)[:, None], attention),
        *_looked_at(attention, hidden, torch.from_numpy(places)),
        attn_mask=real[:, None, None],
    )
    return _mixed_in(layer, mixed.flatten(1), ends)


def _looked_at(attention: Any, hidden: Tensor, spots: Tensor) -> tuple[Tensor, Tensor]:
    """Return keys and values at ``spots`` ``(B, T)``."""
    keys, values = attention.key(hidden)[spots], attention.value(hidden)[spots]
    return _heads(keys, attention), _heads(values, attention)


def _heads(states: Tensor, attention: Any) -> Tensor:
    """Return ``(B, T, d)`` as ``(B, heads, T, d / heads)``."""
    return states.view(*states.shape[:2], attention.num_attention_heads, -1).transpose(1, 2)


def _mixed_in(layer: Any, mixed: Tensor, before: Tensor) -> Tensor:
    """Return what a layer makes of ``before`` and of what its attention has mixed."""
    attention = layer.multi_head_attention
    seen: Tensor = attention.LayerNorm(attention.dense(mixed) + before)
    out: Tensor = layer.feed_forward(seen)
    return out
