from pathlib import Path

import yaml
from pydantic import BaseModel

from recexplainer.config import RunConfig, commented_config, dump_config, load_config

CHANGED = [
    "seed=3",
    "dataset.options={path: é.csv, columns: [a, b]}",
    "alignment.weights={next_item_retrieval: 0.5}",
    "alignment.options={rationale: {causes: 2}}",
    "surrogate.backbone=org/model",
    "surrogate.tiny.layers=2",
    "training.learning_rate=0.001",
    "fidelity.users=10",
    "explanations.explainers=[surrogate, occlusion]",
    "explanations.instruction='only: genres # please'",
]


def written(path: Path, text: str) -> Path:
    file = path / "config.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def fields(model: BaseModel, prefix: str = "") -> list[str]:
    names = []
    for name in type(model).model_fields:
        value = getattr(model, name)
        inner = fields(value, f"{prefix}{name}.") if isinstance(value, BaseModel) else []
        names += [f"{prefix}{name}", *inner]
    return names


def test_minutes_are_dumped_without_the_budget_that_they_replace(tmp_path: Path) -> None:
    config = load_config(None, ["training.minutes=2.5"])
    text = dump_config(config)
    assert "budget" not in yaml.safe_load(text)["training"]
    assert load_config(written(tmp_path, text)) == config
    assert RunConfig.model_validate(config.model_dump()) == config


def test_what_is_dumped_loads_back_to_the_same(tmp_path: Path) -> None:
    config = load_config(None, CHANGED)
    text = dump_config(config)
    assert load_config(written(tmp_path, text)) == config
    assert dump_config(load_config(written(tmp_path, text))) == text
    assert list(yaml.safe_load(text)) == list(RunConfig.model_fields)
    assert "é.csv" in text


def test_the_commented_config_loads_back_to_exactly_the_defaults(tmp_path: Path) -> None:
    text = commented_config()
    assert load_config(written(tmp_path, text)) == RunConfig()
    assert yaml.safe_load(text) == yaml.safe_load(dump_config(RunConfig()))


def test_every_key_of_the_commented_config_has_a_comment_above_it() -> None:
    lines = commented_config().splitlines()
    keys = [
        number for number, line in enumerate(lines) if line and not line.lstrip().startswith("#")
    ]
    assert len(keys) == len(fields(RunConfig()))
    for number in keys:
        above = lines[number - 1]
        margin = len(lines[number]) - len(lines[number].lstrip())
        assert above.startswith(" " * margin + "# "), lines[number]
    assert max(map(len, lines)) <= 100
