"""A file of interactions as histories of catalogue items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from recexplainer.data.moments import Moments, moments_of
from recexplainer.data.number_cells import DecimalMark, numbers
from recexplainer.data.ordered_histories import Ties, histories_by_time
from recexplainer.data.plural_words import counted, were
from recexplainer.data.read_findings import Findings
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

_TRUTHS = {"True": "1", "true": "1", "False": "0", "false": "0"}
"""What ratings are where they only say whether."""

Histories = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class InteractionColumns:
    """Which columns of a source of interactions mean what.

    Attributes:
        user: the user's id.
        item: the item's id.
        time: what to sort by; None looks for the usual columns.
        rating: what ``rating_at_least`` is held against.
        rating_at_least: rows rated lower are no interactions; None where every row counts.
        time_format: of times that are dates, as ``strptime`` has it; None finds it.
        decimal: the decimal mark of ratings and times; None finds it.
    """

    user: str
    item: str
    time: str | None
    rating: str | None = None
    rating_at_least: float | None = None
    time_format: str | None = None
    decimal: DecimalMark | None = None


def read_interactions(
    source: Source, columns: InteractionColumns, catalogue: Catalogue | None
) -> tuple[Histories, Findings]:
    """Return users' histories, oldest first, and what was found about the rows.

    Users come in the order of their first row. Interactions at the same time keep the file's order.

    Args:
        source: the file.
        columns: what its columns mean.
        catalogue: the items there are; None where they are not known, and any counts.

    Raises:
        DataError: the file lacks a column, cannot be read, or most of its rows are unusable.
    """
    time = require_interaction_columns(source, columns)
    rating = None if columns.rating_at_least is None else columns.rating
    named = (columns.user, columns.item, time, rating)
    wanted = dict.fromkeys(name for name in named if name is not None)
    repeated = list(dict.fromkeys((columns.user, columns.item)))
    sieve = Sieve(source.read(list(wanted), repeated), "interaction")
    _drop_unusable(sieve, columns, catalogue)
    low, notes = _leave_out_low(sieve, columns)
    times = None
    if time is not None:
        moments = _drop_untimed(sieve, time, columns)
        notes += tuple(f"times of {source.path.name} {note}" for note in moments.notes)
        times = moments.times.to_numpy()
    doubts = sieve.doubts(left_out=low)
    histories, ties = _histories(sieve.frame, columns, times)
    order = _unordered(source.path.name) if time is None else ties.notes(len(sieve.frame))
    doubts += ties.doubts(source.path.name)
    return histories, Findings((*sieve.notes(), *notes, *order), doubts)


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


def _drop_unusable(sieve: Sieve, columns: InteractionColumns, catalogue: Catalogue | None) -> None:
    sieve.drop(is_missing(sieve.frame[columns.user]), "without a user id")
    sieve.drop(is_missing(sieve.frame[columns.item]), "without an item id")
    if catalogue is not None:
        unknown = ~sieve.frame[columns.item].isin(list(catalogue.ids))
        listed = f"a listed one is {catalogue.ids[0] if catalogue else ''!r}"
        example = _example(sieve, columns.item, unknown)
        sieve.drop(unknown, f"of items that are not listed (such as {example}; {listed})")
    sieve.drop(_repeats(sieve.frame, columns), "repeating an earlier row", lost=False)


def _example(sieve: Sieve, column: str, where: pd.Series[bool]) -> str:
    """Return the first cell of ``column`` where it is asked for, as it is written."""
    cell = str(sieve.frame[column][where].iloc[0]) if where.any() else ""
    return repr(cell) if cell else "an empty cell"


def _repeats(frame: pd.DataFrame, columns: InteractionColumns) -> pd.Series[bool]:
    """Return which rows equal an earlier one, looking closely only where user and item do."""
    import pandas as pd

    users, items = frame[columns.user].cat, frame[columns.item].cat
    pairs = users.codes.astype("int64") * len(items.categories) + items.codes
    repeats = pairs.duplicated(keep=False)
    repeats[repeats] = frame[repeats].duplicated()
    return pd.Series(repeats)


def _leave_out_low(sieve: Sieve, columns: InteractionColumns) -> tuple[int, tuple[str, ...]]:
    """Leave out what is rated too low; return how many rows that is, and what to say about it.

    They are not unusable.
    """
    if columns.rating is None or columns.rating_at_least is None:
        return 0, ()
    cells = sieve.frame[columns.rating].astype("str").replace(_TRUTHS)
    ratings, commas = numbers(cells, columns.decimal)
    bad = ratings.isna()
    example = _example(sieve, columns.rating, bad)
    sieve.drop(bad, f"whose {columns.rating!r} is not a number, such as {example}")
    high = ratings[sieve.frame.index] >= columns.rating_at_least
    sieve.frame = sieve.frame[high]
    notes: list[str] = []
    if commas and columns.decimal is None:
        count = f"{counted(commas, 'cell')} of {columns.rating!r}"
        notes.append(f"{count} {were(commas)} read as numbers with a decimal comma")
    if low := int((~high).sum()):
        reason = f"whose {columns.rating!r} is below {columns.rating_at_least:g}"
        notes.append(f"{counted(low, 'interaction')} {reason} {were(low)} left out")
    return low, tuple(notes)


def _drop_untimed(sieve: Sieve, time: str, columns: InteractionColumns) -> Moments:
    written = columns.time_format
    found = moments_of(sieve.frame[time].astype("str"), written, columns.decimal)
    bad = found.times.isna()
    if not bad.any():
        return found
    kind = "neither a number nor a known date" if written is None else f"no {written!r}"
    sieve.drop(bad, f"whose {time!r} is {kind}, such as {_example(sieve, time, bad)}")
    # Parsed again without the bad ones, so that integers are not rounded to floats beside NaN.
    return moments_of(sieve.frame[time].astype("str"), written, columns.decimal)


def _histories(
    frame: pd.DataFrame, columns: InteractionColumns, times: NDArray[np.generic] | None
) -> tuple[Histories, Ties]:
    import pandas as pd

    users, names = pd.factorize(frame[columns.user])
    items = frame[columns.item].cat
    # One string object per item, not one per interaction.
    ids = np.array(items.categories.tolist(), dtype=object)[items.codes]
    return histories_by_time(users.astype(np.int64), ids, times, names.tolist())


def _unordered(name: str) -> tuple[str, ...]:
    wanted = " or ".join(map(repr, TIME_COLUMNS))
    return (f"{name} has no column {wanted}, so its order is taken as time's",)
