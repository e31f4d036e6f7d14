"""The data set ``mind``: Microsoft's news, of which each impression lists clicks in its cells."""

from __future__ import annotations

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from recexplainer.data.delimited_files import DelimitedFile, TableFormat
from recexplainer.data.interaction_table import InteractionColumns
from recexplainer.data.item_table import ItemColumns
from recexplainer.data.moments import moments_of
from recexplainer.data.text_tables import Loss, Table, as_categories, missing_column
from recexplainer.data.two_tables import TwoTables, TwoTablesDataset
from recexplainer.errors import DataError
from recexplainer.plugins.interfaces import Options
from recexplainer.records import InteractionLog, Progress

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MindDataset", "MindOptions"]

_IMPRESSIONS = ("impression", "user", "time", "history", "shown")
_NEWS = ("id", "category", "subcategory", "title", "abstract", "url", "of title", "of abstract")
_USER, _ITEM, _TIME = "user", "item", "time"
_TIME_FORMAT = "%m/%d/%Y %I:%M:%S %p"
_CLICKED = "-1"
"""Ends what was clicked of the news shown; what was not ends with ``-0``."""


class MindOptions(Options):
    """Where the two files of one part (training or validation) are."""

    behaviors: Path
    """``behaviors.tsv``, packed or not."""
    news: Path
    """``news.tsv`` of the same part, packed or not."""
    name: str = "mind"
    """What the report calls the data set."""


class MindDataset(TwoTablesDataset):
    """MIND (Wu et al., 2020): clicks on news, with category and subcategory.

    A user's history is that of the earliest impression, in the order of its cell; the clicks on
    what impressions showed follow by time.
    """

    def __init__(self, options: MindOptions) -> None:
        self.options = options

    def load(self, progress: Progress) -> InteractionLog:
        """Return all clicks, oldest first per user, and all news.

        Raises:
            DataError: a file cannot be used.
        """
        with progress.bar(f"reading {self.options.name}", 2) as bar:
            return self.tables().load(self.options.name, bar)

    def tables(self) -> TwoTables:
        """Return the two files and what their columns mean."""
        return TwoTables(
            _table(self.options.news, _NEWS),
            ItemColumns("id", "title", ("category", "subcategory")),
            Clicks(_table(self.options.behaviors, _IMPRESSIONS)),
            InteractionColumns(_USER, _ITEM, _TIME),
        )


def _table(path: Path, names: tuple[str, ...]) -> DelimitedFile:
    return DelimitedFile(path.expanduser(), TableFormat("\t", names=names, quoting="none"))


@dataclass(frozen=True, slots=True)
class Clicks:
    """One row per click, out of rows with one impression each.

    Attributes:
        source: the impressions.
    """

    source: DelimitedFile

    @property
    def path(self) -> Path:
        """The file."""
        return self.source.path

    def names(self) -> Sequence[str]:
        """Return the columns there are."""
        return _USER, _ITEM, _TIME

    def require(self, wanted: Mapping[str, str]) -> None:
        """Raise DataError when a column is missing."""
        if missing := missing_column(wanted, self.names()):
            raise DataError(missing, path=self.path)

    def read(self, columns: Sequence[str], repeated: Sequence[str] = ()) -> Table:
        """Return ``columns`` of all clicks; times are in milliseconds.

        Clicks of the history have no time: they are put one millisecond apart, right before the
        user's earliest impression. Impressions without a time are lost.

        Raises:
            DataError: the file cannot be read, or nothing in it was clicked.
        """
        import pandas as pd

        table = self.source.read(_IMPRESSIONS[1:], [_USER])
        frame = table.frame.astype({_USER: "str"})
        times = moments_of(frame[_TIME], _TIME_FORMAT).times
        untimed = times.isna()
        frame = frame[~untimed].assign(
            time=times[~untimed].astype("datetime64[ms]").astype("int64")
        )
        clicks = _clicks(frame)
        if not clicks.records:
            message = f"no impression has a time ({_TIME_FORMAT}) and a click"
            raise DataError(message, path=self.path)
        bad = [int(record) for record in untimed.index[untimed]]
        records = clicks.records + array("q", bad)
        lost = Loss(len(bad), "of an impression without a time", len(clicks.records))
        cells = {_USER: clicks.users, _ITEM: clicks.items, _TIME: list(map(str, clicks.times))}
        read = {
            name: as_categories(cells[name]) if name in repeated else pd.Series(cells[name])
            for name in columns
        }
        line_of = table.line_of or (1).__add__
        return replace(
            table,
            frame=pd.DataFrame(read),
            line_of=lambda click: line_of(records[click]),
            lost=(lost,) if bad else (),
        )

    def head(self) -> Clicks:
        """Return the first impressions' clicks."""
        return Clicks(self.source.head())

    def check_head(self) -> None:
        """Look at the first rows. Raises DataError where these show what ``read`` would raise."""
        self.head().read(self.names())


@dataclass(frozen=True, slots=True)
class _Clicks:
    """Clicks so far: the record of each one's impression, user, item and time."""

    records: array[int]
    users: list[str]
    items: list[str]
    times: list[int]

    def add(self, record: int, user: str, item: str, time: int) -> None:
        self.records.append(record)
        self.users.append(user)
        self.items.append(item)
        self.times.append(time)


def _clicks(impressions: pd.DataFrame) -> _Clicks:
    clicks = _Clicks(array("q"), [], [], [])
    earliest = set(impressions.groupby(_USER)[_TIME].idxmin())
    columns = [_USER, _TIME, "history", "shown"]
    for record, user, time, history, shown in impressions[columns].itertuples(name=None):
        past = history.split() if record in earliest else []
        for place, item in enumerate(past, start=-len(past)):
            clicks.add(record, user, item, time + place)
        for item in shown.split():
            if item.endswith(_CLICKED):
                clicks.add(record, user, item.removesuffix(_CLICKED), time)
    return clicks
