"""Editions beyond their plain layout: what cannot be told, does not go together, or is damaged."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from recexplainer.data.amazon import AmazonDataset, AmazonOptions
from recexplainer.data.hub import HubDataset, HubOptions
from recexplainer.data.mind import MindDataset, MindOptions
from recexplainer.data.movielens_folder import MovieLensFolder, MovieLensFolderOptions
from recexplainer.data.steam import SteamDataset, SteamOptions
from recexplainer.data.tabular import CsvDataset, CsvOptions
from recexplainer.errors import DataError
from recexplainer.records import InteractionLog, SilentProgress
from recexplainer.testing import DatasetContract


def write(path: Path, text: str) -> Path:
    """Write ``text``, packed as the path's ending says."""
    content = text.encode()
    if path.suffix == ".gz":
        content = gzip.compress(content)
    if path.suffix == ".zst":
        content = pa.Codec("zstd").compress(content, asbytes=True)
    path.write_bytes(content)
    return path


def lines(*records: dict[str, Any]) -> str:
    return "".join(f"{json.dumps(record)}\n" for record in records)


# ── Amazon ───────────────────────────────────────────────────────────────────────────────────────


def ratings(folder: Path, text: str, *ids: str, **options: Any) -> InteractionLog:
    items = lines(*({"asin": asin, "title": f"Title {asin}"} for asin in ids))
    paths = AmazonOptions(
        reviews=write(folder / "ratings.csv.zst", text),
        metadata=write(folder / "meta.json.gz", items),
        **options,
    )
    return AmazonDataset(paths).load(SilentProgress())


@pytest.mark.parametrize("item_first", [True, False])
def test_the_metadata_tell_whose_ids_come_first(tmp_path: Path, item_first: bool) -> None:
    pairs = [("x", "p", 2), ("x", "q", 1), ("y", "q", 3)]
    text = "".join(
        f"{i},{u},5.0,{t}\n" if item_first else f"{u},{i},5.0,{t}\n" for u, i, t in pairs
    )
    log = ratings(tmp_path, text, "p", "q")
    assert log.histories == {"x": ("q", "p"), "y": ("q",)}
    assert ("ratings of 2018" if item_first else "ratings of 2014") in log.notes[0]


def test_where_no_listed_item_is_near_the_look_of_ids_tells(tmp_path: Path) -> None:
    text = "0001713353,A1C6M8LCIX4M6M,5.0,3\n0001713353,A2SUAM1J3GNN3B,1.0,4\nz9,A2,1.0,5\n"
    many = [f"z{n}" for n in range(10, 1_020)]  # what was rated comes after the first lines
    log = ratings(tmp_path, text, *many, "0001713353", "z9")
    assert log.histories == {
        "A1C6M8LCIX4M6M": ("0001713353",),
        "A2SUAM1J3GNN3B": ("0001713353",),
        "A2": ("z9",),
    }


def test_whose_ids_come_first_is_asked_for_where_nothing_tells(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"Set the option `first_column` to user or item$"):
        ratings(tmp_path, "x,p,5.0,1\ny,p,5.0,2\n", "a")
    both = "p,q,5.0,1\nq,p,4.0,2\n"
    assert ratings(tmp_path, both, "p", "q", first_column="item").histories == {
        "q": ("p",),
        "p": ("q",),
    }


def test_low_ratings_of_a_table_are_left_out(tmp_path: Path) -> None:
    log = ratings(tmp_path, "u,p,5.0,1\nu,q,2.0,2\nv,q,4.0,3\n", "p", "q", rating_at_least=4)
    assert log.histories == {"u": ("p",), "v": ("q",)}


def test_a_table_of_something_else_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no review of Amazon's .*it has user, film, stars$"):
        ratings(tmp_path, "user,film,stars\nu,p,5\n", "p")


# ── Steam ────────────────────────────────────────────────────────────────────────────────────────

PLAYED = (
    '1,"Portal, the First",purchase,1.0,0\n1,"Portal, the First",play,0.5,0\n'
    '1,"Portal, the First",play,2.5,0\n1,Dota 2,purchase,1.0,0\n2,Dota 2,purchase,1.0,0\n'
    "2,Dota 2,play,300,0\n"
)


def steam(folder: Path, text: str, games: str | None = None, **options: Any) -> InteractionLog:
    if games is not None:
        options["games"] = write(folder / "games.gz", games)
    rows = write(folder / "steam.zst", text)
    return SteamDataset(SteamOptions(reviews=rows, **options)).load(SilentProgress())


def test_a_purchase_and_its_hours_are_one_interaction(tmp_path: Path) -> None:
    log = steam(tmp_path, PLAYED)
    assert log.histories == {"1": ("Portal, the First", "Dota 2"), "2": ("Dota 2",)}
    assert log.catalogue.titles == ("Portal, the First", "Dota 2")
    assert any(note.startswith("3 rows of steam.zst") for note in log.notes)


