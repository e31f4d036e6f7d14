"""Batches are padded, and cut into parts that hold the same."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from recexplainer.surrogate.corpus.collator import Collator, batch_parts
from recexplainer.surrogate.model.surrogate_model import IGNORED

PAD = 9
LENGTHS = (2, 3, 3, 6)


@pytest.fixture
def batch():
    """Four examples, the first of which ends with the token that others are padded with."""
    none = np.zeros(0, np.float32)
    examples = [
        {
            "ids": np.append(np.arange(1, length), PAD),
            "labelled": np.eye(length, dtype=np.uint8)[-1],
            "contexts": np.array([row]),
            "items": np.array([], np.int64),
            "liked": np.array([row]) if row == 1 else none.astype(np.int32),
            "liked_shares": np.array([1.0], np.float32) if row == 1 else none,
        }
        for row, length in enumerate(LENGTHS)
    ]
    return Collator(np.arange(8.0).reshape(4, 2), np.ones((3, 2)), PAD)(examples)


def _padded(part, length):
    missing = (0, length - part["input_ids"].shape[1])
    ids = torch.nn.functional.pad(part["input_ids"], missing, value=PAD)
    labels = torch.nn.functional.pad(part["labels"], missing, value=IGNORED)
    return part | {"input_ids": ids, "labels": labels}


@pytest.mark.parametrize(
    ("tokens", "sizes"),
    [(24, [(4, 6)]), (23, [(2, 3), (2, 6)]), (6, [(1, n) for n in LENGTHS]), (1, [(1, 2)])],
)
def test_parts_hold_the_batch_with_less_padding(tokens, sizes, batch):
    parts = list(batch_parts(batch, tokens, PAD))
    assert [tuple(part["input_ids"].shape) for part in parts][: len(sizes)] == sizes
    whole = [_padded(part, max(LENGTHS)) for part in parts]
    for name in ("input_ids", "labels", "user_vectors", "item_vectors"):
        assert torch.equal(torch.cat([part[name] for part in whole]), batch[name]), name
    for place in (0, 1):
        soft = torch.cat([part["soft_labels"][place] for part in parts])
        assert torch.equal(soft, batch["soft_labels"][place])


def test_a_batch_of_padding_alone_stays_one_row():
    (part,) = batch_parts(Collator(None, None, PAD)([]), 100, PAD)
    assert part["input_ids"].tolist() == [[PAD]]
