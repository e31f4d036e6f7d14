"""``AmazonDataset`` on miniature raw files of both years; every count was made by hand."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from recexplainer.data.amazon import AmazonDataset, AmazonOptions
from recexplainer.data.prompt_titles import clean_item
from recexplainer.errors import DataError
from recexplainer.records import InteractionLog, SilentProgress
from recexplainer.testing import DatasetContract

SCRIPT = "var aPageStart = (new Date()).getTime();\nvar ue_t0=ue_t0||+new Date();"
GAMES = {
    "asin": "B1",
    "title": "Ratchet &amp; Clank",
    "brand": "by Sony",
    "category": ["Video Games", "PlayStation 4 &amp; 5", "</span></span>"],
    "price": "$19.99",
    "main_cat": '<img src="games.png" alt="Video Games"/>',
}
META_2018 = (
    GAMES,
    {"asin": "B2", "title": "<b>Doom</b>  Eternal", "brand": "", "category": []},
    {"asin": "B3", "title": "", "brand": "Nobody"},
    {"asin": "B4", "title": SCRIPT, "brand": "Nobody"},
    "{not json",
    GAMES,
    {"asin": "B2", "title": "Doom again"},
    "",
    {"title": "Without an id"},
    {"asin": "B5", "title": "Elden Ring", "brand": "Visit Amazon's FromSoftware Page"},
    {"asin": "B6", "title": "Fez", "brand": "Visit the Polytron Store"},
    {"asin": "B7", "title": "I <3 you", "brand": "Byte Makers"},
    {"asin": "B8", "title": "007", "brand": None, "category": ["Games", "Games"]},
)


def review(user: str, item: str, time: int | None, stars: float = 5.0) -> dict[str, Any]:
    return {
        "overall": stars,
        "verified": True,
        "reviewTime": "09 13, 2009",
        "reviewerID": user,
        "asin": item,
        "reviewText": "fun, \u2028 fun",
        "unixReviewTime": time,
    }


REVIEWS_2018 = (
    review("u1", "B1", 300),
    review("u1", "B2", 100, stars=2.0),
    review("u1", "B1", 300),
    review("u2", "B2", 50, stars=4.0),
    '{"overall": 5.0, "verif',
    review("u2", "B9", 60),
    review("u2", "B1", 70, stars=3.0),
    {"asin": "B1", "unixReviewTime": 1},
    review("u2", "B1", 90),
    review("u1", "B5", None),
    review("u1", "B5", 400),
    review("u3", "B3", 10),
)
META_2023 = (
    {
        "main_category": "Video Games",
        "title": "Phantasmagoria: A Puzzle of Flesh",
        "average_rating": 4.1,
        "features": [],
        "price": None,
        "store": "Sierra",
        "categories": ["Video Games", "PC", "Games"],
        "details": {"Best Sellers Rank": {"Video Games": 137612}},
        "parent_asin": "P1",
    },
    {"title": "Zoo &#39;Tycoon&#39;", "store": None, "categories": [], "parent_asin": "P2"},
    {"title": None, "store": "Ghost", "categories": [], "parent_asin": "P3"},
)
REVIEWS_2023 = (
    {"rating": 4.0, "asin": "X1", "parent_asin": "P2", "user_id": "A", "timestamp": 1588687728923},
    {"rating": 1.0, "asin": "X2", "parent_asin": "P1", "user_id": "A", "timestamp": 1588687728922},
    {"rating": 5.0, "asin": "X3", "parent_asin": "P1", "user_id": "B", "timestamp": 1588687728000},
)


def write(path: Path, records: Sequence[dict[str, Any] | str]) -> Path:
    lines = (record if isinstance(record, str) else json.dumps(record) for record in records)
    content = "".join(f"{line}\n" for line in lines).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def load(folder: Path, reviews: Any, meta: Any, ending: str, **options: Any) -> InteractionLog:
    paths = AmazonOptions(
        reviews=write(folder / f"Games.{ending}", reviews),
        metadata=write(folder / f"meta_Games.{ending}", meta),
        **options,
    )
    return AmazonDataset(paths).load(SilentProgress())


@pytest.mark.parametrize("ending", ["json", "json.gz"])
def test_every_quirk_of_2018_is_mended_or_counted(tmp_path: Path, ending: str) -> None:
    log = load(tmp_path, REVIEWS_2018, META_2018, ending)
    assert log.name == "Games"
    items = [clean_item(item) for item in log.catalogue]  # as ``prepare`` does of any source
    assert [(item.id, item.title) for item in items] == [
        ("B1", "Ratchet & Clank"),
        ("B2", "Doom Eternal"),
        ("B5", "Elden Ring"),
        ("B6", "Fez"),
        ("B7", "I <3 you"),
        ("B8", "007"),
    ]
    assert [dict(item.attributes) for item in items] == [
        {"brand": ("Sony",), "category": ("Video Games", "PlayStation 4 & 5")},
        {},
        {"brand": ("FromSoftware",)},
        {"brand": ("Polytron",)},
        {"brand": ("Byte Makers",)},
        {"category": ("Games",)},
    ]
    assert log.histories == {"u1": ("B2", "B1", "B5"), "u2": ("B2", "B1", "B1")}
    meta, reviews = f"meta_Games.{ending}", f"Games.{ending}"
    assert log.notes == (
        (
            f"{reviews} was recognized as reviews of 2014 or 2018 (a JSON object per line), {meta} "
            "as metadata of 2018 (a JSON object per line)"
        ),
        f"1 item that cannot be read as a JSON object was dropped; the first is {meta}:5",
        f"1 item without an item id was dropped; the first is {meta}:9",
        f"2 items with an empty title were dropped; the first is {meta}:3",
        f"1 item repeating an earlier row was dropped; the first is {meta}:6",
        (
            "1 item whose id an earlier row has with other cells (the first row counts) was "
            f"dropped; the first is {meta}:7"
        ),
        f"1 interaction that cannot be read as a JSON object was dropped; the first is {reviews}:5",
        f"1 interaction without a user id was dropped; the first is {reviews}:8",
        (
            "2 interactions of items that are not listed (such as 'B9'; a listed one is 'B1') were "
            f"dropped; the first is {reviews}:6"
        ),
        f"1 interaction repeating an earlier row was dropped; the first is {reviews}:3",
        (
            "1 interaction whose 'unixReviewTime' is neither a number nor a known date, such as "
            f"an empty cell was dropped; the first is {reviews}:10"
        ),
    )


def test_2023_is_known_by_its_fields_and_ordered_by_milliseconds(tmp_path: Path) -> None:
    log = load(tmp_path, REVIEWS_2023, META_2023, "jsonl.gz", name="video games")
    assert log.name == "video games"
    assert log.histories == {"A": ("P1", "P2"), "B": ("P1",)}
    titles = [clean_item(item).title for item in log.catalogue]
    assert titles == ["Phantasmagoria: A Puzzle of Flesh", "Zoo 'Tycoon'"]
    assert log.catalogue.item("P1").attributes == {
        "brand": ("Sierra",),
        "category": ("Video Games", "PC", "Games"),
    }
    assert log.notes[1:] == (
        "1 item with an empty title was dropped; the first is meta_Games.jsonl.gz:3",
    )


def test_low_ratings_are_left_out_and_are_not_faults(tmp_path: Path) -> None:
    log = load(tmp_path, REVIEWS_2023, META_2023, "jsonl", rating_at_least=4.5)
    assert log.histories == {"B": ("P1",)}
    assert log.notes[2:] == ("2 interactions whose 'rating' is below 4.5 were left out",)


def test_files_of_two_years_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="these items are of 2018 and the reviews of 2023"):
        load(tmp_path, REVIEWS_2023, META_2018, "json")


class Counting(SilentProgress):
    """Remembers the total it was promised and the steps it was told of."""

    def __init__(self) -> None:
        self.total = self.done = 0

    @contextmanager
    def bar(self, label: str, total: int) -> Iterator[Any]:
        self.total = total
        yield self

    def advance(self, steps: int = 1, **fields: str) -> None:
        assert steps >= 0
        self.done += steps


@pytest.mark.parametrize("ending", ["jsonl", "jsonl.gz"])
def test_progress_is_in_megabytes_of_the_files_and_ends_full(tmp_path: Path, ending: str) -> None:
    noise = np.random.default_rng(0).integers(0, 10**9, (25_000, 12))
    padded = [
        {**REVIEWS_2023[0], "timestamp": time, "text": str(row)}
        for time, row in enumerate(noise.tolist())
    ]
    load(tmp_path, padded, META_2023, ending)
    paths = {"reviews": tmp_path / f"Games.{ending}", "metadata": tmp_path / f"meta_Games.{ending}"}
    progress = Counting()
    AmazonDataset(AmazonOptions(**paths)).load(progress)
    sizes = [path.stat().st_size // 10**6 + 1 for path in paths.values()]
    assert sizes[0] > 1
    assert progress.total == progress.done == sum(sizes)


class TestAmazonContract(DatasetContract):
    @pytest.fixture
    def make_dataset(self, tmp_path_factory):
        folder = tmp_path_factory.mktemp("amazon")
        options = AmazonOptions(
            reviews=write(folder / "Games.jsonl.gz", REVIEWS_2023),
            metadata=write(folder / "meta_Games.jsonl.gz", META_2023),
        )
        return lambda: AmazonDataset(options)
