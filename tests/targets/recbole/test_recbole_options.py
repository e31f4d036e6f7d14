"""Names of models and hyper-parameters are checked before anything is built."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from recexplainer.default_plugins import recx_register_targets
from recexplainer.plugins.registry import Registry
from recexplainer.targets.recbole.families import FAMILIES, ModelOptions, family_of
from recexplainer.targets.recbole.recbole_defaults import default_settings
from recexplainer.targets.recbole.recbole_providers import recbole_providers

PROVIDERS = {provider.name: provider for provider in recbole_providers()}


def said(options=ModelOptions, **given):
    with pytest.raises(ValidationError) as caught:
        options(**given)
    return str(caught.value)


def test_an_unknown_model_is_named_with_its_nearest():
    assert "unknown model of RecBole 'LightGCM'. Did you mean 'LightGCN'?" in said(model="LightGCM")


def test_a_model_without_adapter_is_said_to_be_that():
    message = said(model="KGAT")
    assert "RecBole has it, but none of our adapters fits it" in message


def test_an_unknown_hyper_parameter_is_named_with_its_nearest():
    message = said(model="LightGCN", settings={"n_layer": 2})
    assert "unknown hyper-parameter of LightGCN; did you mean 'n_layers'?" in message
    assert "embedding_size" in message


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"embedding_size": "large"}, "must be a whole number, such as RecBole's default 64"),
        ({"embedding_size": 3.5}, "must be a whole number"),
        ({"embedding_size": True}, "must be a whole number"),
        ({"reg_weight": "small"}, "must be a number, such as RecBole's default 1e-05"),
        ({"learning_rate": 0.1}, "is an option of its own"),
    ],
)
def test_a_hyper_parameter_of_the_wrong_kind_is_refused(settings, expected):
    assert expected in said(model="LightGCN", settings=settings)


def test_lists_are_checked_within():
    assert "must be a list" in said(model="NGCF", settings={"hidden_size_list": [64, "x"]})
    ModelOptions(model="NGCF", settings={"hidden_size_list": [32, 32]})


@pytest.mark.parametrize(
    ("model", "setting"),
    [("SASRec", {"loss_type": "BPR"}), ("NeuMF", {"mf_pretrain_path": "weights.pth"})],
)
def test_what_an_adapter_settles_is_not_to_be_set(model, setting):
    assert "is not to be set" in said(model=model, settings=setting)


def test_a_named_target_is_that_model_only():
    options = PROVIDERS["gru4rec"].options
    assert options().model == "GRU4Rec"
    assert "GRU4Rec" in said(options, model="BPR")


def test_defaults_of_training_are_those_of_the_family_unless_given():
    assert PROVIDERS["gru4rec"].options().batch_size == FAMILIES["gru4rec"].training["batch_size"]
    by_model = ModelOptions(model="GRU4Rec")
    assert by_model.model_dump() == PROVIDERS["gru4rec"].options().model_dump()
    assert ModelOptions(model="GRU4Rec", batch_size=7).batch_size == 7


def test_defaults_are_those_in_recbole_s_files():
    folder = Path(find_spec("recbole").origin).parent / "properties" / "model"
    for family in FAMILIES.values():
        read = yaml.safe_load((folder / f"{family.model}.yaml").read_text("utf-8"))
        assert default_settings(family.model).keys() == read.keys()
        assert set(family.settings) <= set(read)
    assert default_settings("LightGCN")["reg_weight"] == 1e-5  # text to a reader of YAML 1.1


@pytest.mark.parametrize(
    ("model", "vectors"),
    [("BPR", True), ("GRU4Rec", True), ("MultiVAE", True), ("EASE", False), ("DeepFM", False)],
)
def test_vectors_are_told_from_the_options(model, vectors):
    assert PROVIDERS["recbole"].can("vectors", ModelOptions(model=model)) is vectors
    named = next(
        p
        for p in PROVIDERS.values()
        if p.options is not ModelOptions
        and "model" in p.options.model_fields
        and p.options().model == model
    )
    assert named.can("vectors", named.options()) is vectors


def test_names_differ_and_every_default_is_valid():
    names = [provider.name for provider in recx_register_targets()]
    assert len(names) == len(set(names))
    for name, family in FAMILIES.items():
        assert family_of(family.model) == family
        PROVIDERS[name].options()


def test_options_of_any_model_cost_no_heavy_import():
    code = (
        "import sys; from recexplainer.targets.recbole.families import ModelOptions; "
        "ModelOptions(model='LightGCN', settings={'n_layers': 3}); "
        "print(sorted({'torch', 'recbole', 'pandas'} & set(sys.modules)))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def test_the_registry_fills_in_the_model(tmp_path):
    from recexplainer.pipeline.execution.installed_parts import default_registry

    registry: Registry = default_registry()
    options = registry.options("target", "recbole:EASE", {"settings": {"reg_weight": 100}}, "t")
    assert (options.model, options.settings) == ("EASE", {"reg_weight": 100})
    (problem,) = registry.options("target", "recbole:EAES", {}, "target.options")
    assert "unknown model of RecBole 'EAES'. Did you mean 'EASE'?" in problem
