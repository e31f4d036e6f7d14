"""A file of interactions as histories of catalogue items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recexplainer.data.ordered_histories import histories_by_time, tie_note
from recexplainer.data.plural_words import counted, were
from recexplainer.data.sieve import Sieve
from recexplainer.data.text_tables import Source, is_missing
from recexplainer.records import Catalogue

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "TIME_COLUMNS",
    "InteractionColumns",
    "read_interactions",
    "require_interaction_columns",
]

TIME_COLUMNS = ("timestamp", "position")
"""Columns taken as time where none is named, the first that is there."""

_WHOLE_NUMBER = "-?[0-9]{1,18}"
"""What fits into 64 bits; most times are written so, and reading these is quick."""

Histories = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class InteractionColumns:
    """Which columns of a source of interactions mean what.

    Attributes:
        user: the user's id.
        item: the item's id.
        time: what to sort by; None looks for the usual columns.
        rating: what ``rating_at_least`` is held against; None where every row counts.
        rating_at_least: rows rated lower are no interactions.
    """

    user: str
    item: str
    time: str | None
    rating: str | None = None
    rating_at_least: float = 0


def read_interactions(
    source: Source, columns: InteractionColumns, catalogue: Catalogue
) -> tuple[Histories, tuple[str, ...]]:
    """Return users' histories, oldest first, and the notes about rows that were dropped.

    Users come in the order of their first row. Interactions at the same time keep the file's order.

    Raises:
        DataError: the file lacks a column, cannot be read, or most of its rows are unusable.
    """
    time = require_interaction_columns(source, columns)
    named = (columns.user, columns.item, time, columns.rating)
    wanted = dict.fromkeys(name for name in named if name is not None)
    repeated = list(dict.fromkeys((columns.user, columns.item)))
    sieve = Sieve(source.read(list(wanted), repeated), "interaction")
    _drop_unusable(sieve, columns, catalogue)
    low = _leave_out_low(sieve, columns)
    times = None if time is None else _drop_untimed(sieve, time)
    sieve.check_enough_left(left_out=low)
    histories, tied = _histories(sieve.frame, columns, times)
    notes = sieve.notes() + _rating_notes(low, columns)
    return histories, notes + _order_notes(source.path.name, time, tied, len(sieve.frame))


def require_interaction_columns(source: Source, columns: InteractionColumns) -> str | None:
    """Check that ``source`` has every column that is named, and return that of the time.

    Raises:
        DataError: it lacks one.
    """
    names = source.names()
    time = columns.time or next((name for name in TIME_COLUMNS if name in names), None)
    wanted = {columns.user: "user_column", columns.item: "item_column"}
    if time is not None:
        wanted[time] = "time_column"
    if columns.rating is not None:
        wanted[columns.rating] = "rating_column"
    source.require(wanted)
    return time


def _drop_unusable(sieve: Sieve, columns: InteractionColumns, catalogue: Catalogue) -> None:
    sieve.drop(is_missing(sieve.frame[columns.user]), "without a user id")
    sieve.drop(is_missing(sieve.frame[columns.item]), "without an item id")
    unknown = ~sieve.frame[columns.item].isin(list(catalogue.ids))
    if unknown.any():
        example = sieve.frame[columns.item][unknown].iloc[0]
        known = catalogue.ids[0] if catalogue else ""
        reason = f"of items that are not listed (such as {example!r}; a listed one is {known!r})"
        sieve.drop(unknown, reason)
    sieve.drop(_repeats(sieve.frame, columns), "repeating an earlier row")


def _repeats(frame: pd.DataFrame, columns: InteractionColumns) -> pd.Series[bool]:
    """Return which rows equal an earlier one, looking closely only where user and item do."""
    import pandas as pd

    users, items = frame[columns.user].cat, frame[columns.item].cat
    pairs = users.codes.astype("int64") * len(items.categories) + items.codes
    repeats = pairs.duplicated(keep=False)
    repeats[repeats] = frame[repeats].duplicated()
    return pd.Series(repeats)


def _leave_out_low(sieve: Sieve, columns: InteractionColumns) -> int:
    """Leave out what is rated too low, and return how many rows that is; they are not unusable."""
    import pandas as pd

    if columns.rating is None:
        return 0
    ratings = pd.to_numeric(sieve.frame[columns.rating], errors="coerce")
    sieve.drop(ratings.isna(), f"whose {columns.rating!r} is not a number")
    high = ratings[sieve.frame.index] >= columns.rating_at_least
    sieve.frame = sieve.frame[high]
    return int((~high).sum())


def _drop_untimed(sieve: Sieve, time: str) -> NDArray[np.generic]:
    moments = _moments(sieve.frame[time])
    bad = moments.isna()
    if not bad.any():
        return moments.to_numpy()
    sieve.drop(bad, f"whose {time!r} is neither a number nor an ISO 8601 date")
    # Parsed again without the bad ones, so that integers are not rounded to floats beside NaN.
    return _moments(sieve.frame[time]).to_numpy()


def _moments(cells: pd.Series[str]) -> pd.Series[Any]:
    """Return numbers or moments to sort by, missing where a cell is neither."""
    import pandas as pd

    if cells.str.fullmatch(_WHOLE_NUMBER).all():
        return cells.astype("int64")
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
    items = frame[columns.item].cat
    # One string object per item, not one per interaction.
    ids = np.array(items.categories.tolist(), dtype=object)[items.codes]
    return histories_by_time(users.astype(np.int64), ids, times, names.tolist())


def _rating_notes(low: int, columns: InteractionColumns) -> tuple[str, ...]:
    if not low:
        return ()
    reason = f"whose {columns.rating!r} is below {columns.rating_at_least:g}"
    return (f"{counted(low, 'interaction')} {reason} {were(low)} left out",)


def _order_notes(name: str, time: str | None, tied: int, rows: int) -> tuple[str, ...]:
    if time is None:
        wanted = " or ".join(map(repr, TIME_COLUMNS))
        return (f"{name} has no column {wanted}, so its order is taken as time's",)
    return tie_note(tied, rows)
