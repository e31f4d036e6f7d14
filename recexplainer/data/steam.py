"""The data set ``steam``: reviews and games as UCSD distributes them, Python literals by line."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from pydantic import Field

from recexplainer.data.interaction_table import InteractionColumns
from recexplainer.data.item_table import ItemColumns
from recexplainer.data.markup import flat_texts
from recexplainer.data.record_file import Record, RecordFile, megabytes
from recexplainer.data.two_tables import TwoTables
from recexplainer.errors import DataError
from recexplainer.plugins.interfaces import Dataset, Options
from recexplainer.plugins.providers import objections
from recexplainer.records import Bar, InteractionLog, Progress

__all__ = ["SteamDataset", "SteamOptions", "literal_record"]

_ITEM, _TITLE = "item", "title"
_ATTRIBUTES = {
    "genre": "genres",
    "tag": "tags",
    "feature": "specs",
    "developer": "developer",
    "publisher": "publisher",
}
"""Attribute to the field of a game that it is taken from."""
_USER, _GAME, _TIME, _HOURS = "username", "product_id", "date", "hours"
_LITERAL = "the literal of a Python dict"
_LONGEST_LINE = 1_000_000
"""Characters; the parser may run out of memory on what is longer."""


class SteamOptions(Options):
    """Where the two files are, and which reviews count as interactions."""

    reviews: Path
    """``steam_reviews.json.gz``, gzipped or not."""
    games: Path
    """``steam_games.json.gz``, gzipped or not."""
    name: str = "steam"
    """What the report calls the data set."""
    hours_at_least: float = Field(default=0, ge=0)
    """Reviews by users who had played the game for fewer hours are left out; 0 keeps all."""


class SteamDataset(Dataset):
    """Steam (Kang and McAuley, 2018): reviews as interactions, with genres, tags and makers.

    Lines are read as literals: nothing in them is executed. Users are known by their name, as in
    the paper, since most reviews have no other id.
    """

    def __init__(self, options: SteamOptions) -> None:
        self.options = options

    def load(self, progress: Progress) -> InteractionLog:
        """Return the reviews as interactions, oldest first per user, and all games with a title.

        Raises:
            DataError: a file cannot be used.
        """
        options = self.options
        reviews, games = options.reviews.expanduser(), options.games.expanduser()
        self._check_reviews()
        self._check_games()
        with progress.bar("reading steam (MB)", megabytes(reviews) + megabytes(games)) as bar:
            return self._tables(bar).load(options.name)

    def objections(self) -> Iterator[str]:
        """Yield what the first lines of the files show to be wrong; see ``Provider.ready``."""
        yield from objections(self._check_reviews, self._check_games)

    def head_notes(self) -> Iterator[str]:
        """Yield what the first lines of the files show to be dropped or odd."""
        yield from self._tables(None).head_notes()

    def _tables(self, bar: Bar | None) -> TwoTables:
        options = self.options
        least = options.hours_at_least
        fields = (_USER, _GAME, _TIME, _HOURS)
        return TwoTables(
            RecordFile(
                options.games.expanduser(), _game, (_ITEM, _TITLE, *_ATTRIBUTES), _LITERAL, bar=bar
            ),
            ItemColumns(_ITEM, _TITLE, tuple(_ATTRIBUTES)),
            RecordFile(options.reviews.expanduser(), literal_record, fields, _LITERAL, bar=bar),
            InteractionColumns(_USER, _GAME, _TIME, _HOURS if least else None, least),
        )

    def _check_reviews(self) -> None:
        _check(self.options.reviews.expanduser(), (_USER, _GAME, _TIME), "reviews")

    def _check_games(self) -> None:
        _check(self.options.games.expanduser(), ("id",), "games")


def literal_record(line: str) -> Record:
    """Return the dict that ``line`` writes as a Python literal, without executing anything.

    Raises:
        ValueError: it is no literal.
        TypeError: it is the literal of something else.
    """
    if len(line) > _LONGEST_LINE:
        raise ValueError("too long")
    try:
        record = ast.literal_eval(line.strip())
    except SyntaxError as error:
        raise ValueError("not a literal") from error
    if not isinstance(record, dict):
        raise TypeError("not a dict")
    return record


def _game(line: str) -> Record:
    record = literal_record(line)
    return {
        _ITEM: record.get("id"),
        _TITLE: record.get("title") or record.get("app_name"),
        **{name: list(flat_texts(record.get(field))) for name, field in _ATTRIBUTES.items()},
    }


def _check(path: Path, fields: tuple[str, ...], option: str) -> None:
    first = RecordFile(path, literal_record, (), _LITERAL).first()
    missing = [field for field in fields if field not in first]
    if missing:
        found = ", ".join(list(first)[:8]) or "no fields"
        message = (
            f"a record has no {missing[0]!r}; it has {found}. "
            f"Set `{option}` to Steam's own file steam_{option}.json.gz"
        )
        raise DataError(message, path=path, line=1)
