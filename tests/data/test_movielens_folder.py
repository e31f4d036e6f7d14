"""``MovieLensFolder`` on one miniature of each layout, and on RecBole's copy against itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from recexplainer.data.movielens_folder import MovieLensFolder, MovieLensFolderOptions
from recexplainer.errors import DataError
from recexplainer.records import InteractionLog, SilentProgress
from recexplainer.testing import DatasetContract

NO_GENRE = "|".join("0" * 19)


def flags(*set_to_one: int) -> str:
    return "|".join("1" if row in set_to_one else "0" for row in range(19))


# Of 19 genres in the order of u.genre: 5 is Comedy, 8 Drama, 0 unknown.
FILMS_100K = (
    f"1|Kid, The (1921)|01-Jan-1921||http://x|{flags(5, 8)}\n"
    f"2|Sabrina (1954)|01-Jan-1954||http://x|{flags(5)}\n"
    f"3|Sabrina (1995)|01-Jan-1995||http://x|{flags(5)}\n"
    f"267|unknown||||{flags(0)}\n"
    f'5|"Café" (1990)|01-Jan-1990||http://x|{flags(8)}\n'
)
RATINGS_100K = "196\t1\t3\t881250949\n186\t5\t3\t891717742\n196\t2\t1\t881250948\n196\t267\t4\t9\n"
MOVIES_DAT = (
    "1::Kid, The (1921)::Comedy|Drama\n"
    "2::Sabrina (1954)::Comedy\n"
    "3::Sabrina (1995)::Comedy|Romance\n"
    "5::Star Wars: Episode IV::A New Hope (1977)::Sci-Fi\n"
    "no film\n"
    '6::"Café" (1990)::(no genres listed)\n'
)
RATINGS_DAT = "1::1::5::978300760\n1::5::3.5::978302109\n2::3::4::978300000\n1::2::1::978300759\n"
MOVIES_CSV = (
    "movieId,title,genres\n"
    '1,"Kid, The (1921)",Comedy|Drama\n'
    "2,Sabrina (1954),Comedy\n"
    "3,Sabrina (1995),Comedy|Romance\n"
    "4,Babylon 5,(no genres listed)\n"
    '5,"""Great Performances"" Cats (1998)",Musical\n'
    "6,,Drama\n"
)
RATINGS_CSV = (
    "userId,movieId,rating,timestamp\n"
    "1,1,4.0,964982703\n"
    "1,4,0.5,964981247\n"
    "2,3,5.0,964982224\n"
    "2,6,5.0,964982225\n"
    "2,9,5.0,964982226\n"
    "2,2,5.0,\n"
)


def load(folder: Path, rating_at_least: float = 0, **files: str | bytes) -> InteractionLog:
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        data = content if isinstance(content, bytes) else content.encode()
        (folder / name.replace("_", ".")).write_bytes(data)
    options = MovieLensFolderOptions(folder=folder, rating_at_least=rating_at_least)
    return MovieLensFolder(options).load(SilentProgress())


def test_100k_is_read_as_it_was_unpacked(tmp_path: Path) -> None:
    log = load(
        tmp_path / "ml-100k",
        u_data=RATINGS_100K,
        u_item=FILMS_100K.encode("latin-1"),
        u_user="196|49|M|writer|55105\n",
    )
    assert log.name == "ml-100k"
    assert [(item.id, item.title) for item in log.catalogue] == [
        ("1", "The Kid"),
        ("2", "Sabrina (1954)"),
        ("3", "Sabrina (1995)"),
        ("267", "Unknown film"),
        ("5", '"Café"'),
    ]
    assert log.catalogue.item("1").attributes == {
        "genre": ("Comedy", "Drama"),
        "decade": ("1920s",),
    }
    assert log.catalogue.item("267").attributes == {}
    assert log.histories == {"196": ("267", "2", "1"), "186": ("5",)}
    assert len(log.notes) == 3  # the nameless film, the years behind two titles, and a time of 9


