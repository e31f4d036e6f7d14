"""A mistake in data or its options ends ``recx run`` with 2 and one line that says where it is."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from recexplainer.cli.main import main

Content = str | bytes


def log(users: int = 5, items: int = 5) -> list[tuple[str, str, int]]:
    """Return interactions of every user with every item: a 5-core."""
    return [(f"u{user}", f"i{item}", item) for user in range(users) for item in range(items)]


def lines(head: str, rows: list[str]) -> str:
    return "".join(f"{line}\n" for line in [head, *rows] if line)


ROWS = lines("user_id,item_id,timestamp", [f"{u},{i},{t}" for u, i, t in log()])
ITEMS = lines("item_id,title,genre", [f"i{item},Title {item},Drama" for item in range(5)])
REVIEWS = lines(
    "", [json.dumps({"reviewerID": u, "asin": i, "unixReviewTime": t}) for u, i, t in log()]
)
META = lines("", [json.dumps({"asin": f"i{item}", "title": f"T{item}"}) for item in range(5)])
META_2023 = META.replace("asin", "parent_asin")
STEAM = lines("", [repr({"username": u, "product_id": i, "date": t}) for u, i, t in log()])
GAMES = lines("", [repr({"id": f"i{item}", "title": f"T{item}"}) for item in range(5)])
RATINGS = lines("", [f"{u}::{i[1]}::5::{t}" for u, i, t in log()])
MOVIES = lines("", [f"{item}::Film {item} (1990)::Drama" for item in range(5)])
INTER = ROWS.replace("user_id,item_id,timestamp", "user_id:token,item_id:token,timestamp:float")
ITEM = ITEMS.replace("item_id,title,genre", "item_id:token,title:token_seq,genre:token_seq")
HUB = lines("", [json.dumps({"user_id": u, "item_id": i, "title": i}) for u, i, _ in log()])

FILES: dict[str, dict[str, Content]] = {
    "csv": {"rows.csv": ROWS, "items.csv": ITEMS},
    "amazon": {"reviews.json": REVIEWS, "meta.json": META},
    "steam": {"reviews.json": STEAM, "games.json": GAMES},
    "movielens": {"ml/ratings.dat": RATINGS, "ml/movies.dat": MOVIES},
    "recbole": {"x.inter": INTER.replace(",", "\t"), "x.item": ITEM.replace(",", "\t")},
    "hub": {"rows.jsonl": HUB},
}
OPTIONS: dict[str, dict[str, Any]] = {
    "csv": {"interactions": "rows.csv", "items": "items.csv"},
    "amazon": {"reviews": "reviews.json", "metadata": "meta.json"},
    "steam": {"reviews": "reviews.json", "games": "games.json"},
    "movielens": {"folder": "ml"},
    "recbole": {"interactions": "x.inter", "items": "x.item"},
    "hub": {"path": "rows.jsonl"},
}


@dataclass
class Mistake:
    """What is changed in a data set that works, and words of the message."""

    dataset: str
    words: str
    files: dict[str, Content | None] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


def csv(words: str, rows: Content = ROWS, items: Content = ITEMS, **options: Any) -> Mistake:
    return Mistake("csv", words, {"rows.csv": rows, "items.csv": items}, options)


def parquet() -> bytes:
    frame = pd.DataFrame({"user_id": ["a"], "item_id": ["b"], "timestamp": [{"a": 1}]})
    return frame.to_parquet()


IN_HEADS = {
    "a column is missing": csv("rows.csv:1: there is no column 'user_id'", ROWS.replace("_", "")),
    "the delimiter is another": csv(
        "option `delimiter` to ';'", ROWS.replace(",", ";"), delimiter=","
    ),
    "a named column is missing": csv("Set the option `time_column`", time_column="when"),
    "an attribute is missing": csv("option `attribute_columns`", attribute_columns=["gender"]),
    "the ratings' column is missing": csv(
        "Set the option `rating_column`", rating_column="stars", rating_at_least=3
    ),
    "a row is too long": csv("rows.csv:27: this row has 4 cells", ROWS + "u,i1,2,3\n"),
    "a column is there twice": csv(
        "items.csv:1: column 'title' is named twice", items=ITEMS.replace("genre", "title")
    ),
    "the file is empty": csv("rows.csv: the file is empty", ""),
    "there are no rows": csv("items.csv: the file has a header but no", items="item_id,title\n"),
    "bytes are no UTF-8": csv(
        "items.csv:3: this is not utf-8",
        items="item_id,title\n1,A\n2,\xe9\n".encode("latin-1"),
        encoding="utf-8",
    ),
    "a quote is never closed": csv(
        "items.csv:8: a double quote opens", items=ITEMS + 'i8,"T, y",x\ni9,"T,x\n'
    ),
    "gzip is cut short": csv("rows.csv: the packed file is cut", gzip.compress(ROWS.encode())[:-9]),
    "gzip is damaged": csv(
        "rows.csv: the packed file is cut", gzip.compress(ROWS.encode())[:20] + b"\0" * 60
    ),
    "a zip is no gzip": csv("rows.csv: this is a zip archive; unpack", b"PK\x03\x04" + b"\0" * 40),
    "text is no Parquet": csv(
        "items.csv: this is not a Parquet file", parquet(), file_format="parquet"
    ),
    "Parquet is no text": csv("rows.csv: this is a Parquet file; the", parquet()),
    "the first review is none": Mistake(
        "amazon", "reviews.json:1: this is no review of Amazon's", {"reviews.json": '{"a": 1}\n'}
    ),
    "no line is JSON": Mistake(
        "amazon", "reviews.json:1: no line of this file can be read", {"reviews.json": "{\n" * 9}
    ),
    "reviews are Steam's": Mistake(
        "amazon", "this is no review of Amazon's", {"reviews.json": STEAM}
    ),
    "reviews are empty": Mistake("amazon", "reviews.json: the file is empty", {"reviews.json": ""}),
    "metadata is of another year": Mistake(
        "amazon", "meta.json: these items are of 2023", {"meta.json": META_2023}
    ),
    "metadata is none": Mistake(
        "amazon",
        "meta.json:1: this is no metadata of Amazon's",
        {"meta.json": REVIEWS.replace("asin", "x")},
    ),
    "Steam's games are cut": Mistake(
        "steam", "games.json:1: no line of this file", {"games.json": "{'id': '1'\n"}
    ),
    "the games are reviews": Mistake(
        "steam", "games.json:1: a record has no 'id'", {"games.json": STEAM}
    ),
    "the reviews are of another release": Mistake(
        "steam", "has no 'username'; it has user_id", {"reviews.json": "{'user_id': '1'}\n"}
    ),
    "the films are missing": Mistake(
        "movielens", "ml: there is ratings.dat but no movies.dat", {"ml/movies.dat": None}
    ),
    "the folder is another": Mistake(
        "movielens", ".: this is no folder of", options={"folder": "."}
    ),
    "the archive is not unpacked": Mistake(
        "movielens", "ml.zip: this is not a folder; unpack", {"ml.zip": b"PK"}, {"folder": "ml.zip"}
    ),
    "films have too few parts": Mistake(
        "movielens", "movies.dat:1: no line", {"ml/movies.dat": MOVIES.replace("::", "|")}
    ),
    "ratings have too many parts": Mistake(
        "movielens",
        "ratings.dat:26: this row has 9 cells",
        {"ml/ratings.dat": RATINGS + "1::2::3::4::5\n"},
    ),
    "headers lack their types": Mistake(
        "recbole",
        "x.item:1: field 'title' has no type",
        {"x.item": ITEM.replace(",", "\t").replace(":token_seq", "", 1)},
    ),
    "a field is missing": Mistake(
        "recbole", "x.inter:1: there is no column 'user'", options={"user_id_field": "user"}
    ),
    "a field of times is misspelt": Mistake(
        "recbole",
        "x.inter:1: there is no column 'tiem'; there are: ",
        options={"time_field": "tiem"},
    ),
    "a field of ratings is misspelt": Mistake(
        "recbole", "Set the option `rating_field`", options={"rating_field": "stars"}
    ),
    "no column of a file without a header is called so": csv(
        "looks like a row", ROWS.partition("\n")[2]
    ),
    "no field is a title": Mistake(
        "recbole",
        "Set the option `title_field`",
        {"x.item": ITEM.replace(",", "\t").replace("title", "text")},
    ),
}
IN_ROWS = {
    "most ids match nothing": csv(
        "rows.csv:2: 25 of 25 inter", ROWS.replace(",i", ",x").replace("xt", "it")
    ),
    "most times are none": csv("rows.csv:2: 25 of 25 inter", time_column="user_id"),
    "most titles are empty": csv(
        "items.csv:2: 5 of 5 items", items=ITEMS.replace("Drama", ""), title_column="genre"
    ),
    "Parquet holds structures": Mistake(
        "csv",
        "rows.pq: column 'timestamp' holds struct",
        {"rows.pq": parquet()},
        {"interactions": "rows.pq"},
    ),
    "more than a tenth of the rows is lost": csv(
        "go on without with --set dataset.accept_losses=true", ROWS + "u9,,1\n" * 3
    ),
    "too few for a core": csv("no interactions of", lines("user_id,item_id", ["a,i1", "b,i2"])),
    "the recipe leaves nothing": Mistake("csv", "raise `top_items`", settings={"top_items": 1}),
    "most reviews are damaged": Mistake(
        "amazon", "reviews.json:26: 30 of 55", {"reviews.json": REVIEWS + "{\n" * 30}
    ),
    "a hub column is missing": Mistake(
        "hub", "rows.jsonl: there is no column 'label'", options={"title_column": "label"}
    ),
    "a hub file is damaged": Mistake("hub", "rows.jsonl: cannot be", {"rows.jsonl": '{"a": \n[}'}),
    "a hub file is of no kind": Mistake(
        "hub", "x.xml: cannot be loaded", {"x.xml": "<a/>"}, {"path": "x.xml"}
    ),
    "a hub split is missing": Mistake(
        "hub", "split", {"d/train.jsonl": HUB}, {"path": "d", "split": "t"}
    ),
    "a hub name is unknown offline": Mistake(
        "hub", "owner/none: cannot be loaded", options={"path": None, "repository": "owner/none"}
    ),
}
IN_OPTIONS = {
    "a file is missing": csv("options.interactions: there is no file r.csv", interactions="r.csv"),
    "a path is required": Mistake(
        "amazon", "options.metadata: is required", options={"metadata": ...}
    ),
    "an option is misspelled": csv("did you mean 'user_column'?", user_colum="u"),
    "a delimiter is too long": csv("dataset.options.delimiter: ", delimiter="::"),
    "an encoding is unknown": csv("unknown encoding 'utf-9'; try utf-8", encoding="utf-9"),
    "a format is unknown": csv("must be one of 'parquet', 'auto'", file_format="parket"),
    "ratings have no column": csv("rating_at_least needs rating_column", rating_at_least=3),
    "stars beyond five": Mistake("amazon", "must be at most 5", options={"rating_at_least": 6}),
    "hours below zero": Mistake("steam", "must be at least 0", options={"hours_at_least": -1}),
    "two places of one table": Mistake(
        "hub", "give either repository", options={"repository": "owner/name"}
    ),
    "no items at the top": Mistake(
        "csv", "dataset.top_items: must be at least 1, got 0", settings={"top_items": 0}
    ),
    "a sample in words": Mistake(
        "csv", "dataset.sample_users: must be a whole", settings={"sample_users": "some"}
    ),
    "a core too small": Mistake(
        "csv", "dataset.min_interactions: must be at least 3", settings={"min_interactions": 1}
    ),
}


def run(
    mistake: Mistake, folder: Path, capsys: pytest.CaptureFixture[str]
) -> tuple[int | str | None, str]:
    """Write the data set with its mistake, run it, and return how that ended."""
    for name, content in {**FILES[mistake.dataset], **mistake.files}.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        if content is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(content.encode() if isinstance(content, str) else content)
    given = {**OPTIONS[mistake.dataset], **mistake.options}
    options = {name: value for name, value in given.items() if value is not ...}
    settings = {"name": mistake.dataset, "options": options, **mistake.settings}
    Path("run.yaml").write_text(yaml.safe_dump({"dataset": settings}), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        main(["run", "run.yaml", "--out", "out", "--target", "popularity", "--align", "behavior"])
    return ended.value.code, capsys.readouterr().err


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    set_by_main = {
        "GOMP_SPINCOUNT": "10000",
        "LRU_CACHE_CAPACITY": "64",
        "ONEDNN_PRIMITIVE_CACHE_CAPACITY": "64",
        "TOKENIZERS_PARALLELISM": "false",
    }
    for name, value in set_by_main.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def parametrized(mistakes: dict[str, Mistake]) -> Callable[..., Any]:
    cases = [pytest.param(mistake, id=name) for name, mistake in mistakes.items()]
    return pytest.mark.parametrize("mistake", cases)


@parametrized(IN_ROWS)
def test_a_fault_of_a_file_is_one_line_and_leaves_no_log(mistake, here, capsys) -> None:
    code, said = run(mistake, here, capsys)
    assert code == 2, said
    (line,) = [line for line in said.splitlines() if line.startswith("recx: ")]
    assert said.endswith(f"{line}\n")
    assert "Traceback" not in said
    assert mistake.words in line
    assert sorted(path.name for path in (here / "out" / "1-dataset").iterdir()) == ["started.json"]


@parametrized(IN_HEADS)
def test_a_fault_in_the_head_of_a_file_is_found_before_anything_is_made(
    mistake, here, capsys
) -> None:
    code, said = run(mistake, here, capsys)
    assert code == 2, said
    first, line = said.splitlines()
    assert first == "recx: the configuration has 1 problem:"
    assert line.startswith(f"  dataset.name: {mistake.dataset}: ")
    assert mistake.words in line
    assert not (here / "out").exists()


@parametrized(IN_OPTIONS)
def test_a_fault_of_an_option_is_found_before_anything_is_made(mistake, here, capsys) -> None:
    code, said = run(mistake, here, capsys)
    assert code == 2, said
    first, line = said.splitlines()
    assert first == "recx: the configuration has 1 problem:"
    assert line.startswith("  dataset.")
    assert mistake.words in line
    assert not (here / "out").exists()


@pytest.mark.parametrize("dataset", FILES)
def test_without_a_mistake_each_of_them_is_read(dataset, here, capsys) -> None:
    """Else a mistake above might be another one's."""
    from recexplainer import default_plugins
    from recexplainer.data.preparation import prepare
    from recexplainer.plugins.manager import load_registry
    from recexplainer.records import SilentProgress

    for name, content in FILES[dataset].items():
        (here / name).parent.mkdir(exist_ok=True)
        (here / name).write_bytes(content.encode() if isinstance(content, str) else content)
    registry = load_registry([default_plugins], entry_points=False)
    options = registry.options("dataset", dataset, OPTIONS[dataset], "dataset.options")
    provider = registry.get("dataset", dataset)
    prepared = prepare(provider.build(options, None).load(SilentProgress()))
    assert prepared.interactions == 25
