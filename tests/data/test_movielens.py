"""``MovieLens100K`` on hand-made rows with each known defect, and on the real files."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from recexplainer.data.films import natural_title
from recexplainer.data.movielens import MovieLens100K, MovieLens100KOptions
from recexplainer.data.preparation import prepare
from recexplainer.errors import DataError
from recexplainer.records import InteractionLog, SilentProgress

ITEM_HEADER = "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
INTER_HEADER = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
FILMS = (
    "7\tKid, The\t1921\tComedy Drama\n"
    "8\tSabrina\t1954\tComedy\n"
    "9\tSabrina\t1995\tComedy\n"
    "267\tunkonwn\tunkonwn\tunknown\n"
    "11\tLand Before Time III (1995)\tV\tAnimation\n"
    "12\tSolaris\t1972\tunknown\n"
)
# Seconds that float32 cannot tell apart: its steps are 64 s here.
RATINGS = "u\t7\t5\t881250950\nu\t8\t1\t881250949\nv\t9\t3\t881250949\nu\t9\t4\t881250949\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "ml-100k.item").write_text(ITEM_HEADER + FILMS, encoding="utf-8")
    (tmp_path / "ml-100k.inter").write_text(INTER_HEADER + RATINGS, encoding="utf-8")
    return tmp_path


def load(folder: Path | None = None, rating_at_least: float = 0) -> InteractionLog:
    options = MovieLens100KOptions(rating_at_least=rating_at_least)
    return MovieLens100K(options, folder).load(SilentProgress())


def test_each_defect_of_the_film_list_is_mended(folder: Path) -> None:
    log = load(folder)
    assert {item.id: item.title for item in log.catalogue} == {
        "7": "The Kid",
        "8": "Sabrina (1954)",
        "9": "Sabrina (1995)",
        "267": "Unknown film",
        "11": "Land Before Time III",
        "12": "Solaris",
    }
    assert log.catalogue.item("7").attributes == {
        "genre": ("Comedy", "Drama"),
        "decade": ("1920s",),
    }
    assert log.catalogue.item("11").attributes == {"genre": ("Animation",), "decade": ("1990s",)}
    assert log.catalogue.item("12").attributes == {"decade": ("1970s",)}
    assert log.catalogue.item("267").attributes == {}


def test_films_of_one_title_and_year_are_left_to_preparing(tmp_path: Path, folder: Path) -> None:
    twin = "13\tSabrina\t1995\tDrama\n"
    (tmp_path / "ml-100k.item").write_text(ITEM_HEADER + FILMS + twin, encoding="utf-8")
    titles = load(folder).catalogue.title
    assert [titles(film) for film in ("8", "9", "13")] == ["Sabrina (1954)", "Sabrina", "Sabrina"]


def test_seconds_order_the_history_and_ties_keep_the_order_of_the_file(folder: Path) -> None:
    log = load(folder)
    assert log.histories == {"u": ("8", "9", "7"), "v": ("9",)}
    assert log.notes == (
        "1 film without title, year and genre in the source was kept as 'Unknown film'",
        "2 titles of several films got the year of the film",
        (
            "2 of 4 interactions share user and time with another; "
            "among those the file's order is kept"
        ),
    )


def test_low_ratings_are_left_out_on_request(folder: Path) -> None:
    log = load(folder, rating_at_least=4)
    assert log.histories == {"u": ("9", "7")}
    assert "2 ratings below 4 were left out" in log.notes


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Toy Story", "Toy Story"),
        ("Usual Suspects, The", "The Usual Suspects"),
        ("Paris, France", "Paris, France"),
        ("I, Worst of All (Yo, la peor de todas)", "I, Worst of All (Yo, la peor de todas)"),
        ("Hate (Haine, La)", "Hate (La Haine)"),
        (
            "Double vie de Véronique, La (Double Life of Veronique, The)",
            "La Double vie de Véronique (The Double Life of Veronique)",
        ),
        ("Maybe, Maybe Not (Bewegte Mann, Der)", "Maybe, Maybe Not (Der Bewegte Mann)"),
        ("Star Maker, The (Uomo delle stelle, L')", "The Star Maker (L'Uomo delle stelle)"),
        ("Mrs. Brown (Her Majesty, Mrs. Brown)", "Mrs. Brown (Her Majesty, Mrs. Brown)"),
        (
            "Cook the Thief His Wife & Her Lover, The",
            "The Cook the Thief His Wife & Her Lover",
        ),
        (
            "Adventures of Priscilla, Queen of the Desert, The",
            "The Adventures of Priscilla, Queen of the Desert",
        ),
    ],
)
def test_articles_move_to_the_front(written: str, said: str) -> None:
    assert natural_title(written) == said


def test_without_recbole_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(
        DataError, match=r"not installed; install it with: pip install .* recbole=="
    ):
        load()


def test_a_package_without_the_files_is_an_error(folder: Path) -> None:
    (folder / "ml-100k.inter").unlink()
    with pytest.raises(DataError, match=r"ml-100k\.inter: RecBole's package lacks this file"):
        load(folder)


def test_files_with_other_columns_are_an_error(folder: Path) -> None:
    (folder / "ml-100k.item").write_text("item_id\ttitle\n1\tA\n", encoding="utf-8")
    with pytest.raises(DataError, match="not the file that RecBole"):
        load(folder)


# ── the real files ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def real() -> InteractionLog:
    if importlib.util.find_spec("recbole") is None:
        pytest.skip("RecBole is not installed")
    return load()


def real_lines(name: str) -> list[list[str]]:
    """Read a bundled file with nothing but ``split``."""
    spec = importlib.util.find_spec("recbole")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "dataset_example" / "ml-100k" / name
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:]]


def test_real_log_has_every_user_item_and_rating_in_time_order(real: InteractionLog) -> None:
    assert (len(real.histories), len(real.catalogue), real.interactions) == (943, 1682, 100_000)
    rows = real_lines("ml-100k.inter")
    for user in ("1", "405", "943"):
        own = [(int(time), item) for who, item, _, time in rows if who == user]
        expected = tuple(item for _, item in sorted(own, key=lambda pair: pair[0]))
        assert real.histories[user] == expected


def test_real_five_core_matches_counting_by_hand(real: InteractionLog) -> None:
    rows = [(user, item) for user, item, *_ in real_lines("ml-100k.inter")]
    while True:
        by_user = Counter(user for user, _ in rows)
        by_item = Counter(item for _, item in rows)
        kept = [row for row in rows if by_user[row[0]] >= 5 and by_item[row[1]] >= 5]
        if len(kept) == len(rows):
            break
        rows = kept
    log = prepare(real)
    assert set(log.catalogue.ids) == {item for _, item in rows}
    assert (len(log.histories), len(log.catalogue)) == (943, 1349)
    assert log.interactions == len(rows)
    assert len(set(log.catalogue.titles)) == 1349


def test_reading_imports_neither_recbole_nor_torch(real: InteractionLog) -> None:
    code = (
        "import sys\n"
        "from recexplainer.data.movielens import MovieLens100K, MovieLens100KOptions\n"
        "from recexplainer.records import SilentProgress\n"
        "print('pandas' in sys.modules)\n"
        "log = MovieLens100K(MovieLens100KOptions()).load(SilentProgress())\n"
        "print(log.interactions, [name for name in ('recbole', 'torch') if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["False", f"{real.interactions} []"]
