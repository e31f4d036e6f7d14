"""What is wrong with a folder that is to be trained is found without loading a weight."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from safetensors.numpy import save_file

from recexplainer.config.hub_ids import is_hub_id
from recexplainer.errors import UserError
from recexplainer.surrogate.model.backbone_files import backbone_objections, encoder_objections
from recexplainer.surrogate.model.backbone_source import find_source


@pytest.fixture
def folder(published, tmp_path):
    return published(tmp_path / "model")


def said(given, targets=(), *, base=None, registered=(), **how):
    """Return all that is wrong with what is given as a backbone."""
    try:
        source = find_source(str(given), base, registered)
    except UserError as error:
        return [str(error)]
    return list(backbone_objections(source, targets, **how))


def rewrite(path, **changes):
    """Change keys of a JSON file; what is None goes."""
    settings = json.loads(path.read_text()) | changes
    path.write_text(json.dumps({key: one for key, one in settings.items() if one is not None}))


def config(**changes):
    return lambda folder: rewrite(folder / "config.json", **changes)


def written(name, text):
    return lambda folder: (folder / name).write_text(text)


def without(*names):
    return lambda folder: [(folder / name).unlink() for name in names]


def two_ggufs(folder):
    without("model.safetensors")(folder)
    for name in ("model.Q4_K_M.gguf", "model.Q8_0.gguf"):
        (folder / name).write_bytes(b"GGUF" + bytes(20))


def half_downloaded(folder):
    without("model.safetensors")(folder)
    place = folder / ".cache" / "huggingface" / "download"
    place.mkdir(parents=True)
    (place / "abc.incomplete").write_bytes(b"0")


def as_pickle(folder):
    without("model.safetensors")(folder)
    (folder / "pytorch_model.bin").write_bytes(b"PK\x03\x04")


def cut_short(folder):
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])


def in_shards(*kept, tensors=("a", "b", "c")):
    """Put tensors into a file each, of which some are not there."""

    def change(folder):
        without("model.safetensors")(folder)
        where = {tensor: f"model-{tensor}.safetensors" for tensor in tensors}
        for tensor in kept:
            save_file({tensor: np.ones(3)}, folder / where[tensor])
        written("model.safetensors.index.json", json.dumps({"weight_map": where}))(folder)

    return change


def one_shard_lacks_a_tensor(folder):
    in_shards("a", "b")(folder)
    where = {"a": "model-a.safetensors", "b": "model-b.safetensors", "c": "model-b.safetensors"}
    written("model.safetensors.index.json", json.dumps({"weight_map": where}))(folder)


ADAPTER = json.dumps({"base_model_name_or_path": "me/base"})
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n"
WRONG = {
    "no configuration": (without("config.json"), "holds no language model (no config.json)"),
    "no JSON": (written("config.json", "{"), "config.json cannot be read as the configuration of"),
    "JSON of something else": (written("config.json", "[]"), "config.json cannot be read as the"),
    "an unknown kind": (config(model_type="zebra"), "model type `zebra`"),
    "no kind": (config(model_type=None), "config.json cannot be read as the configuration of"),
    "a value in words": (config(hidden_size="many"), "'hidden_size'"),
    "code of its own": (
        config(model_type="zebra", auto_map={"AutoConfig": "configuration_zebra.Zebra"}),
        "needs code of its own (auto_map), which is not executed",
    ),
    "an encoder": (
        config(model_type="bert", architectures=["BertForMaskedLM"]),
        "is of BertForMaskedLM, which is no causal language model",
    ),
    "a classifier": (
        config(architectures=["LlamaForSequenceClassification"]),
        "is of LlamaForSequenceClassification, which is no causal",
    ),
    "both sides": (config(model_type="t5", architectures=None), "is of t5, which reads with an"),
    "both sides, of which one could go alone": (
        config(model_type="bart", architectures=["BartForConditionalGeneration"]),
        "is of BartForConditionalGeneration, which reads with an encoder and writes with a decoder",
    ),
    "an encoder that does not say so": (
        config(model_type="roberta", architectures=None),
        "is of roberta, which is no causal language model",
    ),
    "one that reads images": (
        config(model_type="gemma3", architectures=["Gemma3ForConditionalGeneration"]),
        "which reads more than text; give the text-only model of its family",
    ),
    "no tokenizer": (
        without("tokenizer.json", "tokenizer_config.json"),
        "cannot be loaded (ValueError: Couldn't instantiate the backend tokenizer",
    ),
    "half a tokenizer": (written("tokenizer.json", "{"), "the tokenizer in "),
    "no end": (
        lambda folder: rewrite(folder / "tokenizer_config.json", eos_token=None),
        "has no end token (eos_token); set eos_token in its tokenizer_config.json",
    ),
    "a template that refuses": (
        written("chat_template.jinja", "{{ raise_exception('no, thanks') }}"),
        "refuses messages by user: no, thanks; give a backbone with another template",
    ),
    "a template that is torn": (
        written("chat_template.jinja", "{% for message in messages %}"),
        "refuses messages by user: Unexpected end of template",
    ),
    "a template that miscalculates": (
        written("chat_template.jinja", "{{ messages[0]['content'] + 1 }}"),
        "refuses messages by user: can only concatenate str",
    ),
    "a template that says nothing": (
        written("chat_template.jinja", "hello"),
        "refuses messages by user: it does not write each of them once",
    ),
    "nothing": (
        lambda folder: [path.unlink() for path in list(folder.iterdir())],
        "is empty",
    ),
    "a download that was not finished": (half_downloaded, "its download was not finished"),
    "a pickle": (as_pickle, "as a pickle (pytorch_model.bin), which may run code"),
    "no weights": (without("model.safetensors"), "holds no weights (no model.safetensors)"),
    "weights cut short": (cut_short, "model.safetensors is cut short or damaged ("),
    "empty weights": (written("model.safetensors", ""), "model.safetensors is empty"),
    "a pointer": (written("model.safetensors", POINTER), "is a pointer of Git LFS, not the file"),
    "a shard is missing": (in_shards("a", "c"), ": model-b.safetensors is missing; fetch"),
    "four shards are missing": (
        in_shards("e", tensors="abcde"),
        "b.safetensors is missing; model-c.safetensors is missing and 1 more; fetch them again",
    ),
    "a shard lacks a tensor": (
        one_shard_lacks_a_tensor,
        "model-b.safetensors lacks 1 tensors, such as c",
    ),
    "a torn index": (
        lambda folder: (in_shards("a", "b", "c")(folder), written(*TORN)(folder)),
        "model.safetensors.index.json is damaged (KeyError: 'weight_map')",
    ),
    "an adapter beside a whole model": (
        written("adapter_config.json", ADAPTER),
        "holds a whole model and an adapter",
    ),
    "a surrogate": (config(model_type="recx_surrogate"), "holds a surrogate, which reads"),
    "two GGUF files": (two_ggufs, "several GGUF files; give one: model.Q4_K_M.gguf, model.Q8_0"),
}
TORN = ("model.safetensors.index.json", "{}")


@pytest.mark.parametrize(("change", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_one_line(change, words, folder):
    change(folder)
    (line,) = said(folder)
    assert words in line
    assert str(folder) in line
    assert "\n" not in line


def test_a_folder_as_published_is_no_objection(folder):
    assert said(folder, ["q_proj", "down_proj"]) == []


def test_weights_in_shards_are_no_objection(folder):
    in_shards("a", "b", "c")(folder)
    assert said(folder) == []


def test_a_head_by_its_other_name_is_causal(folder):
    """GPT-2 is published so."""
    config(model_type="gpt2", architectures=["GPT2LMHeadModel"])(folder)
    assert said(folder) == []


def test_all_is_told_at_once(folder):
    for change in ("no end", "an encoder", "weights cut short"):
        WRONG[change][0](folder)
    lines = said(folder)
    assert len(lines) == 3
    assert all(any(WRONG[name][1] in line for line in lines) for name in ("no end", "an encoder"))


def test_layers_that_it_does_not_have(folder):
    (line,) = said(folder, ["q_proj", "k_pro", "query"])
    assert line.startswith("surrogate.lora.targets: the backbone has no layer 'k_pro'; it has k_pr")
    assert "no layer 'query'" in line


def test_what_is_no_folder(folder, tmp_path):
    (tmp_path / "m.gguf").write_text("<html>404</html>")
    for given, words in (
        ("tinny", "is neither 'mine', nor 'tiny', nor a folder, nor a GGUF file, nor a hub id"),
        ("tinny", "Did you mean 'tiny'?"),
        (folder / "config.json", f"is one file of a model; give its folder, {folder}"),
        (tmp_path / "m.gguf", "is no GGUF file"),
        ("models/gone.gguf", "is neither"),
    ):
        (line,) = said(given, registered=["mine", "tiny"])
        assert words in line


def test_of_a_cache_what_is_not_there_is_no_objection(folder):
    without("tokenizer.json", "tokenizer_config.json", "model.safetensors")(folder)
    source = find_source(str(folder))
    assert list(backbone_objections(source, whole=False)) == []
    config(architectures=["BertForMaskedLM"])(folder)
    assert len(list(backbone_objections(source, whole=False))) == 1


@pytest.mark.parametrize(
    ("given", "is_one"),
    [("me/model", True), ("tiny", False), ("./me", False), ("~/m/x", False), ("/m/x", False)],
)
def test_a_hub_id_has_a_slash_and_is_no_path(given, is_one):
    assert is_hub_id(given) == is_one


def test_a_folder_that_is_there_is_no_hub_id(folder, monkeypatch):
    monkeypatch.chdir(folder.parent.parent)
    assert not is_hub_id(f"{folder.parent.name}/model")


def test_a_text_encoder(folder):
    assert list(encoder_objections(folder)) == []
    cut_short(folder)
    without("tokenizer.json", "tokenizer_config.json")(folder)
    assert len(list(encoder_objections(folder))) == 2
    without("config.json")(folder)
    assert "holds no model" in next(encoder_objections(folder))


def test_saying_what_it_is_loads_no_library():
    """A mistake in a name is told in a moment."""
    script = (
        "import sys\n"
        "from recexplainer.errors import UserError\n"
        "from recexplainer.surrogate.model import backbone_files, backbone_source\n"
        "try:\n    backbone_source.find_source('tinny')\nexcept UserError:\n    pass\n"
        "assert not {'torch', 'transformers'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
