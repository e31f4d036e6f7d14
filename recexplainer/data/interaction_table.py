"""A file of interactions as histories of catalogue items."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recexplainer.data.ordering import histories_by_time, tie_note
from recexplainer.data.reading import TableFormat, column_names, is_missing, require_columns
from recexplainer.data.sieve import Sieve
from recexplainer.records import Catalogue

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["TIME_COLUMNS", "InteractionColumns", "read_interactions"]

TIME_COLUMNS = ("timestamp", "position")
"""Columns taken as time where none is named, the first that is there."""

Histories = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class InteractionColumns:
    """Which columns of the interactions' file mean what; ``time`` None looks for the usual ones."""

    user: str
    item: str
    time: str | None
    table_format: TableFormat


def read_interactions(
    path: Path, columns: InteractionColumns, catalogue: Catalogue
) -> tuple[Histories, tuple[str, ...]]:
    """Return users' histories, oldest first, and the notes about rows that were dropped.

    Users come in the order of their first row. Interactions at the same time keep the file's order.

    Raises:
        DataError: the file lacks a column, cannot be read, or most of its rows are unusable.
    """
    table_format = columns.table_format
    names = column_names(path, table_format)
    time = columns.time or next((name for name in TIME_COLUMNS if name in names), None)
    wanted = {columns.user: "user_column", columns.item: "item_column"}
    if time is not None:
        wanted[time] = "time_column"
    require_columns(path, wanted, names, table_format)
    sieve = Sieve(path, list(wanted), table_format, "interaction")
    _drop_unusable(sieve, columns, catalogue)
    times = None if time is None else _drop_untimed(sieve, time)
    sieve.check_enough_left()
    histories, tied = _histories(sieve.frame, columns, times)
    return histories, sieve.notes() + _order_notes(path, time, tied, len(sieve.frame))


def _drop_unusable(sieve: Sieve, columns: InteractionColumns, catalogue: Catalogue) -> None:
    sieve.drop(is_missing(sieve.frame[columns.user]), "without a user id")
    sieve.drop(is_missing(sieve.frame[columns.item]), "without an item id")
    unknown = ~sieve.frame[columns.item].isin(list(catalogue.ids))
    if unknown.any():
        example = sieve.frame[columns.item][unknown].iloc[0]
        known = catalogue.ids[0] if catalogue else ""
        reason = f"of items that are not listed (such as {example!r}; a listed one is {known!r})"
        sieve.drop(unknown, reason)
    sieve.drop(sieve.frame.duplicated(), "repeating an earlier row")


def _drop_untimed(sieve: Sieve, time: str) -> NDArray[np.generic]:
    moments = _moments(sieve.frame[time])
    bad = moments.isna()
    sieve.drop(bad, f"whose {time!r} is neither a number nor an ISO 8601 date")
    # Parsed again without the bad ones, so that integers are not rounded to floats beside NaN.
    return _moments(sieve.frame[time]).to_numpy()


def _moments(cells: pd.Series[str]) -> pd.Series[Any]:
    """Return numbers or moments to sort by, missing where a cell is neither."""
    import pandas as pd

    numbers = pd.to_numeric(cells, errors="coerce").replace([np.inf, -np.inf], np.nan)
    if not numbers.isna().any():
        return numbers
    dates = pd.to_datetime(cells, errors="coerce", format="ISO8601", utc=True)
    if dates.notna().sum() <= numbers.notna().sum():
        return numbers
    return dates.dt.tz_localize(None)


def _histories(
    frame: pd.DataFrame, columns: InteractionColumns, times: NDArray[np.generic] | None
) -> tuple[Histories, int]:
    import pandas as pd

    users, names = pd.factorize(frame[columns.user])
    items = frame[columns.item].astype("category")
    # One string object per item, not one per interaction.
    ids = np.array(items.cat.categories.tolist(), dtype=object)[items.cat.codes]
    return histories_by_time(users.astype(np.int64), ids, times, names.tolist())


def _order_notes(path: Path, time: str | None, tied: int, rows: int) -> tuple[str, ...]:
    if time is None:
        wanted = " or ".join(repr(name) for name in TIME_COLUMNS)
        return (f"{path.name} has no column {wanted}, so its order is taken as time's",)
    return tie_note(tied, rows)
