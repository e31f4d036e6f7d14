"""A GGUF file is a backbone as a folder is, and is looked at before it is unpacked."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
import torch
from transformers import AutoTokenizer, Qwen2Config, Qwen2ForCausalLM

from recexplainer.errors import UserError
from recexplainer.records import Recipe
from recexplainer.surrogate.model.backbone_files import backbone_objections
from recexplainer.surrogate.model.backbone_source import find_source
from recexplainer.surrogate.model.gguf_files import require_whole_gguf
from recexplainer.surrogate.model.lora import add_lora
from recexplainer.surrogate.model.surrogate_files import load_surrogate, save_surrogate
from recexplainer.surrogate.model.untrained_surrogate import build_surrogate

gguf = pytest.importorskip("gguf")
IDS = torch.tensor([[5, 9, 30, 12, 7]])


@pytest.fixture(scope="module")
def original():
    torch.manual_seed(7)
    config = Qwen2Config(
        vocab_size=259,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=512,
        initializer_range=0.2,
        tie_word_embeddings=True,
    )
    return Qwen2ForCausalLM(config).eval()


@pytest.fixture(scope="module")
def write(original, published, tmp_path_factory):
    """Write the model as llama.cpp does: ``write(path, architecture=, kind=, weights=)``."""
    folder = published(tmp_path_factory.mktemp("words") / "model")
    tokenizer = AutoTokenizer.from_pretrained(folder)
    words = [*tokenizer.convert_ids_to_tokens(range(len(tokenizer))), "th"]
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.QWEN2, 2)
    tensors = {
        names.get_name(name, (".weight", ".bias")): weight
        for name, weight in original.state_dict().items()
        if name != "lm_head.weight"
    }

    def make(path, architecture="qwen2", kind=None, parts=None, weights=True, template=None):
        file = gguf.GGUFWriter(path, architecture)
        size = original.config
        file.add_context_length(size.max_position_embeddings)
        file.add_embedding_length(size.hidden_size)
        file.add_feed_forward_length(size.intermediate_size)
        file.add_block_count(size.num_hidden_layers)
        file.add_head_count(size.num_attention_heads)
        file.add_head_count_kv(size.num_key_value_heads)
        file.add_layer_norm_rms_eps(size.rms_norm_eps)
        file.add_rope_freq_base(10_000.0)
        file.add_tokenizer_model("gpt2")
        file.add_tokenizer_pre("qwen2")
        file.add_token_list(words)
        file.add_token_types([1] * 256 + [3, 3, 1])
        file.add_token_merges(["t h"])
        file.add_eos_token_id(257)
        if kind:
            file.add_type(kind)
        if parts:
            file.add_uint16("split.count", parts)
        if template:
            file.add_chat_template(template)
        for name, weight in tensors.items() if weights else ():
            file.add_tensor(name, weight.float().numpy())
        file.write_header_to_file()
        file.write_kv_data_to_file()
        file.write_tensors_to_file()
        file.close()
        return path

    return make


@pytest.fixture(scope="module")
def model(write, tmp_path_factory):
    return write(tmp_path_factory.mktemp("gguf") / "small.gguf")


def build(source, settings, vectors):
    chosen = settings.model_copy(update={"recipe": Recipe(source=str(source))})
    return build_surrogate(
        chosen, titles=(), texts=(), user_vectors=vectors[0], item_vectors=vectors[1]
    )


def logits(model):
    with torch.no_grad():
        return model(input_ids=IDS).logits


def test_what_is_unpacked_answers_as_what_was_written(model, original, capfd):
    source = find_source(str(model))
    assert str(source) == str(model)
    assert list(backbone_objections(source, ["q_proj"])) == []
    loaded = source.model(dtype=torch.float32).eval()
    torch.testing.assert_close(logits(loaded), logits(original), rtol=1e-5, atol=1e-5)
    assert capfd.readouterr().err == ""


def test_it_is_saved_as_any_model_is(model, original, tmp_path):
    find_source(str(model)).model(dtype=torch.float32).save_pretrained(tmp_path)
    assert "quantization_config" not in json.loads((tmp_path / "config.json").read_text())
    loaded = Qwen2ForCausalLM.from_pretrained(tmp_path).eval()
    torch.testing.assert_close(logits(loaded), logits(original), rtol=1e-5, atol=1e-5)


def test_a_folder_with_nothing_else_is_that_file(model):
    assert find_source(str(model.parent)) == find_source(str(model))


def test_a_surrogate_of_it_refers_to_the_file(model, settings, vectors, tmp_path, monkeypatch):
    """From another folder too; nothing of the base is copied, and logits come back the same."""
    monkeypatch.chdir(model.parent)
    surrogate, encoder = build(model.name, settings, vectors)
    wrapped = add_lora(surrogate, settings).eval()
    with torch.no_grad():
        for weight in wrapped.parameters():
            if weight.requires_grad:
                weight.add_(torch.randn_like(weight) * 0.05)
    save_surrogate(wrapped, encoder, tmp_path / "model", Recipe(source=model.name))
    expected = logits(wrapped.merge_and_unload())
    monkeypatch.chdir(tmp_path)
    loaded, _ = load_surrogate(tmp_path / "model")
    assert torch.equal(logits(loaded), expected)
    stored = sum(path.stat().st_size for path in tmp_path.rglob("*.safetensors"))
    trained = sum(p.nbytes for n, p in wrapped.named_parameters() if "projector" in n)
    assert stored < trained + model.stat().st_size / 2
    kept = json.loads((tmp_path / "model" / "backbone.json").read_text())
    assert kept["given"] == {"backbone": "small.gguf"}
    assert not list(tmp_path.rglob("*.gguf"))


WRONG = {
    "another architecture": ({"architecture": "zebra"}, "architecture zebra is not supported yet"),
    "an adapter": ({"kind": "adapter"}, "holds something of the kind 'adapter'"),
    "a part": ({"parts": 3}, "is one of 3 parts of a model; join them"),
    "words alone": ({"weights": False}, "holds a vocabulary alone"),
    "a template that refuses": (
        {"template": "{{ raise_exception('no') }}"},
        "refuses messages by user: no",
    ),
}


@pytest.mark.parametrize(("how", "words"), WRONG.values(), ids=WRONG)
def test_what_cannot_be_used_is_one_line(how, words, write, tmp_path):
    path = write(tmp_path / "model.gguf", **how)
    (line,) = backbone_objections(find_source(str(path)))
    assert words in line
    assert str(path) in line
    assert "\n" not in line


@pytest.mark.parametrize("kept", [24, 1000, -1])
def test_a_file_cut_short(kept, model, tmp_path):
    torn = tmp_path / "torn.gguf"
    torn.write_bytes(model.read_bytes()[:kept])
    (line,) = backbone_objections(find_source(str(torn)))
    assert "is cut short" in line
    require_whole_gguf(model)


def test_without_the_package_one_line_says_what_to_install(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "gguf", None)
    (line,) = backbone_objections(find_source(str(model)))
    assert "pip install 'recexplainer[gguf]'" in line
    with pytest.raises(UserError, match="'gguf' is not installed"):
        find_source(str(model)).tokenizer()


def test_finding_it_loads_no_library(model):
    script = (
        "import sys\n"
        "from recexplainer.surrogate.model.backbone_source import find_source\n"
        f"find_source({str(model)!r})\n"
        "assert not {'torch', 'transformers', 'gguf'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
