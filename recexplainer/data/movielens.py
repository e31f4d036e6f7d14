"""The data set ``ml-100k``, read from RecBole's installed package without importing RecBole."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from pydantic import Field

from recexplainer.data.delimited_files import DelimitedFile, TableFormat
from recexplainer.data.films import film_items
from recexplainer.data.ordered_histories import histories_by_time
from recexplainer.data.plural_words import counted, were
from recexplainer.data.read_findings import Findings
from recexplainer.data.user_table import UserColumns, read_users, with_users
from recexplainer.errors import DataError
from recexplainer.plugins.interfaces import Dataset, Options
from recexplainer.plugins.providers import objections
from recexplainer.records import Catalogue, InteractionLog, Progress, Users

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MovieLens100K", "MovieLens100KOptions"]

_TABS = TableFormat(delimiter="\t", encoding="utf-8", quoting="double", header=True)
_FILM_COLUMNS = ("item_id:token", "movie_title:token_seq", "release_year:token", "class:token_seq")
_USER, _ITEM, _RATING, _TIME = "user_id:token", "item_id:token", "rating:float", "timestamp:float"
_RATING_COLUMNS = (_USER, _ITEM, _RATING, _TIME)
_ABOUT_USERS = {"age:token": "age", "gender:token": "gender", "occupation:token": "occupation"}
"""What is kept of users, and what it is called; their zip codes nearly name them."""
_REINSTALL = "install it with: pip install --force-reinstall --no-deps recbole==1.2.0"


class MovieLens100KOptions(Options):
    """Which of the 100,000 ratings count as interactions."""

    rating_at_least: float = Field(default=0, ge=0, le=5)
    """Ratings below this (they run from 1 to 5) are left out; 0 keeps all."""
    users: bool = True
    """Whether ``recx audit`` may compare users by age, gender and occupation; no recommender and no
    prompt sees them."""


class MovieLens100K(Dataset):
    """MovieLens 100K (Harper and Konstan, 2015): 943 users, 1,682 films, with genre and decade.

    The files inside RecBole's package are used where they are and never copied: MovieLens may not
    be redistributed.
    """

    def __init__(self, options: MovieLens100KOptions, folder: Path | None = None) -> None:
        """Read from ``folder``, or from RecBole's installed package where it is None."""
        self.options = options
        self._folder = folder

    def load(self, progress: Progress) -> InteractionLog:
        """Return the ratings from ``rating_at_least`` up as interactions, and all films.

        Raises:
            DataError: RecBole is not installed, or its files are not those of RecBole 1.2.0.
        """
        listed, rated = self._files()
        with progress.bar("reading ml-100k", 2) as bar:
            films = listed.read(_FILM_COLUMNS).frame
            rows = films.itertuples(index=False, name=None)
            items, item_notes = film_items((*row[:3], row[3].split()) for row in rows)
            bar.advance()
            ratings = rated.read(_RATING_COLUMNS).frame
            histories, notes = self._histories(ratings)
            bar.advance()
        log = InteractionLog("ml-100k", Catalogue(items), histories, item_notes + notes)
        return with_users(log, *self._users()) if self.options.users else log

    def objections(self) -> Iterator[str]:
        """Yield why the files cannot be used; see ``Provider.ready``."""
        yield from objections(self._files)

    def _users(self) -> tuple[Users, Findings]:
        """Return what is known of users; a copy of the data may lack it."""
        path = (self._folder or _bundled_folder()) / "ml-100k.user"
        if not path.is_file():
            return {}, Findings()
        file = _with_columns(path, (_USER, *_ABOUT_USERS))
        users, findings = read_users(file, UserColumns(_USER, tuple(_ABOUT_USERS)))
        return {
            user: {_ABOUT_USERS[name]: value for name, value in known.items()}
            for user, known in users.items()
        }, findings

    def _files(self) -> tuple[DelimitedFile, DelimitedFile]:
        """Return the files of films and of ratings. Raises DataError where they are no such."""
        folder = self._folder or _bundled_folder()
        films = _with_columns(folder / "ml-100k.item", _FILM_COLUMNS)
        return films, _with_columns(folder / "ml-100k.inter", _RATING_COLUMNS)

    def _histories(
        self, ratings: pd.DataFrame
    ) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
        import pandas as pd

        least = self.options.rating_at_least
        kept = ratings[pd.to_numeric(ratings[_RATING]) >= least]
        users, names = pd.factorize(kept[_USER])
        # Whole seconds in int64: RecBole's float32 would make those within a minute equal.
        times = kept[_TIME].astype("int64").to_numpy()
        items = kept[_ITEM].to_numpy(dtype=object)
        histories, ties = histories_by_time(users.astype(np.int64), items, times, names.tolist())
        low = len(ratings) - len(kept)
        notes = (f"{counted(low, 'rating')} below {least:g} {were(low)} left out",) if low else ()
        return histories, notes + ties.notes(len(kept))


def _bundled_folder() -> Path:
    found = importlib.util.find_spec("recbole")
    if found is None or not found.submodule_search_locations:
        raise DataError(f"ml-100k comes with RecBole, which is not installed; {_REINSTALL}")
    return Path(found.submodule_search_locations[0]) / "dataset_example" / "ml-100k"


def _with_columns(path: Path, columns: tuple[str, ...]) -> DelimitedFile:
    if not path.is_file():
        raise DataError(f"RecBole's package lacks this file; {_REINSTALL}", path=path)
    file = DelimitedFile(path, _TABS)
    if not set(columns) <= set(file.names()):
        raise DataError(f"this is not the file that RecBole 1.2.0 carries; {_REINSTALL}", path=path)
    return file
