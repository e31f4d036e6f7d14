"""An exported surrogate is the run's own, weight for weight, with or without this package."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM, AutoTokenizer

from recexplainer.surrogate.model.lora import add_lora
from recexplainer.surrogate.model.merged_export import write_whole
from recexplainer.surrogate.model.surrogate_files import load_surrogate, save_surrogate
from recexplainer.surrogate.model.surrogate_model import SurrogateLM

CODE = "modeling_recexplainer"


@pytest.fixture(scope="module", params=["tiny", "llama"])
def trained(request, tmp_path_factory, on_llama, settings, surrogate_folder):
    """The built-in model; and low-rank updates, far from zero, to a model of somebody else's."""
    if request.param == "tiny":
        return surrogate_folder
    place = tmp_path_factory.mktemp("llama")
    model, encoder, recipe = on_llama(place / "backbone")
    wrapped = add_lora(model, settings)
    with torch.no_grad():
        for weight in wrapped.parameters():
            if weight.requires_grad:
                weight.add_(torch.randn_like(weight) * 0.05)
    save_surrogate(wrapped, encoder, place / "model", recipe)
    return place / "model"


@pytest.fixture(scope="module")
def exported(trained, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export") / "whole"
    write_whole(trained, folder)
    return folder


def test_the_folder_gives_the_same_logits(trained, exported, vectors):
    own, encoder = load_surrogate(trained)
    loaded = AutoModelForCausalLM.from_pretrained(exported).eval()
    assert isinstance(loaded, SurrogateLM)
    ids = torch.tensor([[7, encoder.user_id, 9, encoder.item_id, 30, 12]])
    user, item = (torch.from_numpy(kind[None, :1]) for kind in vectors)
    with torch.no_grad():
        expected = own(input_ids=ids, user_vectors=user, item_vectors=item).logits
        found = loaded(input_ids=ids, user_vectors=user, item_vectors=item).logits
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)
    was, now = own.state_dict(), loaded.state_dict()
    assert was.keys() == now.keys()
    assert all(torch.equal(was[name], now[name]) for name in was)
    text = "The user watched Heat (1995)"
    assert (
        AutoTokenizer.from_pretrained(exported)(text)["input_ids"]
        == (encoder.tokenizer(text)["input_ids"])
    )


def test_the_language_model_alone_is_a_stock_model(trained, exported):
    own, encoder = load_surrogate(trained)
    loaded = AutoModelForCausalLM.from_pretrained(exported / "language_model").eval()
    assert type(loaded).__module__.startswith("transformers.models.llama")
    ids = torch.tensor([encoder.tokenizer("Will the user like Heat (1995)?")["input_ids"]])
    with torch.no_grad():
        expected = own(input_ids=ids).logits
        found = loaded(input_ids=ids).logits
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5)
    AutoTokenizer.from_pretrained(exported / "language_model")


def test_nothing_is_pickled_and_no_path_of_this_machine_travels(trained, exported):
    assert not {".bin", ".pt", ".pkl"} & {path.suffix for path in exported.rglob("*")}
    for path in exported.rglob("*.json"):
        assert str(trained.parent) not in path.read_text("utf-8"), path.name
    weights = load_file(exported / "model.safetensors")
    assert not any("lora" in name for name in weights)
    assert {"user_projector.inner.weight", "item_projector.mean"} <= weights.keys()


@pytest.mark.slow
def test_it_opens_where_this_package_is_not_installed(trained, exported, tmp_path):
    script = (
        "import sys\n"
        "sys.modules['recexplainer'] = None\n"  # importing it fails
        "from transformers import AutoModelForCausalLM\n"
        f"model = AutoModelForCausalLM.from_pretrained({str(exported)!r}, trust_remote_code=True)\n"
        "print(type(model).__name__, sum(p.numel() for p in model.parameters()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "HF_MODULES_CACHE": str(tmp_path / "modules"), "OMP_NUM_THREADS": "1"},
    )
    count = sum(weight.numel() for weight in load_surrogate(trained)[0].parameters())
    assert done.stdout.split() == ["SurrogateLM", str(count)]


def test_the_class_that_travels_needs_nothing_of_this_package(exported):
    modules = {path.stem: path.read_text("utf-8") for path in Path(exported).glob("*.py")}
    assert not any("recexplainer" in text.replace(CODE, "") for text in modules.values())
    parts = {"ages", "head", "last_layer", "loss", "pointer", "projector", "surrogate_config"}
    assert modules.keys() == {CODE, *parts}
    reference = json.loads((exported / "config.json").read_text("utf-8"))["auto_map"]
    assert {value.partition(".")[0] for value in reference.values()} == {CODE}
