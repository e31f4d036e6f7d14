"""Soft labels: the loss is the cross-entropy with shares of several tokens, summed by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from recexplainer.records import Rendered, RenderedTurn
from recexplainer.surrogate.corpus.batches import EncodedCorpus
from recexplainer.surrogate.corpus.collator import Collator
from recexplainer.surrogate.model import loss
from recexplainer.surrogate.model.surrogate_model import IGNORED

VOCABULARY, WIDTH = 30, 6
LABELLED = torch.tensor([[0, 1, 1, 0], [1, 0, 1, 1], [0, 0, 0, 1]], dtype=torch.bool)
FIRST = (0, 2, 5)
"""Which of the six labelled positions begin a row's answer."""


@pytest.fixture
def world():
    torch.manual_seed(4)
    read = torch.randn(6, WIDTH, requires_grad=True)
    matrix = torch.randn(VOCABULARY, WIDTH, requires_grad=True)
    liked = torch.tensor([[3, 7, 9], [0, 0, 0], [5, 5, 2]])
    shares = torch.tensor([[0.5, 0.3, 0.2], [0.0, 0.0, 0.0], [0.25, 0.15, 0.6]])
    pointed = (torch.randint(0, VOCABULARY, (6, 4)), torch.randn(6, 4, requires_grad=True))
    return read, matrix, torch.randint(0, VOCABULARY, (6,)), (liked, shares), pointed


def by_hand(read, matrix, targets, soft, pointed):
    """One position after another, each label a distribution over the whole vocabulary."""
    total = torch.zeros(())
    for position in range(6):
        logits = matrix @ read[position]
        for token, score in zip(*(part[position] for part in pointed), strict=True):
            logits = logits + functional.one_hot(token, VOCABULARY) * score
        wanted = functional.one_hot(targets[position], VOCABULARY).float()
        row = FIRST.index(position) if position in FIRST else None
        if row is not None and soft[1][row].any():
            wanted = torch.zeros(VOCABULARY)
            for token, share in zip(soft[0][row], soft[1][row], strict=True):
                wanted[token] += share
        total = total - (wanted * logits.log_softmax(0)).sum()
    return total


def test_the_loss_and_its_gradients_are_those_of_the_shares(world):
    read, matrix, targets, soft, pointed = world
    tensors = (read, matrix, pointed[1])
    logits_of = lambda some: some @ matrix.T  # noqa: E731
    found = loss.matrix_loss(read, matrix, targets, None, pointed)
    found = found + loss.softening(logits_of, read, targets, LABELLED, soft, pointed)
    expected = by_hand(read, matrix, targets, soft, pointed)
    torch.testing.assert_close(found, expected)
    pairs = [torch.autograd.grad(value, tensors) for value in (found, expected)]
    for one, other in zip(*pairs, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_a_model_is_trained_on_the_shares(surrogate):
    model, encoder = surrogate
    ids = torch.tensor([encoder.tokenizer("a b c d", add_special_tokens=False)["input_ids"]])
    labels = ids.clone()
    labels[0, :2] = IGNORED
    liked, shares = torch.tensor([[4, 8]]), torch.tensor([[0.75, 0.25]])
    with torch.no_grad():
        hard = model(input_ids=ids, labels=labels).loss
        soft = model(input_ids=ids, labels=labels, soft_labels=(liked, shares)).loss
        log_shares = model(input_ids=ids).logits[0, 1].float().log_softmax(0)
    gained = log_shares[labels[0, 2]] - (shares[0] * log_shares[liked[0]]).sum()
    torch.testing.assert_close(soft - hard, gained / (labels[0] != IGNORED).sum())


def test_shares_reach_the_batch(surrogate):
    _, encoder = surrogate
    answer = (RenderedTurn("user", "Which?"), RenderedTurn("assistant", "Heat"))
    rows = [Rendered(answer, (), (), "behavior")] * 2
    encoded = encoder.conversations(rows)
    corpus = EncodedCorpus.build(encoded, rows, [{11: 0.8, 12: 0.2}, {}])
    again = EncodedCorpus.join([corpus.take(np.array([1])), corpus.take(np.array([0]))])
    batch = Collator(None, None, 0)([again[0], again[1]])
    tokens, shares = batch["soft_labels"]
    found = dict(zip(tokens[1].tolist(), shares[1].tolist(), strict=True))
    assert found == pytest.approx({11: 0.8, 12: 0.2})
    assert shares[0].tolist() == [0.0, 0.0]
    assert "soft_labels" not in Collator(None, None, 0)([again[0]])
