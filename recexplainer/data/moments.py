"""Times in cells: numbers, ISO 8601 dates, and dates as common data sets write them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from recexplainer.data.number_cells import DecimalMark, numbers
from recexplainer.data.plural_words import counted

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Moments", "moments_of"]

_WHOLE_NUMBER = "-?[0-9]{1,18}"
"""What fits into 64 bits; most times are written so, and reading these is quick."""
_DATES = (
    *("%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%m/%d/%y", "%d/%m/%y"),
    *("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%d-%b-%Y", "%m %d, %Y", "%d.%m.%y"),
)
_CLOCKS = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M", " %H:%M:%S %z")
_FORMATS = (
    "%a %b %d %H:%M:%S %z %Y",  # Goodreads, Twitter
    "%a %b %d %H:%M:%S UTC %Y",
    "%a %b %d %H:%M:%S %Y",
    "%a, %d %b %Y %H:%M:%S %z",
    "Posted %B %d, %Y.",  # Steam
    *(date + clock for date, clock in product(_DATES, _CLOCKS)),
)
_CELLS_TO_GUESS_BY = 50
_ISO = "ISO8601"
_FIRST_YEAR, _LAST_YEAR = 1970, 2100
_EPOCH, _UNIT = 1e8, 1e3
"""Seconds since 1970 are at least this many in logs; finer units are a thousand times as many."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Times to sort by, missing where a cell is none, and what was found about them.

    Attributes:
        times: numbers or moments, by the index of the cells.
        notes: what was guessed, or makes no sense; each completes "times of log.csv ...".
    """

    times: pd.Series[Any]
    notes: tuple[str, ...] = ()


def moments_of(
    cells: pd.Series[str], time_format: str | None = None, mark: DecimalMark | None = None
) -> Moments:
    """Return the times in ``cells``.

    Args:
        cells: numbers, or dates in one format.
        time_format: of the dates, as ``strptime`` has it; None finds it.
        mark: the decimal mark of numbers; None finds it.
    """
    if time_format is not None:
        return Moments(_dates(cells, time_format))
    if cells.str.fullmatch(_WHOLE_NUMBER).all():
        values = cells.astype("int64")
        return Moments(values, tuple(_odd_numbers(values, cells)))
    found, commas = numbers(cells, mark)
    if not found.isna().any():
        guessed = commas > 0 and mark is None
        notes = (f"have decimal commas in {counted(commas, 'cell')}",) if guessed else ()
        return Moments(found, (*notes, *_odd_numbers(found, cells)))
    dates = _dates(cells, _ISO)
    if dates.notna().sum() > found.notna().sum():
        return Moments(dates, tuple(_odd_dates(dates, cells)))
    written = _written_dates(cells)
    if written is not None and written.times.notna().sum() > found.notna().sum():
        return written
    return Moments(found, tuple(_odd_numbers(found, cells)))


def _dates(cells: pd.Series[str], time_format: str) -> pd.Series[Any]:
    import pandas as pd

    dates = pd.to_datetime(cells, errors="coerce", format=time_format, utc=True)
    return dates.dt.tz_localize(None)


def _written_dates(cells: pd.Series[str]) -> Moments | None:
    """Return the dates by the format that most cells fit, or None where none fits any."""
    sample = cells[cells != ""].head(_CELLS_TO_GUESS_BY)
    fits = {one: int(_dates(sample, one).notna().sum()) for one in _FORMATS}
    most = max(fits.values())
    if not most:
        return None
    read = {one: _dates(cells, one) for one, count in fits.items() if count == most}
    best = max(read, key=lambda one: int(read[one].notna().sum()))  # of equals the first
    dates, other = read[best], read.get(_day_and_month_swapped(best))
    read_cells = counted(int(dates.notna().sum()), "cell")
    note = f"were read by the format {best!r} in {read_cells}"
    if other is not None and other.notna().sum() == dates.notna().sum() and not other.equals(dates):
        note = (
            f"can be read with the day or the month first ({cells.iloc[0]!r}), and were read by "
            f"{best!r} in {read_cells}; if that is wrong, set `time_format` to "
            f"{_day_and_month_swapped(best)!r}"
        )
    return Moments(dates, (note, *_odd_dates(dates, cells)))


def _day_and_month_swapped(time_format: str) -> str:
    return time_format.translate({ord("d"): "m", ord("m"): "d"})


def _odd_numbers(values: pd.Series[Any], cells: pd.Series[str]) -> Iterator[str]:
    """Yield what is odd about times that are seconds, or parts of them, since 1970."""
    import numpy as np

    middle = float(values.median())
    if not middle >= _EPOCH:  # positions, years or dates such as 20191115
        return
    unit = np.floor(np.log(middle / _EPOCH) / np.log(_UNIT))
    low = _EPOCH * _UNIT**unit
    odd = (values < low) | (values >= low * _UNIT)
    yield from _told(odd, cells, "of another unit or of no time that makes sense")
    yield from _told(cells.str.contains("[eE]", regex=True), cells, "with digits rounded away")


def _odd_dates(dates: pd.Series[Any], cells: pd.Series[str]) -> Iterator[str]:
    years = dates.dt.year
    odd = (years < _FIRST_YEAR) | (years > _LAST_YEAR)
    yield from _told(odd, cells, f"before {_FIRST_YEAR} or after {_LAST_YEAR}")


def _told(odd: pd.Series[bool], cells: pd.Series[str], what: str) -> Iterator[str]:
    if odd.any():
        yield f"hold {counted(int(odd.sum()), 'cell')} {what}, such as {cells[odd].iloc[0]!r}"
