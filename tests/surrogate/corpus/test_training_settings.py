"""A setting of training is declared once, in its section: the training folder takes it from there.

So a new one is a field of ``recexplainer/config/language_model.py`` and the line that uses it.
"""

from typing import Annotated

import pytest

from recexplainer.config import load_config
from recexplainer.config.language_model import SurrogateConfig, TrainingConfig
from recexplainer.config.section import SPEED, Section, speed_settings
from recexplainer.records import Recipe
from recexplainer.surrogate.model.training_settings import SPEED_SETTINGS, SurrogateSettings

PUBLISHED = Recipe(source="owner/model")
OTHER = {
    "surrogate": {
        "backbone": "owner/model",
        "base": "owner/base",
        "chat_template": "plain",
        "tiny": {"layers": 1},
        "max_tokens": 64,
        "device": "cpu",
        "precision": "float32",
        "lora": {"rank": 4, "targets": ["q_proj"]},
        "projectors": "titles",
        "quantization": "4bit",
    },
    "training": {
        "minutes": 7.0,
        "order": "short-first",
        "batch_size": 7,
        "learning_rate": 0.5,
        "warmup": 0.5,
        "weight_decay": 0.25,
        "optimizer": "adamw",
        "max_grad_norm": 0.5,
        "save_every_seconds": 7.0,
        "threads": 1,
        "processes": 2,
        "parallel": "ddp",
        "micro_batch_size": 2,
        "gradient_checkpointing": True,
        "tracker": "tensorboard",
    },
}
"""Each setting of the two sections with a value that is not its default, but for other measures."""


@pytest.fixture
def config():
    overrides = [f"{section}={settings}" for section, settings in OTHER.items()]
    return load_config(overrides=[text.replace("True", "true") for text in overrides])


@pytest.mark.parametrize("section", ["surrogate", "training"])
def test_a_training_folder_holds_what_the_section_says(section, config):
    given = getattr(config, section)
    assert {*OTHER[section]} == {*type(given).model_fields} - {"budget", "steps"}
    written = SurrogateSettings.of(config, PUBLISHED).model_dump_json()
    kept = SurrogateSettings.model_validate_json(written)
    assert {name: getattr(kept, name) for name in OTHER[section]} == {
        name: getattr(given, name) for name in OTHER[section]
    }


def test_the_seed_and_what_null_stands_for_are_all_that_is_declared_again():
    own = set(SurrogateSettings.__annotations__)
    sections = {**SurrogateConfig.model_fields, **TrainingConfig.model_fields}
    assert own - set(sections) == {"seed", "recipe"}
    assert all(sections[name].default is None for name in own & set(sections))


@pytest.mark.parametrize(
    ("overrides", "rate", "optimizer"),
    [
        ([], 0.25, "muon"),
        (["training.parallel=zero2"], 0.25, "adamw"),
        (["training.optimizer=adamw", "training.learning_rate=0.5"], 0.5, "adamw"),
    ],
)
def test_null_is_what_the_backbone_takes(overrides, rate, optimizer):
    recipe = Recipe(source="owner/model", whole=True, learning_rate=0.25, optimizer="muon")
    settled = SurrogateSettings.of(load_config(overrides=overrides), recipe)
    assert (settled.learning_rate, settled.optimizer) == (rate, optimizer)


def test_what_changes_no_result_is_said_beside_the_setting():
    class Wider(Section):
        quick: Annotated[int, SPEED] = 1
        strong: int = 1

    assert speed_settings(Wider) == {"quick"}
    assert "threads" in SPEED_SETTINGS
    assert "warmup" not in SPEED_SETTINGS