def test_hours_of_a_table_and_of_libraries_are_hours(tmp_path: Path) -> None:
    assert steam(tmp_path, PLAYED, hours_at_least=2).histories == {
        "1": ("Portal, the First",),
        "2": ("Dota 2",),
    }
    games = [
        {"item_id": "10", "item_name": "A", "playtime_forever": 119},
        {"item_id": "20", "item_name": "B", "playtime_forever": 120},
    ]
    library = repr({"user_id": "u", "items_count": 2, "items": games}) + "\n"
    assert steam(tmp_path, library, hours_at_least=2).histories == {"u": ("20",)}


RECOMMENDED = (
    "app_id,helpful,funny,date,is_recommended,hours,user_id,review_id\n"
    "10,0,0,2020-01-02,True,3.5,7,0\n20,0,0,2020-01-01,False,0.2,7,1\n10,0,0,2020-01-03,true,1,8,2\n"
)
LISTED = "app_id,title,rating\n10,A,Mixed\n20,B,Positive\n"


def test_only_what_is_recommended_counts_where_that_is_asked_for(tmp_path: Path) -> None:
    assert steam(tmp_path, RECOMMENDED, LISTED).histories == {"7": ("20", "10"), "8": ("10",)}
    log = steam(tmp_path, RECOMMENDED, LISTED, recommended_only=True)
    assert log.histories == {"7": ("10",), "8": ("10",)}


