"""An adapter made elsewhere is merged into its base; whether it fits is told beforehand."""

from __future__ import annotations

import json

import pytest
import torch
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoConfig, AutoModelForCausalLM

from recexplainer.errors import UserError
from recexplainer.records import Recipe
from recexplainer.surrogate.model.backbone_files import backbone_objections
from recexplainer.surrogate.model.backbone_source import find_source
from recexplainer.surrogate.model.surrogate_files import load_surrogate, save_surrogate
from recexplainer.surrogate.model.untrained_surrogate import build_surrogate

IDS = torch.tensor([[5, 9, 30, 12, 7]])


def made(folder, **changes):
    """Give a published folder weights of its own."""
    torch.manual_seed(5)
    config = AutoConfig.from_pretrained(folder, initializer_range=0.2, **changes)
    model = AutoModelForCausalLM.from_config(config)
    model.save_pretrained(folder)
    return model


def logits(model):
    with torch.no_grad():
        return model.eval()(input_ids=IDS).logits


@pytest.fixture
def base(published, tmp_path):
    folder = published(tmp_path / "base")
    made(folder)
    return folder


@pytest.fixture
def adapter(base, tmp_path):
    model = get_peft_model(
        AutoModelForCausalLM.from_pretrained(base),
        LoraConfig(r=2, target_modules=["q_proj", "down_proj"], task_type="CAUSAL_LM"),
    )
    with torch.no_grad():
        for weight in model.parameters():
            if weight.requires_grad:
                weight.add_(torch.randn_like(weight))
    model.save_pretrained(tmp_path / "adapter")
    return tmp_path / "adapter"


def change(adapter, **changes):
    path = adapter / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))


def test_it_answers_as_the_adapter_does_on_its_base(adapter, base):
    source = find_source(str(adapter))
    assert list(backbone_objections(source)) == []
    expected = logits(
        PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), adapter)
    )
    alone = logits(AutoModelForCausalLM.from_pretrained(base))
    found = logits(source.model(dtype="auto"))
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
    assert (found - alone).abs().max() > 0.1


def test_a_surrogate_of_it_refers_to_both(adapter, base, settings, vectors, tmp_path):
    """The base is where the user says, though the adapter names another place."""
    change(adapter, base_model_name_or_path="/gone/base")
    recipe = Recipe(source=str(adapter), base=str(base))
    chosen = settings.model_copy(update={"recipe": recipe})
    model, encoder = build_surrogate(
        chosen, titles=(), texts=(), user_vectors=vectors[0], item_vectors=vectors[1]
    )
    save_surrogate(model, encoder, tmp_path / "initial", recipe)
    loaded, _ = load_surrogate(tmp_path / "initial")
    assert torch.equal(logits(loaded), logits(model))
    assert not (tmp_path / "initial" / "model.safetensors").exists()
    adapter.rename(tmp_path / "elsewhere")
    with pytest.raises(
        UserError, match=r"the model that this surrogate was trained from: '.*adapter"
    ):
        load_surrogate(tmp_path / "initial")


def refused(adapter, base=None):
    with pytest.raises(UserError) as error:
        find_source(str(adapter), base)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_base_that_is_not_here_is_named(adapter):
    change(adapter, base_model_name_or_path="/home/me/base")
    said = refused(adapter)
    assert "holds an adapter of /home/me/base" in said
    assert "--set surrogate.base=FOLDER" in said
    change(adapter, base_model_name_or_path=None)
    assert "does not name its base" in refused(adapter)


def test_a_base_of_the_hub_is_looked_for_there(adapter):
    change(adapter, base_model_name_or_path="me/base")
    assert find_source(str(adapter)).place == "me/base"


def test_what_cannot_be_merged_is_refused(adapter, base):
    assert "an adapter itself" in refused(adapter, str(adapter))
    assert "surrogate.base" in refused(base, str(base))
    change(adapter, task_type="SEQ_CLS")
    assert "made for SEQ_CLS" in refused(adapter)
    change(adapter, task_type="CAUSAL_LM", peft_type="PREFIX_TUNING")
    assert "of the kind PREFIX_TUNING" in refused(adapter)
    change(adapter, peft_type="LORA")
    (adapter / "adapter_model.safetensors").unlink()
    (adapter / "adapter_model.bin").write_bytes(b"PK\x03\x04")
    assert "as a pickle (adapter_model.bin)" in refused(adapter)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"hidden_size": 12}, "q_proj reads a width of 8, and in that model 12"),
        ({"intermediate_size": 24}, "down_proj reads a width of 16, and in that model 24"),
        ({"model_type": "gpt2", "architectures": ["GPT2LMHeadModel"]}, "is not in that model"),
    ],
)
def test_another_base_does_not_fit(changes, words, adapter, base):
    config = json.loads((base / "config.json").read_text())
    (base / "config.json").write_text(json.dumps(config | changes))
    lines = list(backbone_objections(find_source(str(adapter))))
    assert any(words in line and str(adapter) in line for line in lines)
