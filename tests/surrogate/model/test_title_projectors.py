"""Vectors start among the token embeddings of the titles that they belong to."""

from __future__ import annotations

import numpy as np
import torch

from recexplainer.surrogate.model.surrogate_model import SurrogateLM, SurrogateLMConfig
from recexplainer.surrogate.model.title_projectors import start_among_titles

WIDTH, ITEMS, TOKENS = 96, 40, 200


def fresh():
    torch.manual_seed(3)
    language = {
        "model_type": "llama", "vocab_size": TOKENS, "hidden_size": WIDTH,
        "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2,
        "initializer_range": 1.0,
    }  # fmt: skip
    config = SurrogateLMConfig(
        language, user_dim=8, item_dim=8, user_token_id=TOKENS, item_token_id=TOKENS + 1
    )
    return SurrogateLM(config)


def nearest(projected, titles):
    """Return for each item which title's embedding lies nearest, by comparing all pairs."""
    return [int(((title - titles) ** 2).sum(1).argmin()) for title in projected]


def test_an_items_vector_begins_at_its_own_title():
    model, rng = fresh(), np.random.default_rng(0)
    vectors = rng.normal(3.0, 2.0, (ITEMS, 8)).astype(np.float32)
    titles = [rng.integers(0, TOKENS, rng.integers(1, 6)).tolist() for _ in range(ITEMS)]
    embedding = model.get_input_embeddings().weight.detach()
    means = torch.stack([embedding[ids].mean(0) for ids in titles])
    for projector in (model.user_projector, model.item_projector):
        projector.standardize_by(torch.from_numpy(vectors))
    with torch.no_grad():
        before = nearest(model.item_projector(torch.from_numpy(vectors)), means)
        start_among_titles(model, titles, vectors)
        projected = model.item_projector(torch.from_numpy(vectors))
        same = model.user_projector(torch.from_numpy(vectors))
    own = list(range(ITEMS))
    assert sum(a == b for a, b in zip(before, own, strict=True)) < ITEMS / 4
    assert sum(a == b for a, b in zip(nearest(projected, means), own, strict=True)) > ITEMS * 0.8
    assert torch.equal(projected, same)
    assert 0.3 < float(projected.norm(dim=1).mean() / means.norm(dim=1).mean()) < 1.1


def test_a_backbone_in_half_precision_is_taken_as_it_is():
    model = fresh().to(torch.bfloat16)
    vectors = np.random.default_rng(0).normal(size=(ITEMS, 8)).astype(np.float32)
    start_among_titles(model, [[k] for k in range(ITEMS)], vectors)
    assert model.item_projector.outer.weight.dtype == torch.bfloat16
    assert torch.isfinite(model.item_projector.outer.weight).all()