@pytest.mark.parametrize(
    ("text", "games", "options", "words"),
    [
        (RECOMMENDED, None, {}, "this file has no titles; set the option `games`"),
        (PLAYED, LISTED, {}, "games are known by their titles here; leave the option `games` out"),
        (PLAYED, None, {"recommended_only": True}, "nothing that `recommended_only`"),
        ("a,b\n1,2\n", None, {}, "it has a, b. Known are"),
        (RECOMMENDED, "id,title\n1,A\n", {}, "a record has no 'app_id'; it has id, title"),
        ("1,a,bought,1,0\n2,b,play,1,0\n", None, {}, "Known are"),
    ],
)
def test_what_does_not_fit_is_refused(
    tmp_path: Path, text: str, games: str | None, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(DataError) as refusal:
        steam(tmp_path, text, games, **options)
    assert words in str(refusal.value)


def test_no_literal_is_executed_in_any_shape(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    evil = "{'user_id': __import__('pathlib').Path('owned').touch(), 'items': []}\n"
    good = "{'user_id': 'u', 'items': [{'item_id': '1', 'item_name': 'A'}]}\n"
    log = steam(tmp_path, good * 9 + evil)
    assert not (tmp_path / "owned").exists()
    assert any("1 interaction that cannot be read as the literal" in note for note in log.notes)
    assert any("steam.zst:10" in note for note in log.notes)


# ── MIND ─────────────────────────────────────────────────────────────────────────────────────────

NEWS = "".join(f"N{n}\tnews\tworld\tTitle {n}\t\t\t[]\t[]\n" for n in range(5))


def mind(folder: Path, rows: str) -> InteractionLog:
    options = MindOptions(
        behaviors=write(folder / "behaviors.tsv.gz", rows),
        news=write(folder / "news.tsv.zst", NEWS),
    )
    return MindDataset(options).load(SilentProgress())


def test_the_earliest_history_comes_first_and_is_taken_once(tmp_path: Path) -> None:
    rows = (
        "1\tU\t11/15/2019 1:00:00 PM\tN0 N1 N2\tN4-1\n"
        "2\tU\t11/15/2019 9:00:00 AM\tN0 N1\tN3-0 N2-1\n"
    )
    log = mind(tmp_path, rows)
    assert log.histories == {"U": ("N0", "N1", "N2", "N4")}
    assert log.notes == ()


def test_an_impression_without_a_time_is_lost_and_named(tmp_path: Path) -> None:
    rows = "".join(f"{n}\tU{n}\t11/15/2019 1:00:00 PM\tN0 N1\tN4-1\n" for n in range(9))
    log = mind(tmp_path, rows + "10\tV\tsoon\tN0\tN1-1\n")
    assert list(log.histories) == [f"U{n}" for n in range(9)]
    assert log.notes == (
        (
            "1 interaction of an impression without a time was dropped; "
            "the first is behaviors.tsv.gz:10"
        ),
    )


def test_news_that_are_not_listed_are_named_by_their_impression(tmp_path: Path) -> None:
    rows = "".join(f"{n}\tU{n}\t11/15/2019 1:00:00 PM\tN0 N1\tN4-1\n" for n in range(9))
    log = mind(tmp_path, rows + "10\tV\t11/15/2019 1:00:00 PM\tN0 X7\tN1-1\n")
    assert log.histories["V"] == ("N0", "N1")
    assert "such as 'X7'" in log.notes[0]
    assert log.notes[0].endswith("behaviors.tsv.gz:10")


def test_impressions_without_clicks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no impression has a time .* and a click"):
        mind(tmp_path, "1\tU\t11/15/2019 1:00:00 PM\t\tN4-0\n")


class TestMindContract(DatasetContract):
    @pytest.fixture
    def make_dataset(self, tmp_path_factory):
        folder = tmp_path_factory.mktemp("mind")
        mind(folder, "1\tU\t11/15/2019 1:00:00 PM\tN0 N1 N2\tN4-1\n")
        options = MindOptions(behaviors=folder / "behaviors.tsv.gz", news=folder / "news.tsv.zst")
        return lambda: MindDataset(options)


# ── tables ───────────────────────────────────────────────────────────────────────────────────────


def test_tables_of_ids_translate_and_may_merge(tmp_path: Path) -> None:
    options = CsvOptions(
        interactions=write(tmp_path / "i.csv", "user_id,item_id\n0,5\n1,6\n2,7\n2,b\n"),
        items=write(
            tmp_path / "items.jsonl.zst", lines(*({"item_id": i, "title": i} for i in "abc"))
        ),
        item_map=write(tmp_path / "items.csv.gz", "old,new\n5,a\n6,b\n7,c\n"),
        user_map=write(tmp_path / "users.csv", "old,new\n0,ann\n1,ann\n"),
    )
    log = CsvDataset(options).load(SilentProgress())
    assert log.histories == {"ann": ("a", "b"), "2": ("c", "b")}


def test_a_table_of_ids_with_three_columns_is_refused(tmp_path: Path) -> None:
    rows = write(tmp_path / "i.csv", "user_id,item_id,timestamp\n0,5,1\n1,6,2\n")
    items = write(tmp_path / "t.csv", "item_id,title\n5,A\n6,B\n")
    options = CsvOptions(interactions=rows, items=items, item_map=rows)
    words = "i.csv: a table of ids has two columns"
    assert any(words in one for one in CsvDataset(options).objections())
    with pytest.raises(DataError, match="this one has 3: user_id, item_id, timestamp"):
        CsvDataset(options).load(SilentProgress())


@pytest.mark.parametrize("ending", [".json", ".json.gz", ".txt.zst"])
def test_lines_of_json_are_tables(tmp_path: Path, ending: str) -> None:
    items = lines(
        {"id": 1, "title": "A", "shelves": [{"count": "2", "name": "x|y"}, {"name": "z"}]},
        {"id": 2, "title": "B", "maker": "M"},
    )
    seen = [{"user_id": "u", "item_id": item, "timestamp": 30 - 10 * item} for item in (2, 1)]
    late = {"user_id": "u", "item_id": 1.0, "timestamp": 40}
    rows = lines(*seen, *[late] * 9, {"user_id": "u", "item_id": 1})
    options = CsvOptions(
        interactions=write(tmp_path / f"rows{ending}", rows),
        items=write(tmp_path / f"items{ending}", items),
        item_id_column="id",
    )
    log = CsvDataset(options).load(SilentProgress())
    assert log.histories == {"u": ("2", "1", "1")}
    assert [dict(item.attributes) for item in log.catalogue] == [
        {"shelves": ("x|y", "z")},
        {"maker": ("M",)},
    ]
    wrong = options.model_copy(update={"user_column": "user"})
    assert any("there is no column 'user'" in one for one in CsvDataset(wrong).objections())


@pytest.mark.parametrize("ending", [".gz", ".zst"])
def test_a_folder_of_movielens_and_lines_for_the_hub_may_be_packed(
    tmp_path: Path, ending: str
) -> None:
    folder = tmp_path / "ml"
    folder.mkdir()
    write(
        folder / f"movies.csv{ending}", "movieId,title,genres\n1,A (1995),Drama\n2,B (1996),War\n"
    )
    write(folder / f"ratings.csv{ending}", "userId,movieId,rating,timestamp\n7,2,5,1\n7,1,4,2\n")
    log = MovieLensFolder(MovieLensFolderOptions(folder=folder)).load(SilentProgress())
    assert log.histories == {"7": ("2", "1")}
    record = {"user_id": "u", "item_id": "i", "title": "A", "timestamp": 3}
    path = write(tmp_path / f"rows.jsonl{ending}", lines(record, {**record, "user_id": "v"}))
    log = HubDataset(HubOptions(path=path)).load(SilentProgress())
    assert log.histories == {"u": ("i",), "v": ("i",)}


def test_zstd_of_several_frames_is_read_whole(tmp_path: Path) -> None:
    """As ``pzstd`` writes it, which puts a frame to skip in front of each."""
    frame = b"\x50\x2a\x4d\x18\x04\x00\x00\x00size"
    parts = [b"user_id,item_id,timestamp\n1,5,3\n", b"1,6,2\n2,5,1\n"]
    packed = (frame + pa.Codec("zstd").compress(part, asbytes=True) for part in parts)
    path = tmp_path / "rows.csv"
    path.write_bytes(b"".join(packed))
    items = write(tmp_path / "items.csv", "item_id,title\n5,A\n6,B\n")
    log = CsvDataset(CsvOptions(interactions=path, items=items)).load(SilentProgress())
    assert log.histories == {"1": ("6", "5"), "2": ("5",)}
