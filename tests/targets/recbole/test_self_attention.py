"""SASRec read with shared beginnings answers as RecBole's own module does."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recexplainer.targets.recbole.epochs import seeded
from recexplainer.targets.recbole.padded_windows import pack
from recexplainer.targets.recbole.recbole_data import Interactions
from recexplainer.targets.recbole.recbole_shim import build_model
from recexplainer.targets.recbole.self_attention import history_ends

WIDTH = 7


def sasrec(**settings):
    with seeded(3):
        model = build_model("SASRec", settings, Interactions.none(30, max_history=WIDTH)).eval()
        for weight in model.parameters():
            if weight.ndim == 2:  # as small as they start, it would look at nothing
                torch.nn.init.normal_(weight, std=0.3)
    return model


def histories(count):
    rng = np.random.default_rng(5)
    return [rng.integers(1, 31, rng.integers(1, WIDTH + 1)).tolist() for _ in range(count)]


def with_removals(history):
    return [history, *(history[:k] + history[k + 1 :] for k in range(len(history)))]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"n_layers": 1, "n_heads": 4},
        {"n_layers": 3, "n_heads": 1, "hidden_act": "relu", "layer_norm_eps": 1e-3},
    ],
)
def test_removals_are_answered_as_by_recbole(settings):
    model = sasrec(**settings)
    asked = [left for history in histories(20) for left in with_removals(history)]
    assert [] in asked
    ids, lengths = pack(asked, WIDTH)
    with torch.no_grad():
        theirs, ours = model(ids, lengths), history_ends(model, ids, lengths)
    torch.testing.assert_close(ours, theirs, atol=2e-5, rtol=0)
    assert theirs.std(dim=0).min() > 0.1  # they differ by far more than that


@pytest.mark.parametrize("layers", [1, 2, 3])
def test_all_removals_of_one_history_are_answered_as_by_recbole(layers):
    model, history = sasrec(n_layers=layers, n_heads=4), [3, 9, 3, 27, 14, 8, 21]
    kept = [[x for k, x in enumerate(history) if bits >> k & 1] for bits in range(2**7)]
    ids, lengths = pack(kept, WIDTH)
    with torch.no_grad():
        theirs, ours = model(ids, lengths), history_ends(model, ids, lengths)
    torch.testing.assert_close(ours, theirs, atol=2e-5, rtol=0)
    assert theirs.std(dim=0).min() > 0.1


@pytest.mark.parametrize("asked", [[[]], [[4]], [[4], [4]], [[1, 2, 3], [1, 2], [1, 2, 3, 3]]])
def test_few_histories_are_answered_as_by_recbole(asked):
    model = sasrec()
    ids, lengths = pack(asked, WIDTH)
    with torch.no_grad():
        theirs, ours = model(ids, lengths), history_ends(model, ids, lengths)
    torch.testing.assert_close(ours, theirs, atol=2e-5, rtol=0)


def test_a_beginning_is_computed_once():
    model = sasrec(n_layers=2)
    computed = []
    first = model.trm_encoder.layer[0].feed_forward
    first.register_forward_hook(lambda _, given, __: computed.append(len(given[0])))
    ids, lengths = pack(with_removals([5, 6, 7, 8]), WIDTH)
    with torch.no_grad():
        history_ends(model, ids, lengths)
    # 5 6 7 8 and its beginnings are four; then 5 6 8, 5 7, 5 7 8, and three from 6 on.
    assert computed == [4 + 1 + 2 + 3]
