"""Weights held in few bits: fewer bytes, updates that learn, and a word where the extra lacks."""

import pytest
from transformers import AutoModelForCausalLM, LlamaConfig

from recexplainer.errors import MissingExtraError
from recexplainer.records import Recipe, SilentProgress
from recexplainer.surrogate.corpus.training_folder import prepare
from recexplainer.surrogate.model.quantization import quantized
from recexplainer.surrogate.model.surrogate_files import load_surrogate
from recexplainer.surrogate.training.session import train


@pytest.fixture(scope="module")
def backbone(byte_level, chatml, tmp_path_factory):
    folder = tmp_path_factory.mktemp("backbone")
    config = LlamaConfig(
        vocab_size=512, hidden_size=64, intermediate_size=128, num_hidden_layers=2,
        num_attention_heads=2,
    )  # fmt: skip
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    byte_level(chatml, eos="<|im_end|>", extra=("<|im_start|>",)).save_pretrained(folder)
    return str(folder)


@pytest.mark.filterwarnings("ignore::UserWarning:bitsandbytes")
@pytest.mark.parametrize("bits", ["4bit", "8bit"])
def test_updates_of_a_quantized_backbone_learn(bits, backbone, corpus, settings, tmp_path):
    pytest.importorskip("bitsandbytes")
    chosen = settings.model_copy(
        update={
            "recipe": Recipe(source=backbone),
            "quantization": bits,
            "budget": 3.0,
            "threads": 1,
        }
    )
    prepare(corpus, tmp_path, chosen, titles=(), progress=SilentProgress())
    held, _ = load_surrogate(tmp_path / "initial", bits)
    whole, _ = load_surrogate(tmp_path / "initial")
    layers = held.language_model.model.layers, whole.language_model.model.layers
    few, many = (sum(w.numel() * w.element_size() for w in half.parameters()) for half in layers)
    assert few < many / (3 if bits == "8bit" else 6)
    report = train(tmp_path, SilentProgress())
    losses = [point.loss for point in report.curve]
    assert sum(losses[-3:]) < 0.9 * sum(losses[:3])
    load_surrogate(tmp_path / "model")  # asked as it was published, with what was learned


def test_a_missing_extra_is_named(monkeypatch):
    monkeypatch.setattr("recexplainer.surrogate.model.quantization.find_spec", lambda name: None)
    with pytest.raises(MissingExtraError, match=r"recexplainer\[quantized\]"):
        quantized("4bit")
