"""Skipping what nobody reads changes neither hidden states nor gradients."""

import pytest
import torch
from transformers import GPT2Config, GPT2Model, LlamaConfig, LlamaModel

from recexplainer.surrogate.model.last_layer import can_skip_unlabelled, labelled_hidden

SIZES = {
    "vocab_size": 50,
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_attention_heads": 4,
    "num_key_value_heads": 4,
    "attn_implementation": "eager",
}


def llama(**changed):
    torch.manual_seed(0)
    return LlamaModel(LlamaConfig(**{"num_hidden_layers": 3} | SIZES | changed)).train()


@pytest.mark.parametrize("layers", [1, 3])
def test_hidden_states_and_gradients_are_those_of_the_whole_model(layers):
    body = llama(num_hidden_layers=layers)
    embedded = torch.randn(5, 11, 32, requires_grad=True)
    labelled = torch.rand(5, 11) < 0.3
    labelled[2] = False  # a row that asks for nothing
    weights = [*body.layers.parameters(), *body.norm.parameters()]
    shape = torch.randn(int(labelled.sum()), 32)

    read = body(inputs_embeds=embedded, use_cache=False, output_hidden_states=True)
    whole = read.last_hidden_state[labelled]
    expected = torch.autograd.grad((whole * shape).sum(), [embedded, *weights])
    found, lower = labelled_hidden(body, embedded, labelled)
    torch.testing.assert_close(lower, read.hidden_states[layers - 1])
    gradients = torch.autograd.grad((found * shape).sum(), [embedded, *weights])

    torch.testing.assert_close(found, whole)
    for mine, other in zip(gradients, expected, strict=True):
        torch.testing.assert_close(mine, other, rtol=1e-4, atol=1e-5)


def test_padding_on_the_right_is_never_read():
    body, embedded = llama(), torch.randn(2, 7, 32)
    labelled = torch.tensor([[False, True, True] + [False] * 4, [True] * 7])
    other = embedded.clone()
    other[0, 3:] = 100.0
    found, _ = labelled_hidden(body, embedded, labelled)
    torch.testing.assert_close(labelled_hidden(body, other, labelled)[0], found)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, True),
        ({"attn_implementation": "sdpa"}, False),
        ({"num_key_value_heads": 2}, False),
        ({"attention_dropout": 0.1}, False),
    ],
)
def test_only_what_is_computed_alike_is_taken(changed, expected):
    assert can_skip_unlabelled(llama(**changed)) is expected


def test_models_of_other_kinds_and_checkpointed_ones_take_their_own_way():
    sizes = {"vocab_size": 50, "n_embd": 32, "n_layer": 1, "n_head": 2}
    assert not can_skip_unlabelled(GPT2Model(GPT2Config(**sizes)))
    body = llama()
    body.gradient_checkpointing_enable()
    assert not can_skip_unlabelled(body)
