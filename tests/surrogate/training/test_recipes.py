"""A plugin's backbone is a recipe: planned by the registry, trained from a folder without it."""

import json
import shutil
import subprocess
import sys

import pytest
import torch
from pydantic import ValidationError
from transformers import AutoModelForCausalLM, LlamaConfig

from recexplainer import Provider, default_plugins, hookimpl, load_config, plan
from recexplainer.errors import ConfigError
from recexplainer.plugins.manager import load_registry
from recexplainer.records import Recipe, SilentProgress
from recexplainer.surrogate.corpus.training_folder import prepare
from recexplainer.surrogate.model.surrogate_files import load_surrogate
from recexplainer.surrogate.training.session import read_report

NEOX = {
    "model_type": "gpt_neox",
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "max_position_embeddings": 256,
}
MADE_UP = Recipe(
    architecture=NEOX,
    vocabulary=400,
    whole=True,
    max_tokens=None,
    learning_rate=0.02,
    weights={"next_item_retrieval": 0.5, "rationale": 2.0},
    hybrid_forms="combined",
)


def known(build):
    """Return a registry in which a plugin registers ``made-up``."""

    class Plugin:
        @hookimpl
        def recx_register_backbones(self):
            return [Provider("made-up", build, "a small NeoX")]

    return load_registry([default_plugins, Plugin()], entry_points=False)


@pytest.fixture
def checked():
    training = "training={batch_size: 8, budget: 3, threads: 1}"
    config = load_config(overrides=["surrogate.backbone=made-up", "surrogate.device=cpu", training])
    return plan(config, known(lambda _options, _section: MADE_UP))


def trained(folder):
    """Train in a process that knows no plugin; return its report."""
    script = (
        "import sys; from pathlib import Path\n"
        "from recexplainer.records import SilentProgress\n"
        "from recexplainer.surrogate.training.session import train\n"
        "train(Path(sys.argv[1]), SilentProgress())\n"
        "assert not {'pluggy', 'recbole'} & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", script, str(folder)], check=True)
    return read_report(folder)


def test_what_the_user_leaves_out_is_the_recipes(checked):
    assert {task: weight for task, (_, weight) in checked.tasks.items()} == MADE_UP.weights
    assert checked.config.training_forms(checked.recipe) == "combined"
    assert (checked.settings.learning_rate, checked.settings.optimizer) == (0.02, "adamw")


def test_a_made_up_backbone_learns_from_a_folder_alone(checked, corpus, catalogue, tmp_path):
    folder = tmp_path / "training"
    folder.mkdir()
    titles, progress = catalogue.titles, SilentProgress()
    prepare(corpus, folder, checked.settings, titles=titles, progress=progress)
    report = trained(folder)
    losses = [point.loss for point in report.curve]
    assert sum(losses[-5:]) < 0.7 * sum(losses[:5])
    assert report.trainable == report.parameters
    model, _ = load_surrogate(folder / "model")
    assert model.language_model.config.model_type == "gpt_neox"
    assert model.config.context == 256


def test_published_weights_can_be_trained_whole(checked, corpus, byte_level, chatml, tmp_path):
    """The training folder then holds all of them: the published ones may go."""
    source, folder = tmp_path / "published", tmp_path / "training"
    folder.mkdir()
    config = LlamaConfig(
        vocab_size=512, hidden_size=32, intermediate_size=64, num_hidden_layers=1,
        num_attention_heads=2,
    )  # fmt: skip
    torch.manual_seed(1)
    AutoModelForCausalLM.from_config(config).to(torch.bfloat16).save_pretrained(source)
    byte_level(chatml, eos="<|im_end|>", extra=("<|im_start|>",)).save_pretrained(source)
    recipe = Recipe(source=str(source), whole=True, learning_rate=0.01)
    settings = checked.settings.model_copy(update={"recipe": recipe})
    prepare(corpus, folder, settings, titles=(), progress=SilentProgress())
    shutil.rmtree(source)
    report = trained(folder)
    assert report.trainable == report.parameters
    before, after = (load_surrogate(folder / name)[0].state_dict() for name in ("initial", "model"))
    embedding = "language_model.model.embed_tokens.weight"
    assert before[embedding].dtype == torch.float32
    assert not torch.equal(before[embedding], after[embedding])


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (lambda _options, _section: "llama", "got str"),
        (lambda _options, _section: Recipe(), "give either source or architecture"),
    ],
)
def test_a_provider_without_a_recipe_is_told_with_the_other_mistakes(build, reason):
    config = load_config(overrides=["surrogate.backbone=made-up", "target.name=sasrek"])
    with pytest.raises(ConfigError) as refused:
        plan(config, known(build))
    lines = [line for line in refused.value.problems if line.startswith("surrogate.backbone:")]
    assert [reason in line for line in lines] == [True]
    assert len(refused.value.problems) == 2


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"source": "owner/model", "architecture": NEOX, "whole": True},
        {"architecture": NEOX},
        {"source": "owner/model", "optimizer": "muon"},
        {"source": "owner/model", "whole": True, "head_start": True},
        {"source": "owner/model", "rate": 3},
    ],
    ids=json.dumps,
)
def test_a_recipe_that_cannot_be_followed_is_refused(given):
    with pytest.raises(ValidationError):
        Recipe(**given)
