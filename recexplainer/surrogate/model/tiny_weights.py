"""Initial weights of the tiny surrogate: able to copy, and with the target's geometry.

A pretrained language model needs neither. This one has minutes, and would spend most of them on
what can be given to it: that attention passes on what it looks at, and that a user likes an item
as far as their vectors agree (docs/decisions/0002).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from recexplainer.surrogate.model.projector import Projector
from recexplainer.surrogate.model.surrogate_model import SurrogateLM

__all__ = ["start_as_copier", "start_from_vectors", "start_with_ages"]

_COPY_STRENGTH = 2.0
"""How strongly attention starts out saying the tokens it looks at. With a pointer at the question
less than before it, and more than nothing: vectors have no words to point at (decision 0016)."""

_VECTOR_LENGTH = 2.0
"""Mean length of projected vectors, in mean lengths of a random token."""

_UNUSED_SHARE = 0.5
"""Share of its random token that a title keeps in dimensions that the target does not use: enough
to distinguish titles whose items are alike."""


_AGE_LENGTH = 0.5
"""Length of an age, in lengths of a random token."""


def start_as_copier(language_model: Any) -> None:
    """Let every attention layer of a fresh tiny model start by passing on what it looks at.

    Value and output projections begin as a rotation and its inverse, so that attending to a title
    makes that title likelier. Ranking and explaining name titles of the prompt; a pretrained model
    has learned to copy, and this one would spend most of its few minutes on it (the idea is mimetic
    initialization: Trockman and Kolter, ICML 2023).
    """
    with torch.no_grad():
        for layer in language_model.base_model.layers:
            attention = layer.self_attn
            rotation, _ = torch.linalg.qr(torch.randn_like(attention.v_proj.weight))
            attention.v_proj.weight.copy_(rotation * _COPY_STRENGTH**0.5)
            attention.o_proj.weight.copy_(rotation.T * _COPY_STRENGTH**0.5)


def start_with_ages(model: SurrogateLM) -> None:
    """Let ages start as random vectors, half as long as tokens'."""
    with torch.no_grad():
        embedding: Any = model.get_input_embeddings()
        nn.init.normal_(model.age_embedding.weight, 0.0, _AGE_LENGTH * embedding.weight.std())


def start_from_vectors(
    model: SurrogateLM,
    titles: Sequence[Sequence[int]],
    user_vectors: NDArray[Any] | None,
    item_vectors: NDArray[Any],
) -> None:
    """Let a fresh tiny model start with the target's geometry: vectors agree as they do there.

    Both projectors begin as one linear map, apart from a factor, and the first token of each title
    begins at the projected vector of its item. Where the hidden state is a user's vector, the
    logits of titles are then the target's scores, up to a factor. Dimensions that the target does
    not use stay random. When ``d_rec`` is more than half of ``d_llm``, the map keeps the item
    vectors' main directions. Where prompts hold titles alone, only these have a start.

    Args:
        model: fresh, with projectors that know their vectors' mean and deviation.
        titles: tokens of the catalogue's titles, in its order.
        user_vectors: ``(N, d_rec)``; None where no prompt holds vectors.
        item_vectors: ``(I, d_rec)``.
    """
    items = torch.as_tensor(item_vectors, dtype=torch.float32)
    embedding: Any = model.get_input_embeddings().weight
    d_llm = embedding.shape[1]
    directions = torch.linalg.svd(items, full_matrices=False).Vh[: d_llm // 2]  # (k, d_rec)
    frame = torch.linalg.qr(torch.randn(d_llm, len(directions))).Q  # (d_llm, k)
    with torch.no_grad():
        length = _VECTOR_LENGTH * embedding.norm(dim=1).mean()
        item_map = _scaled_to(length, directions, items)
        if user_vectors is None:
            projected = items @ item_map.T @ frame.T
        else:
            users = torch.as_tensor(user_vectors, dtype=torch.float32)
            _start_as_linear(model.user_projector, _scaled_to(length, directions, users), frame)
            _start_as_linear(model.item_projector, item_map, frame)
            projected = model.item_projector(items)
        _place(embedding, frame, _first_tokens(titles), projected)


def _scaled_to(length: Tensor, directions: Tensor, vectors: Tensor) -> Tensor:
    """Return ``directions`` times what makes the mapped ``vectors`` as long as ``length``."""
    mapped = (vectors @ directions.T).norm(dim=1).mean()
    scaled: Tensor = directions * (length / mapped.clamp_min(1e-6))
    return scaled


def _start_as_linear(projector: Projector, directions: Tensor, frame: Tensor) -> None:
    """Make a projector ``frame @ directions @ vector``, exactly: gelu(x) - gelu(-x) = x."""
    k = len(directions)
    inner, outer = projector.inner, projector.outer
    weight, bias = directions * projector.deviation, directions @ projector.mean
    inner.weight[: 2 * k] = torch.cat([weight, -weight])
    inner.bias[: 2 * k] = torch.cat([bias, -bias])
    outer.weight.zero_()
    outer.weight[:, : 2 * k] = torch.cat([frame, -frame], dim=1)
    outer.bias.zero_()


def _first_tokens(titles: Sequence[Sequence[int]]) -> dict[int, list[int]]:
    """Return token to the rows of the items whose titles start with it."""
    rows: dict[int, list[int]] = defaultdict(list)
    for row, ids in enumerate(titles):
        rows[ids[0]].append(row)
    return rows


def _place(embedding: Tensor, frame: Tensor, rows: dict[int, list[int]], projected: Tensor) -> None:
    """Give tokens the mean of their items' ``projected`` vectors within the space of ``frame``."""
    tokens = torch.tensor(list(rows))
    means = torch.stack([projected[of_token].mean(0) for of_token in rows.values()])
    placed = embedding[tokens]
    embedding[tokens] = _UNUSED_SHARE * (placed - placed @ frame @ frame.T) + means
