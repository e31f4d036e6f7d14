"""The data set ``steam``: reviews, libraries or recommendations, and games."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import Field, model_validator

from recexplainer.data.delimited_files import DelimitedFile
from recexplainer.data.interaction_table import InteractionColumns
from recexplainer.data.item_table import ItemColumns
from recexplainer.data.markup import flat_texts
from recexplainer.data.record_file import RecordFile, megabytes, record_kind
from recexplainer.data.record_lines import Record, any_record
from recexplainer.data.steam_shapes import SteamLog, steam_log
from recexplainer.data.text_tables import FileSource
from recexplainer.data.two_tables import TwoTables
from recexplainer.errors import DataError
from recexplainer.plugins.interfaces import Dataset, Options
from recexplainer.plugins.providers import objections
from recexplainer.records import Bar, InteractionLog, Progress

__all__ = ["SteamDataset", "SteamOptions"]

_ITEM, _TITLE = "item", "title"
_ATTRIBUTES = {
    "genre": "genres",
    "tag": "tags",
    "feature": "specs",
    "developer": "developer",
    "publisher": "publisher",
}
"""Attribute to the field of a game that it is taken from."""
_TABLE_ITEM, _TABLE_RATING = "app_id", "rating"
"""Columns of ``games.csv``; what it calls rating is a verdict such as "Very Positive"."""


class SteamOptions(Options):
    """Where the files are, and which rows count as interactions."""

    reviews: Path
    """``steam_reviews.json.gz``, ``australian_users_items.json.gz``,
    ``australian_user_reviews.json.gz``, ``recommendations.csv`` or ``steam-200k.csv``, packed or
    not."""
    games: Path | None = None
    """``steam_games.json.gz`` or ``games.csv``, packed or not; None where the other file has the
    titles."""
    name: str = "steam"
    """What the report calls the data set."""
    hours_at_least: float = Field(default=0, ge=0)
    """Rows of users who had played the game for fewer hours are left out; 0 keeps all."""
    recommended_only: bool = False
    """Whether rows in which the user does not recommend the game are left out."""

    @model_validator(mode="after")
    def _one_limit(self) -> SteamOptions:
        if self.hours_at_least and self.recommended_only:
            raise ValueError("set hours_at_least or recommended_only, not both")
        return self


class SteamDataset(Dataset):
    """Steam's logs, as UCSD (Kang and McAuley, 2018) and Kaggle distribute them.

    What a file holds shows in its first records. Lines of Python are read as literals: nothing in
    them is executed. Users of reviews are known by their name, as in the paper, since most reviews
    have no other id.
    """

    def __init__(self, options: SteamOptions) -> None:
        self.options = options

    def load(self, progress: Progress) -> InteractionLog:
        """Return the rows as interactions, oldest first per user, and all games with a title.

        Raises:
            DataError: a file cannot be used.
        """
        paths = [path for path in (self._reviews, self._games) if path is not None]
        with progress.bar("reading steam (MB)", sum(map(megabytes, paths))) as bar:
            log = self._tables(bar).load(self.options.name)
            for path in paths:
                if record_kind(path) is None:  # others tell the bar themselves
                    bar.advance(megabytes(path))
        return log

    def objections(self) -> Iterator[str]:
        """Yield what the first lines of the files show to be wrong; see ``Provider.ready``."""
        yield from objections(self._check_games, self._log)

    def head_notes(self) -> Iterator[str]:
        """Yield what the first lines of the files show to be dropped or odd."""
        yield from self._tables(None).head_notes()

    @property
    def _reviews(self) -> Path:
        return self.options.reviews.expanduser()

    @property
    def _games(self) -> Path | None:
        return None if self.options.games is None else self.options.games.expanduser()

    def _log(self) -> SteamLog:
        """Return what the rows are. Raises DataError where they do not go with the options."""
        log, options = steam_log(self._reviews), self.options
        message = ""
        if options.games is None and log.title is None:
            message = "this file has no titles; set the option `games`"
        if options.games is not None and log.title == log.item:
            message = "games are known by their titles here; leave the option `games` out"
        for option, asked, column in (
            ("hours_at_least", options.hours_at_least, log.hours),
            ("recommended_only", options.recommended_only, log.recommended),
        ):
            if asked and column is None:
                message = (
                    f"this file ({log.told}) has nothing that `{option}` could be held against"
                )
        if message:
            raise DataError(message, path=self._reviews)
        return log

    def _check_games(self) -> None:
        if self._games is not None:
            _games(self._games, None)

    def _tables(self, bar: Bar | None) -> TwoTables:
        log, options = self._log(), self.options
        rows, games = log.source, self._games
        if isinstance(rows, RecordFile):
            rows = replace(rows, bar=bar)
        items, columns = None, ItemColumns(log.item, log.title or log.item, ())
        if games is not None:
            items, columns = _games(games, bar)
        rating, least = None, None
        if options.hours_at_least:
            rating, least = log.hours, options.hours_at_least
        elif options.recommended_only:
            rating, least = log.recommended, 1
        return TwoTables(
            items,
            columns,
            rows,
            InteractionColumns(log.user, log.item, log.time, rating, least),
            told=(f"{self._reviews.name} was recognized by its first 1,000 lines as {log.told}",),
        )


def _games(path: Path, bar: Bar | None) -> tuple[FileSource, ItemColumns]:
    """Return the games and what their columns mean. Raises DataError where they are none."""
    if kind := record_kind(path):
        _require_id(path, RecordFile(path, any_record, kind=kind).fields(), "id")
        columns = (_ITEM, _TITLE, *_ATTRIBUTES)
        games = RecordFile(path, _game, columns, kind, bar=bar)
        return games, ItemColumns(_ITEM, _TITLE, tuple(_ATTRIBUTES))
    table = DelimitedFile(path)
    names = table.names()
    _require_id(path, names, _TABLE_ITEM)
    told = tuple(name for name in (_TABLE_RATING,) if name in names)
    return table, ItemColumns(_TABLE_ITEM, _TITLE, told)


def _game(line: str) -> Record:
    record = any_record(line)
    return {
        _ITEM: record.get("id"),
        _TITLE: record.get("title") or record.get("app_name"),
        **{name: list(flat_texts(record.get(field))) for name, field in _ATTRIBUTES.items()},
    }


def _require_id(path: Path, names: Sequence[str], wanted: str) -> None:
    if wanted not in names:
        found = ", ".join(names[:8]) or "no fields"
        message = (
            f"a record has no {wanted!r}; it has {found}. Set `games` to "
            "Steam's own steam_games.json.gz, or to games.csv"
        )
        raise DataError(message, path=path, line=1)