@pytest.mark.parametrize("encoding", ["latin-1", "utf-8"])  # 1M is the first, 10M the second
def test_1m_and_10m_have_double_colons(tmp_path: Path, encoding: str) -> None:
    folder = tmp_path / "ml"
    log = load(folder, ratings_dat=RATINGS_DAT, movies_dat=MOVIES_DAT.encode(encoding))
    assert log.catalogue.titles == (
        "The Kid",
        "Sabrina (1954)",
        "Sabrina (1995)",
        "Star Wars: Episode IV::A New Hope",
        '"Café"',
    )
    assert log.catalogue.item("3").attributes["genre"] == ("Comedy", "Romance")
    assert log.catalogue.item("6").attributes == {"decade": ("1990s",)}
    assert log.histories == {"1": ("2", "1", "5"), "2": ("3",)}
    assert log.notes == (
        "1 item that cannot be read as id::title::genres was dropped; the first is movies.dat:5",
        "2 titles of several films got the year of the film",
    )


def test_20m_and_later_are_csv(tmp_path: Path) -> None:
    log = load(tmp_path / "ml-25m", ratings_csv=RATINGS_CSV, movies_csv=MOVIES_CSV, links_csv="a")
    assert log.catalogue.titles == (
        "The Kid",
        "Sabrina (1954)",
        "Sabrina (1995)",
        "Babylon 5",
        '"Great Performances" Cats',
    )
    assert log.catalogue.item("4").attributes == {}
    assert log.histories == {"1": ("4", "1"), "2": ("3",)}
    assert log.notes == (
        "1 item with an empty title was dropped; the first is movies.csv:7",
        "2 titles of several films got the year of the film",
        (
            "2 interactions of items that are not listed (such as '6'; a listed one is '1') were "
            "dropped; the first is ratings.csv:5"
        ),
        (
            "1 interaction whose 'timestamp' is neither a number nor a known date, such as an "
            "empty cell was dropped; the first is ratings.csv:7"
        ),
    )


def test_low_ratings_are_left_out(tmp_path: Path) -> None:
    log = load(tmp_path / "ml", rating_at_least=3.5, ratings_dat=RATINGS_DAT, movies_dat=MOVIES_DAT)
    assert log.histories == {"1": ("1", "5"), "2": ("3",)}
    assert log.notes[-1] == "1 interaction whose 'rating' is below 3.5 was left out"


def test_a_folder_around_the_folder_is_named(tmp_path: Path) -> None:
    load(tmp_path / "ml-1m", ratings_dat=RATINGS_DAT, movies_dat=MOVIES_DAT)
    with pytest.raises(DataError, match=r"Did you mean its folder 'ml-1m'\?"):
        load(tmp_path)


def test_recbole_and_grouplens_agree_on_the_real_100k(tmp_path: Path) -> None:
    """Write RecBole's copy back in GroupLens' layout; both readers must see one log."""
    from recexplainer.data.movielens import MovieLens100K, MovieLens100KOptions, _bundled_folder

    theirs = MovieLens100K(MovieLens100KOptions()).load(SilentProgress())
    rows = (_bundled_folder() / "ml-100k.inter").read_text("utf-8").splitlines()[1:]
    films = "".join(
        f"{item.id}|{item.title}||||{NO_GENRE}\n".replace("Unknown film", "unknown")
        for item in theirs.catalogue
    )
    folder = tmp_path / "ml-100k"
    log = load(folder, u_data="".join(f"{row}\n" for row in rows), u_item=films)
    assert log.histories == theirs.histories
    assert log.interactions == 100_000


class TestMovieLensFolderContract(DatasetContract):
    @pytest.fixture
    def make_dataset(self, tmp_path_factory):
        folder = tmp_path_factory.mktemp("films") / "ml-1m"
        load(folder, ratings_dat=RATINGS_DAT, movies_dat=MOVIES_DAT)
        return lambda: MovieLensFolder(MovieLensFolderOptions(folder=folder))
