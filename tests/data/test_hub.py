"""``HubDataset`` on local folders and files of every kind; nothing is downloaded or cached."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset as Table
from datasets import DatasetDict, Features, List, Value, are_progress_bars_disabled
from pydantic import ValidationError

from recexplainer import default_plugins
from recexplainer.data.hub import HubDataset, HubOptions
from recexplainer.errors import DataError
from recexplainer.plugins.manager import load_registry
from recexplainer.records import InteractionLog, SilentProgress
from recexplainer.testing import DatasetContract

ROWS = {
    "who": ["a", "a", "b", "b", None],
    "what": [2, 1, 1, 3, 1],
    "when": [20, 10, 5, 6, 7],
    "stars": [5.0, 2.0, 4.0, 4.5, 5.0],
    "label": ["Two", "One", "One", "Three", "One"],
    "kinds": [["x", "y|z"], [], [], ["x"], []],
}
NAMED = {
    "user_column": "who",
    "item_column": "what",
    "time_column": "when",
    "title_column": "label",
}
ITEMS = {"id": [1, 2, 3], "label": ["One", "Two", "Three"], "kind": ["x", "x", "y"]}


def load(**options: Any) -> InteractionLog:
    return HubDataset(HubOptions(**{**NAMED, **options})).load(SilentProgress())


def rows() -> Table:
    kinds = {"kinds": List(Value("string")), "what": Value("int64"), "when": Value("int64")}
    others = {name: Value("string") for name in ("who", "label")}
    return Table.from_dict(ROWS, Features({**others, **kinds, "stars": Value("float64")}))


def jsonl(path: Path, columns: dict[str, list[Any]]) -> Path:
    records = (
        dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)
    )
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


@pytest.fixture(params=["parquet", "json", "folder", "saved", "saved splits"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "taste"
    if request.param == "parquet":
        rows().to_parquet(path.with_suffix(".parquet"))
        return path.with_suffix(".parquet")
    if request.param == "json":
        return jsonl(path.with_suffix(".jsonl"), ROWS)
    path.mkdir()
    if request.param == "folder":
        jsonl(path / "train.jsonl", ROWS)
    elif request.param == "saved":
        rows().save_to_disk(path)
    else:
        DatasetDict(train=rows(), test=rows().select(range(2))).save_to_disk(path)
    return path


def test_one_table_holds_interactions_and_items(place: Path) -> None:
    log = load(path=place, attribute_columns=("kinds",))
    assert log.name == "taste"
    assert log.histories == {"a": ("1", "2"), "b": ("1", "3")}
    assert [(item.id, item.title, dict(item.attributes)) for item in log.catalogue] == [
        ("2", "Two", {"kinds": ("x", "y|z")}),
        ("1", "One", {}),
        ("3", "Three", {"kinds": ("x",)}),
    ]
    assert log.notes == (
        f"1 interaction without a user id was dropped; the first is row 5 of {place.name}",
    )


def test_items_may_have_a_table_of_their_own(place: Path, tmp_path: Path) -> None:
    items = jsonl(tmp_path / "items.jsonl", ITEMS)
    log = load(path=place, items_path=items, item_id_column="id", rating_column="stars",
               rating_at_least=4)  # fmt: skip
    assert log.catalogue.ids == ("1", "2", "3")
    assert log.catalogue.item("3").attributes == {"kind": ("y",)}
    assert log.histories == {"a": ("2",), "b": ("1", "3")}


def test_another_split_is_an_option(tmp_path: Path) -> None:
    DatasetDict(train=rows(), test=rows().select(range(2))).save_to_disk(tmp_path / "taste")
    assert load(path=tmp_path / "taste", split="test").histories == {"a": ("1", "2")}


def test_reading_local_files_leaves_no_cache_and_bars_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", home)
    before = are_progress_bars_disabled()
    load(path=jsonl(tmp_path / "taste.jsonl", ROWS))
    assert not home.exists()
    assert are_progress_bars_disabled() == before


def test_a_repository_is_loaded_by_its_name_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def load_dataset(*args: Any, **options: Any) -> Table:
        asked.append((args, options))
        return rows()

    monkeypatch.setattr("datasets.load_dataset", load_dataset)
    log = load(repository="owner/taste", configuration="full", split="validation")
    assert log.name == "taste"
    assert asked == [(("owner/taste", "full"), {"split": "validation"})]


def test_the_items_of_another_configuration_come_from_the_same_repository(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def load_dataset(name: str, configuration: str | None, split: str) -> Table:
        asked.append((name, configuration, split))
        return Table.from_dict(ITEMS) if configuration == "items" else rows()

    monkeypatch.setattr("datasets.load_dataset", load_dataset)
    log = load(repository="owner/taste", items_configuration="items", item_id_column="id")
    assert log.catalogue.ids == ("1", "2", "3")
    assert asked == [("owner/taste", None, "train"), ("owner/taste", "items", "train")]


@pytest.mark.skipif(os.environ.get("HF_HUB_OFFLINE") != "1", reason="would ask the hub")
def test_offline_the_name_is_said_with_what_to_do() -> None:
    with pytest.raises(DataError, match=r"^owner/taste: cannot be loaded \(.*Check the name"):
        load(repository="owner/taste")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "give either repository, a data set on the hub, or path"),
        ({"repository": "a/b", "path": Path("c")}, "give either repository"),
        ({"path": "a", "items_path": "b", "items_repository": "c/d"}, "not both"),
        ({"path": "a", "rating_at_least": 3}, "rating_at_least needs rating_column"),
    ],
)
def test_options_that_contradict_each_other(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        HubOptions(**options)


def test_what_follows_the_colon_is_the_repository() -> None:
    registry = load_registry([default_plugins], entry_points=False)
    options = registry.options("dataset", "hub:owner/taste", {"split": "test"}, "dataset.options")
    assert options == HubOptions(repository="owner/taste", split="test")


class TestHubContract(DatasetContract):
    @pytest.fixture
    def make_dataset(self, tmp_path_factory):
        path = jsonl(tmp_path_factory.mktemp("hub") / "taste.jsonl", ROWS)
        return lambda: HubDataset(HubOptions(path=path, **NAMED))
