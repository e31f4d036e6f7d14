"""An estimate is held against the model itself and against sums by hand."""

import pytest
import torch
from transformers import LlamaConfig

from recexplainer.config.language_model import LoraConfig
from recexplainer.errors import UserError
from recexplainer.records import Recipe, SilentProgress
from recexplainer.surrogate.corpus.batches import EncodedCorpus
from recexplainer.surrogate.corpus.training_folder import prepare
from recexplainer.surrogate.estimate.training_estimate import Corpus, estimate, read_corpus
from recexplainer.surrogate.model.backbone_providers import tiny_recipe
from recexplainer.surrogate.model.untrained_surrogate import build_surrogate


@pytest.fixture(scope="module")
def seven_billion(tmp_path_factory):
    """The config of Llama-7B, and no weights at all."""
    folder = tmp_path_factory.mktemp("llama")
    LlamaConfig(torch_dtype="bfloat16").save_pretrained(folder)
    return str(folder)


def test_parameters_are_those_of_the_model(settings, surrogate):
    built = sum(weight.numel() for weight in surrogate[0].parameters())
    vocabulary = surrogate[0].config.language_config.vocab_size
    size = settings.tiny.model_copy(update={"vocabulary": vocabulary})
    found = estimate(settings.model_copy(update={"recipe": tiny_recipe(size)}), 1, None)
    # The width of the target's vectors is not known yet; 64 is assumed, and these have 6.
    assert found.parameters == built + 2 * (64 - 6) * 32
    assert found.trainable == found.parameters


def test_a_corpus_is_counted_as_it_was_encoded(corpus, settings, catalogue, tmp_path):
    assert read_corpus(tmp_path) is None
    prepare(corpus, tmp_path, settings, titles=catalogue.titles, progress=SilentProgress())
    found, encoded = read_corpus(tmp_path), EncodedCorpus.load(tmp_path / "encoded.safetensors")
    assert found.examples == 50
    assert found.tokens == sum(len(encoded[row]["ids"]) for row in range(50))
    assert found.longest == max(len(encoded[row]["ids"]) for row in range(50))
    assert 0.05 < found.labelled < 0.6


def test_memory_is_that_of_the_longest_example_or_of_a_full_context(settings):
    short, longer = (Corpus(50, 1000, longest, 0.2) for longest in (20, 40))
    told = [estimate(settings, 1, corpus).gigabytes for corpus in (short, longer, None)]
    assert told == sorted(set(told))
    assert estimate(settings, 1, short).unknown == estimate(settings, 1, None).unknown == ()


def test_low_rank_updates_of_a_large_model_are_counted_without_its_weights(seven_billion, settings):
    lora = LoraConfig(rank=16, targets=("q_proj", "v_proj"))
    chosen = settings.model_copy(update={"recipe": Recipe(source=seven_billion), "lora": lora})
    found = estimate(chosen, 1, Corpus(1000, 60_000, 200, 0.2))
    width, layers = 4096, 32
    updates = layers * 2 * 16 * (width + width)
    projectors = 2 * (64 * width + width + width * width + width)
    assert found.trainable == updates + projectors
    # Llama-7B as published, and what the projectors were, which PEFT keeps.
    assert found.parameters == 6_738_415_616 + projectors + found.trainable


def test_memory_falls_with_what_saves_it(seven_billion, settings):
    on_gpus = {"recipe": Recipe(source=seven_billion), "batch_size": 64, "device": "cuda"}
    base = settings.model_copy(update=on_gpus)  # which this machine need not have

    def gigabytes(processes=1, **changed):
        return estimate(base.model_copy(update=changed), processes, None).gigabytes

    plain = gigabytes(micro_batch_size=4)
    assert plain > 6.7e9 * 2 / 1e9  # the weights alone
    assert gigabytes(micro_batch_size=1) < plain
    assert gigabytes(micro_batch_size=4, gradient_checkpointing=True) < plain / 1.5
    small = {"micro_batch_size": 4, "gradient_checkpointing": True}
    four, eight = (gigabytes(**small, quantization=bits) for bits in ("4bit", "8bit"))
    assert four < eight < gigabytes(**small)
    assert gigabytes(8, **small, parallel="zero3") < gigabytes(8, **small, parallel="zero2")
    assert gigabytes(8, **small, parallel="zero2") < gigabytes(8, **small, parallel="ddp")
    assert four < 24


def test_an_estimate_downloads_nothing(settings, monkeypatch):
    import socket

    def refuse(*_):
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    found = estimate(settings.model_copy(update={"recipe": Recipe(source="owner/absent")}), 8, None)
    assert found.parameters is None
    assert any("nothing is downloaded" in line for line in found.unknown)


def test_an_estimate_draws_no_random_numbers(settings):
    torch.manual_seed(4)
    expected = torch.rand(3)
    torch.manual_seed(4)
    estimate(settings, 1, Corpus(50, 1000, 20, 0.2))
    assert torch.equal(torch.rand(3), expected)


def test_the_built_model_takes_the_settings_of_its_updates(settings, byte_level, chatml, tmp_path):
    from transformers import AutoModelForCausalLM

    from recexplainer.surrogate.model.lora import add_lora

    config = LlamaConfig(
        vocab_size=512, hidden_size=32, intermediate_size=64, num_hidden_layers=2,
        num_attention_heads=2,
    )  # fmt: skip
    AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path)
    byte_level(chatml, eos="<|im_end|>", extra=("<|im_start|>",)).save_pretrained(tmp_path)
    lora = LoraConfig(rank=3, alpha=6, dropout=0.0, targets=("q_proj",))
    chosen = settings.model_copy(update={"recipe": Recipe(source=str(tmp_path)), "lora": lora})
    model, _ = build_surrogate(chosen, titles=(), texts=(), user_vectors=None, item_vectors=None)
    updated = add_lora(model, chosen)
    names = {name for name, weight in updated.named_parameters() if weight.requires_grad}
    low_rank = {name for name in names if "lora_" in name}
    assert len(low_rank) == 4
    assert all("q_proj" in name for name in low_rank)
    assert all("projector" in name for name in names - low_rank)
    found = estimate(chosen, 1, None)
    assert found.trainable == sum(w.numel() for w in updated.parameters() if w.requires_grad)


def test_layers_that_the_backbone_lacks_are_refused(seven_billion, settings):
    lora = LoraConfig(targets=("q_proj", "qkv"))
    chosen = settings.model_copy(update={"recipe": Recipe(source=seven_billion), "lora": lora})
    with pytest.raises(UserError, match=r"no layer 'qkv'; it has .*q_proj"):
        estimate(chosen, 1, None)
