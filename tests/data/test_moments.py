"""Times as data sets write them are sorted as Python's own ``datetime`` sorts them."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from recexplainer.data.moments import moments_of
from recexplainer.data.number_cells import numbers

START = datetime(2017, 11, 3, 20, 15, 7, tzinfo=UTC)
TIMES = [START + timedelta(days=9 * row + row % 5, hours=7 * row % 24) for row in range(60)]
random.Random(1).shuffle(TIMES)

FORMATS: dict[str, Callable[[datetime], str]] = {
    "goodreads": lambda time: time.strftime("%a %b %d %H:%M:%S -0700 %Y"),
    "mind": lambda time: time.strftime("%m/%d/%Y %I:%M:%S %p"),
    "mind without zeros": lambda time: (
        f"{time.month}/{time.day}/{time.year} {time.hour % 12 or 12}:{time:%M:%S %p}"
    ),
    "day first": lambda time: time.strftime("%d/%m/%Y %H:%M"),
    "german": lambda time: time.strftime("%d.%m.%Y %H:%M"),
    "slashes": lambda time: time.strftime("%Y/%m/%d %H:%M"),
    "last.fm": lambda time: time.strftime("%d %b %Y, %H:%M"),
    "amazon": lambda time: f"{time.month:02} {time.day}, {time.year}",
    "steam": lambda time: f"Posted {time:%B} {time.day}, {time.year}.",
    "iso": lambda time: time.isoformat(),
    "seconds": lambda time: str(int(time.timestamp())),
    "decimal comma": lambda time: f"{time.timestamp():.1f}".replace(".", ","),
}


@pytest.mark.parametrize("name", FORMATS)
def test_known_formats_are_sorted_by_time(name: str) -> None:
    cells = pd.Series([FORMATS[name](time) for time in TIMES])
    found = moments_of(cells)
    by_day = name in {"amazon", "steam"}
    expected = pd.Series([time.replace(hour=0, minute=0) if by_day else time for time in TIMES])
    order = expected.sort_values(kind="stable").index
    assert found.times.sort_values(kind="stable").index.equals(order)
    assert not [note for note in found.notes if "month first" in note]


def test_days_that_may_be_months_are_told() -> None:
    found = moments_of(pd.Series(["01/02/2018", "03/04/2018"]))
    assert found.times.tolist() == [pd.Timestamp(2018, 1, 2), pd.Timestamp(2018, 3, 4)]
    assert "if that is wrong, set `time_format` to '%d/%m/%Y'" in found.notes[0]
    given = moments_of(pd.Series(["01/02/2018", "03/04/2018"]), "%d/%m/%Y")
    assert given.times.tolist() == [pd.Timestamp(2018, 2, 1), pd.Timestamp(2018, 4, 3)]
    assert given.notes == ()


@pytest.mark.parametrize("odd", ["0", "-5", "1510000000123", "99"])
def test_times_that_make_no_sense_are_told(odd: str) -> None:
    cells = pd.Series([str(1_510_000_000 + row) for row in range(9)] + [odd])
    (note,) = moments_of(cells).notes
    assert note.startswith("hold 1 cell")
    assert repr(odd) in note


@pytest.mark.parametrize("cells", [["1", "2", "0"], ["2001", "1999", "2020"]])
def test_positions_and_years_are_no_seconds(cells: list[str]) -> None:
    assert moments_of(pd.Series(cells)).notes == ()


@pytest.mark.parametrize(
    ("cells", "mark", "expected"),
    [
        (["4", "4,5", "3"], None, [4, 4.5, 3]),
        (["4", "4,500"], None, [4, None]),  # may be four and a half, or thousands
        (["4", "4,500"], ",", [4, 4.5]),
        (["4,5"], ".", [None]),
        (["1e3", "x", "inf"], None, [1000, None, None]),
    ],
)
def test_decimal_commas(cells: list[str], mark: str | None, expected: list[float | None]) -> None:
    found, _ = numbers(pd.Series(cells), mark)  # type: ignore[arg-type]
    assert [None if pd.isna(value) else value for value in found] == expected
