"""``SteamDataset`` on miniature raw files: literals are read, never executed."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from recexplainer.data.record_lines import literal_record
from recexplainer.data.steam import SteamDataset, SteamOptions
from recexplainer.records import InteractionLog, SilentProgress
from recexplainer.testing import DatasetContract

GAMES = (
    "{u'publisher': u'Valve', u'genres': [u'Action'], u'app_name': u'Half-Life', "
    "u'title': u'Half-Life', u'tags': [u'FPS', u'Sci-fi', u'FPS'], u'specs': [u'Single-player'], "
    "u'price': 9.99, u'early_access': False, u'id': u'70', u'developer': u'Valve'}\n"
    "{u'app_name': u'Rock &amp; Roll', u'price': u'Free To Play', u'id': u'71'}\n"
    "{u'app_name': u'Snow\\u2122', u'title': '', u'genres': [u'Indie'], u'id': u'72'}\n"
    "{u'title': u'', u'app_name': None, u'id': u'73'}\n"
    "{u'title': u'Nowhere listed'}\n"
    "{u'title': u'It\\'s \"quoted\"', u'id': u'75', u'developer': u''}\n"
)
REVIEWS = (
    "{u'username': u'Ann', u'hours': 0.4, u'product_id': u'70', u'date': u'2017-12-17', "
    "u'text': u'back\\slash \\d', u'early_access': False, u'user_id': u'7656'}\n"
    "{u'username': u'Ann', u'hours': 13.5, u'product_id': u'71', u'date': u'2016-01-02'}\n"
    "__import__('pathlib').Path('owned').touch()\n"
    "\n"
    "{u'username': u'Ben', u'product_id': u'72', u'date': u'2016-01-02'}\n"
    "{u'username': u'Ben', u'hours': 2, u'product_id': u'70', u'date': u'2016-01-02'}\n"
    "{u'username': u'Ben', u'hours': 2, u'product_id': u'70', u'date': u'2016-01-02'}\n"
    "{u'username': u'Ben', u'hours': 9, u'product_id': u'75', u'date': u'Posted May 1'}\n"
    "[u'a list']\n"
    "{u'username': u'Ann', u'hours': 1.0, u'product_id': u'75', u'date': u'2015-12-31'}\n"
)


def load(folder: Path, reviews: str = REVIEWS, games: str = GAMES, **more: Any) -> InteractionLog:
    paths = {"reviews": folder / "steam_reviews.json.gz", "games": folder / "steam_games.json"}
    paths["reviews"].write_bytes(gzip.compress(reviews.encode()))
    paths["games"].write_text(games, encoding="utf-8")
    return SteamDataset(SteamOptions(**paths, **more)).load(SilentProgress())


def test_every_quirk_is_mended_or_counted(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    log = load(tmp_path)
    assert not (tmp_path / "owned").exists()
    assert [(item.id, item.title) for item in log.catalogue] == [
        ("70", "Half-Life"),
        ("71", "Rock &amp; Roll"),  # mended by ``prepare``, as everywhere
        ("72", "Snow\u2122"),
        ("75", 'It\'s "quoted"'),
    ]
    assert log.catalogue.item("70").attributes == {
        "genre": ("Action",),
        "tag": ("FPS", "Sci-fi"),
        "feature": ("Single-player",),
        "developer": ("Valve",),
        "publisher": ("Valve",),
    }
    assert log.catalogue.item("71").attributes == {}
    assert log.histories == {"Ann": ("75", "71", "70"), "Ben": ("72", "70")}
    dropped = "dropped; the first is steam_reviews.json.gz"
    assert log.notes == (
        "steam_reviews.json.gz was recognized by its first 1,000 lines as one review per line",
        "1 item without an item id was dropped; the first is steam_games.json:5",
        "1 item with an empty title was dropped; the first is steam_games.json:4",
        f"2 interactions that cannot be read as the literal of a Python dict were {dropped}:3",
        f"1 interaction repeating an earlier row was {dropped}:7",
        (
            "1 interaction whose 'date' is neither a number nor a known date, such as "
            f"'Posted May 1' was {dropped}:8"
        ),
        (
            "2 of 5 interactions share user and time with another; "
            "among those the file's order is kept"
        ),
    )


def test_hours_decide_what_counts(tmp_path: Path) -> None:
    readable = "".join(line for line in REVIEWS.splitlines(keepends=True) if "'hours'" in line)
    log = load(tmp_path, readable, hours_at_least=1)
    assert log.histories == {"Ann": ("75", "71"), "Ben": ("70",)}
    assert "1 interaction whose 'hours' is below 1 was left out" in log.notes


@pytest.mark.parametrize(
    "line",
    [
        "open('/etc/passwd').read()",
        "{'a': [].append(1)}",
        "{'a': 1 if True else 2}",
        "lambda: 0",
        "{'a': 10 ** 10}",
        "{",
        "[" * 5_000,
        "-" * 100_000 + "1",
        "{'a': '" + "x" * 1_000_000 + "'}",
        "\x00",
    ],
)
def test_what_is_no_literal_of_a_dict_is_refused(line: str) -> None:
    with pytest.raises((ValueError, TypeError, RecursionError, MemoryError)):
        literal_record(line)


class TestSteamContract(DatasetContract):
    @pytest.fixture
    def make_dataset(self, tmp_path_factory):
        folder = tmp_path_factory.mktemp("steam")
        load(folder)
        paths = {"reviews": folder / "steam_reviews.json.gz", "games": folder / "steam_games.json"}
        return lambda: SteamDataset(SteamOptions(**paths))
