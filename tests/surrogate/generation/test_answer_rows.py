"""Rows of answers by a language model whose cache cannot be cut."""

from __future__ import annotations

import pytest
import torch
from transformers import Lfm2Config, LogitsProcessorList

from recexplainer.surrogate.generation.answer_rows import write_together
from recexplainer.surrogate.generation.prefix_cache import read_question, rows_can_move

IDS = torch.tensor([[7, 9, 30, 12, 40], [8, 9, 11, 12, 41], [5, 6, 7, 12, 42]])


@pytest.fixture(scope="module")
def convolving(publish, tmp_path_factory):
    """An LFM2, which keeps the last inputs of its convolutions beside keys and values."""
    config = Lfm2Config(
        vocab_size=512,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=3,
        num_attention_heads=2,
        num_key_value_heads=1,
        layer_types=["conv", "full_attention", "conv"],
    )
    torch.manual_seed(0)
    model, *_ = publish(config, tmp_path_factory.mktemp("lfm2"))
    return model.eval()


def test_each_copy_reads_its_question_where_a_cache_cannot_be_repeated(convolving):
    batch = {"input_ids": IDS, "attention_mask": torch.ones_like(IDS)}
    assert not rows_can_move(convolving)
    assert read_question(convolving, batch, 3) is None
    decoding = {"num_beams": 1, "max_new_tokens": 4, "pad_token_id": 0, "eos_token_id": [511]}
    thrice = write_together(convolving, batch, LogitsProcessorList(), decoding, 3)
    once = write_together(convolving, batch, LogitsProcessorList(), decoding, 1)
    assert torch.equal(thrice, once.repeat_interleave(3, 0))


def test_beams_are_written_where_a_cache_cannot_be_repeated(convolving):
    batch = {"input_ids": IDS, "attention_mask": torch.ones_like(IDS)}
    decoding = {"num_beams": 2, "num_return_sequences": 2, "max_new_tokens": 3}
    decoding |= {"pad_token_id": 0, "eos_token_id": [511]}
    assert write_together(convolving, batch, LogitsProcessorList(), decoding, 2).shape == (6, 3)
