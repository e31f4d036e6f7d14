"""Shapes of Steam's logs: reviews, libraries and tables; which one shows in the first record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from recexplainer.data.delimited_files import DelimitedFile, TableFormat
from recexplainer.data.plural_words import counted
from recexplainer.data.record_file import RecordFile, record_kind
from recexplainer.data.record_lines import Record, any_record
from recexplainer.data.text_tables import FileSource, Table
from recexplainer.errors import DataError

__all__ = ["SteamLog", "steam_log"]

_PLAYED = ("user", "game", "behavior", "hours", "zero")
"""Columns of ``steam-200k.csv``, which has no header."""
_BEHAVIORS = {"purchase", "play"}
_MINUTES = 60


@dataclass(frozen=True, slots=True)
class SteamLog:
    """A file of interactions.

    Attributes:
        source: its rows.
        user, item: the columns with the ids.
        told: what the file was taken for.
        title: the column with the game's title, where there is one.
        time: the column to sort by, where there is one.
        hours: the column with the hours played, where there is one.
        recommended: the column that says whether the user recommends the game, where there is one.
    """

    source: FileSource
    user: str
    item: str
    told: str
    title: str | None = None
    time: str | None = None
    hours: str | None = None
    recommended: str | None = None


def steam_log(path: Path) -> SteamLog:
    """Return what the file at ``path`` holds.

    Raises:
        DataError: nothing of Steam's, or it cannot be read.
    """
    kind = record_kind(path)
    return _of_table(path) if kind is None else _of_records(path, kind)


def _of_records(path: Path, kind: str) -> SteamLog:
    file = RecordFile(path, any_record, kind=kind)
    fields = set(file.fields())
    if {"username", "product_id", "date"} <= fields:
        columns = ("username", "product_id", "date", "hours")
        rows = replace(file, columns=columns)
        user, item, time, hours = columns
        return SteamLog(rows, user, item, "one review per line", time=time, hours=hours)
    if {"user_id", "items"} <= fields:
        rows = replace(file, columns=("user", "item", "title", "hours"), unfold=_library)
        told = "one user's library per line, without times"
        return SteamLog(rows, "user", "item", told, title="title", hours="hours")
    if {"user_id", "reviews"} <= fields:
        rows = replace(file, columns=("user", "item", "posted", "recommend"), unfold=_reviews)
        told = "one user's reviews per line"
        return SteamLog(rows, "user", "item", told, time="posted", recommended="recommend")
    raise _unknown(path, file.fields())


def _of_table(path: Path) -> SteamLog:
    table = DelimitedFile(path)
    names = table.names()
    if {"user_id", "app_id", "date"} <= set(names):
        return SteamLog(
            table,
            "user_id",
            "app_id",
            "a table of recommendations",
            time="date",
            hours="hours" if "hours" in names else None,
            recommended="is_recommended" if "is_recommended" in names else None,
        )
    if len(names) == len(_PLAYED):
        played = DelimitedFile(path, TableFormat(names=_PLAYED))
        behaviors = set(played.head().read(["behavior"]).frame["behavior"])
        if behaviors <= _BEHAVIORS:
            told = "a table of purchases and hours played, without times, games known by title"
            return SteamLog(PlayedGames(played), "user", "game", told, title="game", hours="hours")
    raise _unknown(path, names)


def _unknown(path: Path, names: Sequence[str]) -> DataError:
    message = (
        f"a record has no 'username'; it has {', '.join(names[:8]) or 'no fields'}. Known are "
        "steam_reviews.json (username, product_id, date), australian_users_items.json (user_id, "
        "items), australian_user_reviews.json (user_id, reviews), recommendations.csv (user_id, "
        "app_id, date) and steam-200k.csv (five columns, the third is purchase or play)"
    )
    return DataError(message, path=path, line=1)


def _library(record: Record) -> list[dict[str, Any]]:
    """Return one row per game that a user owns; playing time is in minutes there."""
    return [
        {
            "user": record.get("user_id"),
            "item": game.get("item_id"),
            "title": game.get("item_name"),
            "hours": _hours(game.get("playtime_forever")),
        }
        for game in _entries(record, "items")
    ]


def _hours(minutes: object) -> float | None:
    return minutes / _MINUTES if isinstance(minutes, int | float) else None


def _reviews(record: Record) -> list[dict[str, Any]]:
    """Return one row per review of a user."""
    return [
        {
            "user": record.get("user_id"),
            "item": review.get("item_id"),
            "posted": review.get("posted"),
            "recommend": review.get("recommend"),
        }
        for review in _entries(record, "reviews")
    ]


def _entries(record: Record, field: str) -> list[Mapping[str, Any]]:
    entries = record.get(field)
    return [one for one in entries if isinstance(one, dict)] if isinstance(entries, list) else []


@dataclass(frozen=True, slots=True)
class PlayedGames:
    """The rows of ``steam-200k.csv``, the purchase and the play of one game taken together.

    Attributes:
        source: the rows as they are written.
    """

    source: DelimitedFile

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    def names(self) -> Sequence[str]:
        """Return the columns there are."""
        return ("user", "game", "hours")

    def require(self, wanted: Mapping[str, str]) -> None:
        """Raise DataError when a column is missing from the file."""
        self.source.require(wanted)

    def read(self, columns: Sequence[str], repeated: Sequence[str] = ()) -> Table:
        """Return ``columns`` of the first row of each user and game; hours are 0 if never played.

        Raises:
            DataError: the file cannot be read.
        """
        import pandas as pd

        table = self.source.read(["user", "game", "behavior", "hours"], ["user", "game"])
        rows = table.frame
        hours = pd.to_numeric(rows["hours"], errors="coerce").where(rows["behavior"] == "play", 0.0)
        pair = [rows["user"].astype("str"), rows["game"].astype("str")]
        most = hours.groupby(pair).transform("max").map("{:g}".format)
        first = ~rows.duplicated(["user", "game"])
        frame = rows.assign(hours=most)[first][list(columns)]
        frame = frame.astype({name: "str" for name in columns if name not in repeated})
        merged = len(rows) - len(frame)
        note = f"{counted(merged, 'row')} of {self.path.name} of a game that the user has already "
        notes = (*table.notes, f"{note}were taken together with the first") if merged else ()
        return replace(table, frame=frame, notes=notes)

    def head(self) -> PlayedGames:
        """Return the first part of the file, as a file."""
        return PlayedGames(self.source.head())

    def check_head(self) -> None:
        """Look at the first rows. Raises DataError where these show what ``read`` would raise."""
        self.source.check_head()
