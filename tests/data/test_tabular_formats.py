"""``CsvDataset`` beyond CSV: tabs, gzip and Parquet hold the log of the text they came from."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from pydantic import ValidationError

from recexplainer.data.tabular import CsvDataset, CsvOptions
from recexplainer.errors import DataError
from recexplainer.records import InteractionLog, SilentProgress

ITEMS = "item_id,title,genre,shop|id\n1,Alien,Horror|SciFi,\n02,Brazil,SciFi,7\n3,Clue,,7\n"
ROWS = "user_id,item_id,timestamp,stars\na,3,30,5\na,1,10,1\nb,02,5,4\na,02,20,3\n"
HISTORIES = {"a": ("1", "02", "3"), "b": ("02",)}


def load(rows: Path, items: Path, **options: Any) -> InteractionLog:
    paths = CsvOptions(interactions=rows, items=items, **options)
    return CsvDataset(paths).load(SilentProgress())


def written(folder: Path, ending: str, change: Any = lambda text: text) -> tuple[Path, Path]:
    rows, items = folder / f"rows{ending}", folder / f"items{ending}"
    for path, text in ((rows, ROWS), (items, ITEMS)):
        path.write_bytes(change(text.encode()))
    return rows, items


def frames() -> tuple[pd.DataFrame, pd.DataFrame]:
    rows = pd.DataFrame(
        {"user_id": list("aaba"), "item_id": [3, 1, 2, 2], "timestamp": [30, 10, 5, 20]}
    )
    items = pd.DataFrame(
        {
            "item_id": [1, 2, 3],
            "title": ["Alien", "Brazil", "Clue"],
            "genre": [["Horror", "SciFi|Space"], ["SciFi"], None],
            "year": [1979.0, None, 1985.0],
            "fresh": [True, False, None],
        }
    )
    return rows, items


@pytest.mark.parametrize("ending", [".tsv", ".tab", ".TSV"])
def test_the_ending_tells_tabs(tmp_path: Path, ending: str) -> None:
    log = load(*written(tmp_path, ending, lambda text: text.replace(b",", b"\t")))
    assert log.histories == HISTORIES
    assert log.notes == ()


def test_gzip_is_known_by_its_content(tmp_path: Path) -> None:
    for ending in (".csv.gz", ".csv"):
        log = load(*written(tmp_path, ending, gzip.compress))
        assert log.histories == HISTORIES
        assert log.catalogue.item("02").attributes == {"genre": ("SciFi",), "shop|id": ("7",)}


def test_lines_are_counted_in_gzip_too(tmp_path: Path) -> None:
    rows, items = written(tmp_path, ".csv.gz", lambda text: gzip.compress(text + b"x,,1,1\n"))
    log = load(rows, items, delimiter=",")
    assert "1 interaction without an item id was dropped; the first is rows.csv.gz:6" in log.notes


def test_the_delimiter_wins_over_the_ending(tmp_path: Path) -> None:
    assert load(*written(tmp_path, ".tsv"), delimiter=",").histories == HISTORIES


@pytest.mark.parametrize("ending", [".parquet", ".pq", ".data"])
def test_parquet_keeps_lists_and_whole_numbers(tmp_path: Path, ending: str) -> None:
    paths = (tmp_path / f"rows{ending}", tmp_path / f"items{ending}")
    for path, frame in zip(paths, frames(), strict=True):
        frame.to_parquet(path)
    log = load(*paths, **({"file_format": "parquet"} if ending == ".data" else {}))
    assert log.histories == {"a": ("1", "2", "3"), "b": ("2",)}
    assert [dict(item.attributes) for item in log.catalogue] == [
        {"genre": ("Horror", "SciFi|Space"), "year": ("1979",), "fresh": ("true",)},
        {"genre": ("SciFi",), "fresh": ("false",)},
        {"year": ("1985",)},
    ]


def test_the_index_of_a_frame_is_no_attribute(tmp_path: Path) -> None:
    rows, items = frames()
    rows.to_parquet(tmp_path / "rows.parquet")
    items[["item_id", "title"]].iloc[[2, 0, 1]].to_parquet(tmp_path / "items.parquet")
    log = load(tmp_path / "rows.parquet", tmp_path / "items.parquet")
    assert [dict(item.attributes) for item in log.catalogue] == [{}, {}, {}]
    assert log.notes == (
        "1 column of items.parquet without a name was left out: 3 of 3, counted from 1",
    )


def test_moments_and_categories_of_parquet_are_read(tmp_path: Path) -> None:
    rows, items = frames()
    rows["timestamp"] = pd.to_datetime(rows["timestamp"], unit="ms")
    rows["user_id"] = rows["user_id"].astype("category")
    rows.to_parquet(tmp_path / "rows.parquet")
    items.to_parquet(tmp_path / "items.parquet")
    log = load(tmp_path / "rows.parquet", tmp_path / "items.parquet")
    assert log.histories == {"a": ("1", "2", "3"), "b": ("2",)}


def test_rows_of_parquet_are_named_by_number(tmp_path: Path) -> None:
    rows, items = frames()
    rows.loc[4] = ["b", 9, 1]
    rows.to_parquet(tmp_path / "rows.parquet")
    items.to_parquet(tmp_path / "items.parquet")
    log = load(tmp_path / "rows.parquet", tmp_path / "items.parquet")
    assert log.notes == (
        (
            "1 interaction of items that are not listed (such as '9'; a listed one is '1') was "
            "dropped; the first is row 5 of rows.parquet"
        ),
    )
    with pytest.raises(DataError, match=r"rows\.parquet: row 3: 3 of 5 interactions cannot"):
        load(tmp_path / "rows.parquet", written(tmp_path, ".csv")[1])


def test_ratings_may_decide_what_counts(tmp_path: Path) -> None:
    log = load(*written(tmp_path, ".csv"), rating_column="stars", rating_at_least=4)
    assert log.histories == {"a": ("3",), "b": ("02",)}
    assert log.notes == ("2 interactions whose 'stars' is below 4 were left out",)
    with pytest.raises(ValidationError, match="rating_at_least needs rating_column"):
        CsvOptions(interactions=tmp_path, items=tmp_path, rating_at_least=4)
