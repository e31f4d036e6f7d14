"""Every shipped preset is a configuration that works, and loses to whatever else is given."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from recexplainer.config import RunConfig, load_config, preset_names, preset_text
from recexplainer.errors import ConfigError, UnknownNameError
from recexplainer.pipeline import default_registry, plan
from recexplainer.records import Recipe

SIZES = ("small", "default", "large")


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_is_a_configuration_that_can_be_planned(name: str, tmp_path: Path) -> None:
    config = load_config(preset=name)
    assert (config == RunConfig()) == (name == "default")
    checked = plan(config, default_registry())
    assert (checked.config.surrogate.backbone == "tiny") == (name in SIZES)
    # As a file of one's own, which is what `recx init --preset` writes, it says the same.
    file = tmp_path / "recx.yaml"
    file.write_text(preset_text(name), encoding="utf-8")
    assert load_config(file) == config


def test_sizes_differ_in_the_shape_of_tiny_alone_and_grow() -> None:
    shapes = []
    for name in SIZES:
        config = load_config(preset=name).model_dump()
        tiny = config["surrogate"].pop("tiny")
        shapes.append((tiny["layers"], tiny["width"]))
        plain = RunConfig().model_dump()
        assert plain["surrogate"].pop("tiny") is not None
        assert config == plain
    assert shapes == sorted(shapes)
    assert len(set(shapes)) == len(SIZES)


def test_a_presets_budget_gives_way_to_minutes(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("training: {minutes: 7}\n", encoding="utf-8")
    for config in (
        load_config(file, preset="paper"),
        load_config(overrides=["training.minutes=7"], preset="paper"),
        load_config(flags={"training.minutes": 7}, preset="paper"),
    ):
        assert config.training.minutes == 7
        assert config.training.learning_rate == 1e-4  # what else the preset says stays
    with pytest.raises(ConfigError, match="give one of them, not both"):
        load_config(file, ["training.budget=2"], preset="paper")
    assert load_config(preset="paper", overrides=["training.budget=2"]).training.budget == 2


def test_a_presets_minutes_give_way_to_passes_and_steps() -> None:
    """A preset says how long it trains by one measure, and a user by any of the three."""
    assert load_config(preset="laptop").training.minutes == 60
    by_steps = load_config(preset="laptop", overrides=["training.steps=9"]).training
    assert (by_steps.minutes, by_steps.steps) == (None, 9)
    by_passes = load_config(preset="laptop", overrides=["training.budget=0.1"]).training
    assert (by_passes.minutes, by_passes.budget) == (None, 0.1)
    with pytest.raises(ConfigError, match="give one of them, not both"):
        load_config(overrides=["training.budget=2", "training.steps=9"])
    with pytest.raises(ConfigError, match=r"training\.steps.*give one of them, not both"):
        load_config(overrides=["training.minutes=2", "training.steps=9"])


def test_the_laptop_teaches_to_explain_and_asks_less() -> None:
    """Rationales are the only examples whose answers are explanations."""
    config = load_config(preset="laptop", flags={"surrogate.backbone": "a/b"})
    checked = plan(config, default_registry())
    assert checked.tasks["rationale"][1] > 0
    assert checked.config.fidelity.users == 100
    assert checked.settings.order == "short-first"


def test_the_presets_that_are_documented_are_there() -> None:
    assert preset_names() == ("24gb", "default", "laptop", "large", "paper", "small")


def test_the_paper_is_as_published() -> None:
    """Section 4.1.4, and where it says nothing, the published code."""
    config = load_config(preset="paper")
    training, lora = config.training, config.surrogate.lora
    assert config.surrogate.backbone == "lmsys/vicuna-7b-v1.3"
    assert (training.learning_rate, training.warmup, training.budget) == (1e-4, 0.1, 10)
    assert (training.batch_size, training.parallel) == (64, "zero2")
    assert config.surrogate.max_tokens == 1024
    assert (lora.rank, lora.alpha, lora.dropout) == (8, 32, 0.1)
    assert lora.targets == ("q_proj", "v_proj")
    assert set(config.task_weights(Recipe(source=config.surrogate.backbone)).values()) == {1.0}


def test_a_preset_loses_to_file_flags_and_overrides(tmp_path: Path) -> None:
    file = tmp_path / "run.yaml"
    file.write_text("training: {budget: 3}\nsurrogate: {lora: {rank: 4}}\nalignment:\n")
    config = load_config(file, ["surrogate.lora.alpha=9"], {"surrogate.backbone": "a/b"}, "paper")
    lora = config.surrogate.lora
    assert (lora.rank, lora.alpha, lora.dropout) == (4, 9, 0.1)
    assert config.surrogate.backbone == "a/b"
    assert (config.training.budget, config.training.batch_size) == (3, 64)
    assert config.alignment.hybrid_forms == "all"  # an empty section says nothing


def test_an_unknown_preset_is_reported_with_everything_else() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config(overrides=["seed=x"], preset="papr")
    first, second = caught.value.problems
    assert first.startswith("--preset: unknown preset 'papr'. Did you mean 'paper'?")
    assert second.startswith("seed")
    with pytest.raises(UnknownNameError):
        preset_text("../sections")


def test_presets_are_commented_yaml_without_a_setting_twice() -> None:
    for name in preset_names():
        text = preset_text(name)
        assert text.startswith("# ")
        assert yaml.safe_load(text).keys() <= RunConfig.model_fields.keys()
