"""``AtomicDataset`` on miniature atomic files, and on the ones that RecBole carries."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from recexplainer.data.atomic import AtomicDataset, AtomicOptions
from recexplainer.data.movielens import MovieLens100K, MovieLens100KOptions, _bundled_folder
from recexplainer.errors import DataError
from recexplainer.records import InteractionLog, SilentProgress
from recexplainer.testing import DatasetContract

INTER = (
    "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
    "a\t2\t4.0\t20\n"
    "a\t1\t1.0\t10\n"
    "b\t1\t5.0\t5\n"
    "b\t1\t5.0\t5\n"
)
ITEM = (
    "item_id:token\titem_name:token_seq\tgenre:token_seq\tmaker:token\tprice:float\tv:float_seq\n"
    "1\tFirst Game\tAction Puzzle\tBlizzard Inc\t9.5\t0.1 0.2\n"
    "2\tSecond\t\tBlizzard Inc\t\t\n"
    "3\t\tAction\tX\t1\t\n"
)


def options(folder: Path, inter: str = INTER, item: str = ITEM, **more: Any) -> AtomicOptions:
    paths = {"interactions": folder / "toys.inter", "items": folder / "toys.item"}
    paths["interactions"].write_text(inter, encoding="utf-8")
    paths["items"].write_text(item, encoding="utf-8")
    return AtomicOptions(**paths, **more)


def load(*args: Any, **more: Any) -> InteractionLog:
    return AtomicDataset(options(*args, **more)).load(SilentProgress())


def test_types_tell_titles_lists_and_attributes(tmp_path: Path) -> None:
    log = load(tmp_path)
    assert log.name == "toys"
    assert log.catalogue.titles == ("First Game", "Second")
    assert log.catalogue.item("1").attributes == {
        "genre": ("Action", "Puzzle"),
        "maker": ("Blizzard Inc",),
    }
    assert log.catalogue.item("2").attributes == {"maker": ("Blizzard Inc",)}
    assert log.histories == {"a": ("1", "2"), "b": ("1",)}
    assert log.notes == (
        "1 item with an empty title was dropped; the first is toys.item:4",
        "1 interaction repeating an earlier row was dropped; the first is toys.inter:5",
    )


def test_ratings_and_names_are_options(tmp_path: Path) -> None:
    log = load(
        tmp_path,
        INTER.replace("rating:", "stars:"),
        ITEM.replace("genre:token_seq", "label:token_seq"),
        name="mine",
        rating_field="stars",
        rating_at_least=4,
        title_field="label",
    )
    assert log.name == "mine"
    assert log.catalogue.titles == ("Action Puzzle", "Action")
    assert log.histories == {"b": ("1",)}


@pytest.mark.parametrize(
    ("heading", "message"),
    [
        ("maker", "field 'maker' has no type, where atomic files have one of token, token_seq"),
        ("maker:tokens", "field 'maker' has the type 'tokens'"),
        ("genre:token", "column 'genre' is named twice"),
    ],
)
def test_headers_name_every_type(tmp_path: Path, heading: str, message: str) -> None:
    with pytest.raises(DataError, match=rf"toys\.item:1: {message}"):
        load(tmp_path, item=ITEM.replace("maker:token", heading))


@pytest.mark.parametrize(
    ("option", "message"),
    [
        ({"user_id_field": "user"}, "no column 'user'.* Set the option `user_id_field`"),
        ({"title_field": "titel"}, "no column 'titel'.* Set the option `title_field`"),
        ({"rating_field": "r", "rating_at_least": 1}, "Set the option `rating_field`"),
    ],
)
def test_missing_fields_name_recboles_option(tmp_path: Path, option: Any, message: str) -> None:
    with pytest.raises(DataError, match=message):
        load(tmp_path, **option)


def test_recboles_own_files_give_the_histories_of_ml_100k() -> None:
    folder = _bundled_folder()
    paths = AtomicOptions(interactions=folder / "ml-100k.inter", items=folder / "ml-100k.item")
    log = AtomicDataset(paths).load(SilentProgress())
    theirs = MovieLens100K(MovieLens100KOptions()).load(SilentProgress())
    assert log.histories == theirs.histories
    assert log.catalogue.ids == theirs.catalogue.ids
    assert log.catalogue.item("1").attributes["class"] == ("Animation", "Children's", "Comedy")


class TestAtomicContract(DatasetContract):
    @pytest.fixture
    def make_dataset(self, tmp_path_factory):
        given = options(tmp_path_factory.mktemp("atomic"))
        return lambda: AtomicDataset(given)
