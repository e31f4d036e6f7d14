"""What is counted on empty tensors is what autograd keeps of real ones."""

import pytest
import torch
from torch.autograd.graph import saved_tensors_hooks
from transformers import GPT2Config, LlamaConfig

from recexplainer.surrogate.estimate.activations import kept_bytes
from recexplainer.surrogate.model.lora import add_lora
from recexplainer.surrogate.model.surrogate_config import SurrogateLMConfig
from recexplainer.surrogate.model.surrogate_model import SurrogateLM

CONFIGS = {
    "llama": LlamaConfig(
        vocab_size=64, hidden_size=32, intermediate_size=48, num_hidden_layers=3,
        num_attention_heads=4,
    ),
    "gpt2": GPT2Config(vocab_size=64, n_embd=32, n_layer=2, n_head=2, n_positions=64),
}  # fmt: skip


def layers_of(name, settings, *, lora, attention):
    model = SurrogateLM(SurrogateLMConfig(CONFIGS[name], user_token_id=64, item_token_id=65))
    if lora:
        model = add_lora(model, settings).get_base_model()
    model.language_model.set_attn_implementation(attention)
    return model.language_model.base_model


def really_kept(layers, rows, length, half):
    """Run the layers, and add up the tensors that autograd was given to keep."""
    own = {weight.data_ptr() for weight in (*layers.parameters(), *layers.buffers())}
    kept = {}

    def note(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage
        return tensor

    embedded = torch.randn(rows, length, layers.config.hidden_size).requires_grad_()
    with (
        saved_tensors_hooks(note, lambda tensor: tensor),
        torch.autocast("cpu", torch.bfloat16, enabled=half),
    ):
        layers(inputs_embeds=embedded, use_cache=False)
    return sum(storage.nbytes() for storage in kept.values())


@pytest.mark.filterwarnings("ignore:fan_in_fan_out")  # PEFT says that it adapted itself to GPT-2
@pytest.mark.parametrize("name", CONFIGS)
@pytest.mark.parametrize(
    ("lora", "half", "attention"),
    [(False, False, "eager"), (True, True, "eager"), (True, False, "sdpa")],
)
def test_counted_bytes_are_those_that_autograd_keeps(name, lora, half, attention, settings):
    real = layers_of(name, settings, lora=lora, attention=attention)
    expected = really_kept(real, 5, 24, half)
    with torch.device("meta"):
        empty = layers_of(name, settings, lora=lora, attention=attention)
    assert kept_bytes(empty, rows=5, length=24, half=half) == pytest.approx(expected, rel=0.05)


def test_more_rows_keep_more_and_none_is_computed(settings):
    with torch.device("meta"):
        layers = layers_of("llama", settings, lora=False, attention="eager")
    few, many = (kept_bytes(layers, rows=rows, length=512, half=False) for rows in (100, 10_000))
    assert many == pytest.approx(100 * few, rel=0.05)
    assert many > 100e9  # more than any machine of these tests has


def test_an_architecture_that_looks_at_what_it_computes_is_not_counted():
    class Looking(torch.nn.Module):
        config = CONFIGS["llama"]

        def forward(self, inputs_embeds, use_cache):
            return inputs_embeds if inputs_embeds.sum() > 0 else -inputs_embeds

    assert kept_bytes(Looking(), rows=2, length=3, half=False) is None
