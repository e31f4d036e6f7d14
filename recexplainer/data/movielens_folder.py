"""The data set ``movielens``: a folder of GroupLens as it was unpacked, whichever its edition."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from recexplainer.data.delimited_files import DelimitedFile, TableFormat
from recexplainer.data.films import film_items
from recexplainer.data.interaction_table import (
    InteractionColumns,
    read_interactions,
    require_interaction_columns,
)
from recexplainer.data.item_table import ItemColumns, usable_items
from recexplainer.data.opened_files import PACKED_ENDINGS, explained, open_bytes
from recexplainer.data.read_findings import Findings
from recexplainer.data.record_file import RecordFile
from recexplainer.data.text_tables import FileSource, Source
from recexplainer.data.user_table import UserColumns, read_users, with_users
from recexplainer.errors import DataError
from recexplainer.plugins.interfaces import Dataset, Options
from recexplainer.plugins.providers import objections
from recexplainer.records import Catalogue, InteractionLog, Item, Progress

__all__ = ["MovieLensFolder", "MovieLensFolderOptions"]

_USER, _ITEM, _RATING, _TIME = _COLUMNS = ("userId", "movieId", "rating", "timestamp")
_TITLE, _GENRES = "title", "genres"
_GENRES_OF_100K = (
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime"),
    *("Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery"),
    *("Romance", "Sci-Fi", "Thriller", "War", "Western"),
)
_FILMS_OF_100K = (_ITEM, _TITLE, "released", "released on video", "url", *_GENRES_OF_100K)
# Cells of ratings.dat are separated by "::": with ":" there is an empty one between each two.
_DOUBLE_COLONS = (_USER, "1", _ITEM, "2", _RATING, "3", _TIME)
_ABOUT_USERS = ("age", "gender", "occupation")
"""What is kept of users: their zip codes nearly name them."""
_USERS_OF_100K = (_USER, "age", "gender", "occupation", "zip code")
_USERS_OF_1M = (_USER, "1", "gender", "2", "age", "3", "occupation", "4", "zip code")


class MovieLensFolderOptions(Options):
    """Where the unpacked folder is, and which ratings count as interactions."""

    folder: Path
    """The unpacked folder of MovieLens 100K, 1M, 10M, 20M, 25M, 32M or latest."""
    rating_at_least: float = Field(default=0, ge=0, le=5)
    """Ratings below this (they run up to 5) are left out; 0 keeps all."""
    users: bool = True
    """Whether ``recx audit`` may compare users by age, gender and occupation, which 100K and 1M
    tell; no recommender and no prompt sees them."""


@dataclass(frozen=True, slots=True)
class _Layout:
    """One way in which GroupLens wrote the two files that matter."""

    editions: str
    ratings: str
    films: str
    open_ratings: Callable[[Path], FileSource]
    open_films: Callable[[Path, str], FileSource]


def _ratings_of_100k(path: Path) -> FileSource:
    return DelimitedFile(path, TableFormat("\t", names=_COLUMNS, quoting="none"))


def _films_of_100k(path: Path, encoding: str) -> FileSource:
    return DelimitedFile(
        path, TableFormat("|", encoding=encoding, names=_FILMS_OF_100K, quoting="none")
    )


def _ratings_with_colons(path: Path) -> FileSource:
    return DelimitedFile(path, TableFormat(":", names=_DOUBLE_COLONS, quoting="none"))


def _films_with_colons(path: Path, encoding: str) -> FileSource:
    columns = (_ITEM, _TITLE, _GENRES)
    return RecordFile(path, _film_with_colons, columns, "id::title::genres", encoding)


def _film_with_colons(line: str) -> dict[str, str]:
    film, first, rest = line.partition("::")
    title, second, genres = rest.rpartition("::")  # a title may hold colons itself
    if not (first and second):
        raise ValueError("a film is written as id::title::genres")
    return {_ITEM: film, _TITLE: title, _GENRES: genres}


_LAYOUTS = (
    _Layout("100K", "u.data", "u.item", _ratings_of_100k, _films_of_100k),
    _Layout("1M and 10M", "ratings.dat", "movies.dat", _ratings_with_colons, _films_with_colons),
    _Layout(
        editions="20M, 25M, 32M and latest",
        ratings="ratings.csv",
        films="movies.csv",
        open_ratings=lambda path: DelimitedFile(path, TableFormat(",", header=True)),
        open_films=lambda path, encoding: DelimitedFile(
            path, TableFormat(",", encoding=encoding, header=True)
        ),
    ),
)


class MovieLensFolder(Dataset):
    """MovieLens (Harper and Konstan, 2015) from files of your own, with genre and decade."""

    def __init__(self, options: MovieLensFolderOptions) -> None:
        self.options = options

    def load(self, progress: Progress) -> InteractionLog:
        """Return the ratings from ``rating_at_least`` up as interactions, and all films.

        Raises:
            DataError: the folder has no layout of MovieLens, or a file cannot be used.
        """
        name = self.options.folder.expanduser().resolve().name
        films, ratings = self._sources()
        with progress.bar(f"reading {name}", 2) as bar:
            items, findings = _films(films)
            bar.advance()
            catalogue = Catalogue(items)
            histories, found = read_interactions(ratings, self._columns, catalogue)
            bar.advance()
        log = (findings + found).log(name, catalogue, histories)
        users = self._users()
        if users is None:
            return log
        return with_users(log, *read_users(users, UserColumns(_USER, _ABOUT_USERS)))

    def objections(self) -> Iterator[str]:
        """Yield what the heads of the files show to be wrong; see ``Provider.ready``."""
        yield from objections(self._check_films, self._check_ratings)

    def head_notes(self) -> Iterator[str]:
        """Yield what the heads of the files show to be dropped or odd."""
        films, ratings = self._sources()
        _, findings = _films(films.head())
        _, found = read_interactions(ratings.head(), self._columns, None)
        yield from (findings + found).notes

    def files(self) -> tuple[Path, ...]:
        """Return the files of the folder that are read. Raises DataError where none are."""
        _, films, ratings = self._found()
        users = self._users()
        return (films, ratings) if users is None else (films, ratings, users.path)

    def _users(self) -> FileSource | None:
        """Return the file about users; None where the edition has none, or it is not wanted."""
        files = _files(self.options.folder.expanduser())
        for name, columns, mark in (
            ("u.user", _USERS_OF_100K, "|"),
            ("users.dat", _USERS_OF_1M, ":"),
        ):
            if self.options.users and name in files:
                return DelimitedFile(files[name], TableFormat(mark, names=columns, quoting="none"))
        return None

    def _check_films(self) -> None:
        films, _ = self._sources()
        _film_columns(films)
        films.check_head()

    def _check_ratings(self) -> None:
        _, ratings = self._sources()
        require_interaction_columns(ratings, self._columns)
        ratings.check_head()

    def _sources(self) -> tuple[FileSource, FileSource]:
        """Return the files of films and of ratings. Raises DataError where there are none."""
        layout, films, ratings = self._found()
        return layout.open_films(films, _encoding(films)), layout.open_ratings(ratings)

    def _found(self) -> tuple[_Layout, Path, Path]:
        folder = self.options.folder.expanduser()
        files = _files(folder)
        layout = _layout(folder, files)
        return layout, files[layout.films], files[layout.ratings]

    @property
    def _columns(self) -> InteractionColumns:
        least = self.options.rating_at_least
        return InteractionColumns(_USER, _ITEM, _TIME, _RATING if least else None, least)


def _files(folder: Path) -> dict[str, Path]:
    """Return what is in ``folder`` by name, files without the ending that says they are packed."""
    if not folder.is_dir():
        message = "this is not a folder; unpack the archive, and give the folder that comes out"
        raise DataError(message, path=folder)
    there = {path.name: path for path in sorted(folder.iterdir())}
    packed = {path.stem: path for path in there.values() if path.suffix in PACKED_ENDINGS}
    return {**packed, **there}


def _layout(folder: Path, files: Mapping[str, Path]) -> _Layout:
    found = set(files)
    for layout in _LAYOUTS:
        missing = {layout.ratings, layout.films} - found
        if not missing:
            return layout
        if len(missing) == 1:
            there = ({layout.ratings, layout.films} & found).pop()
            message = f"there is {there} but no {missing.pop()}; unpack the whole archive"
            raise DataError(message, path=folder)
    within = [name for name in sorted(found) if _has_layout(folder / name)]
    guess = f" Did you mean its folder {within[0]!r}?" if within else ""
    known = "; ".join(f"{one.ratings} and {one.films} ({one.editions})" for one in _LAYOUTS)
    raise DataError(f"this is no folder of MovieLens, which has {known}.{guess}", path=folder)


def _has_layout(folder: Path) -> bool:
    return any(
        (folder / layout.ratings).is_file() and (folder / layout.films).is_file()
        for layout in _LAYOUTS
    )


def _encoding(films: Path) -> str:
    """Return the encoding of a file of films: early editions are Latin-1, later ones UTF-8."""
    with explained(films), open_bytes(films) as file:
        content = file.read()
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _films(source: Source) -> tuple[list[Item], Findings]:
    columns = _film_columns(source)
    flags = [name for name in columns if name in _GENRES_OF_100K]
    sieve, doubts = usable_items(source.read(columns), ItemColumns(_ITEM, _TITLE))
    rows = sieve.frame.itertuples(index=False, name=None)
    items, notes = film_items(
        (film, title, "", _genres(cells, flags)) for film, title, *cells in rows
    )
    return items, Findings((*sieve.notes(), *notes), doubts)


def _film_columns(source: Source) -> list[str]:
    """Return the columns to read of films. Raises DataError where one is missing."""
    flags = [name for name in source.names() if name in _GENRES_OF_100K]
    columns = [_ITEM, _TITLE, *(flags or [_GENRES])]
    source.require(dict.fromkeys(columns, "folder"))
    return columns


def _genres(cells: Sequence[str], flags: Sequence[str]) -> list[str]:
    """Return the genres that 0 and 1 beneath ``flags`` tell, or else those written in one cell."""
    if flags:
        return [genre for genre, flag in zip(flags, cells, strict=True) if flag == "1"]
    return cells[0].split("|")
