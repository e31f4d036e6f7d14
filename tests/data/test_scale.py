"""Large files: what is read in parts is read whole, and a bad row far down is still named."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from recexplainer.data.prefixes import Prefixes
from recexplainer.data.tabular import CsvDataset, CsvOptions
from recexplainer.errors import DataError
from recexplainer.records import Context, InteractionLog, SilentProgress

ROWS, USERS, ITEMS = 1_000_000, 1_009, 50
BAD = 900_000
"""Counted from 0; the header is line 1, so this row is on line 900,002."""


def read(folder: Path, rows: list[str]) -> InteractionLog:
    items = [f"i{item},Title {item}" for item in range(ITEMS)]
    (folder / "items.csv").write_text("\n".join(["item_id,title", *items]))
    (folder / "rows.csv").write_text("\n".join(["user_id,item_id,timestamp", *rows]))
    options = CsvOptions(interactions=folder / "rows.csv", items=folder / "items.csv")
    return CsvDataset(options).load(SilentProgress())


@pytest.fixture(scope="module")
def rows() -> list[str]:
    """Return rows whose times run backwards, so that no order of the file helps."""
    return [f"u{row % USERS},i{row * 7 % ITEMS},{ROWS - row}" for row in range(ROWS)]


def test_files_longer_than_what_is_read_at_once_are_read_whole(
    tmp_path: Path, rows: list[str]
) -> None:
    expected: defaultdict[str, list[str]] = defaultdict(list)
    for row in reversed(range(ROWS)):
        expected[f"u{row % USERS}"].append(f"i{row * 7 % ITEMS}")
    log = read(tmp_path, rows)
    assert log.notes == ()
    assert list(log.histories) == [f"u{user}" for user in range(USERS)]
    assert all(list(history) == expected[user] for user, history in log.histories.items())


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (",i1,5", "without a user id"),
        ("u1,i99,5", "of items that are not listed (such as 'i99'; a listed one is 'i0')"),
        ("u1,i1,soon", "whose 'timestamp' is neither a number nor a known date, such as 'soon'"),
        (f"u0,i0,{ROWS}", "repeating an earlier row"),
    ],
)
def test_an_unusable_row_far_down_is_named_by_its_line(
    tmp_path: Path, rows: list[str], bad: str, reason: str
) -> None:
    log = read(tmp_path, [*rows[:BAD], bad, *rows[BAD + 1 :]])
    assert log.interactions == ROWS - 1
    assert log.notes == (f"1 interaction {reason} was dropped; the first is rows.csv:900002",)


def test_a_row_of_too_many_cells_far_down_is_an_error_at_its_line(
    tmp_path: Path, rows: list[str]
) -> None:
    with pytest.raises(DataError, match=r"rows\.csv:900002: this row has 4 cells"):
        read(tmp_path, [*rows[:BAD], "u1,i1,5,more", *rows[BAD + 1 :]])


def test_exactly_the_repeated_rows_are_dropped(tmp_path: Path) -> None:
    """Many rows share user and item and differ in time, or time alone, or nothing."""
    rng = np.random.default_rng(3)
    drawn = rng.integers((1, 1, 1), (6, 12, 9), size=(300, 3))
    blanks = ["", " "] * 150  # which make no difference
    rows = [
        f"u{user},{blank}i{item}{blank},{time}"
        for blank, (user, item, time) in zip(blanks, drawn, strict=True)
    ]
    distinct = list(dict.fromkeys(map(tuple, drawn.tolist())))
    assert len(distinct) < 250
    assert len({row[:2] for row in distinct}) < 60
    log = read(tmp_path, rows)
    assert log.interactions == len(distinct)
    expected = {
        f"u{user}": tuple(
            f"i{item}" for who, item, _ in sorted(distinct, key=lambda row: row[2]) if who == user
        )
        for user in dict.fromkeys(drawn[:, 0].tolist())
    }
    assert dict(log.histories) == expected


# ── prefixes ─────────────────────────────────────────────────────────────────────────────────────

HISTORIES = {"a": tuple("12345"), "none": tuple("12"), "b": tuple("541"), "c": tuple("9876543")}


def every_prefix(width: int) -> list[Context]:
    return [
        Context(user, end, history[:end][-width:], "train")
        for user, history in HISTORIES.items()
        for end in range(1, len(history) - 1)
    ]


@pytest.mark.parametrize("width", [1, 3, 9])
def test_prefixes_are_a_sequence_like_any_other(width: int) -> None:
    prefixes, expected = Prefixes(HISTORIES, width), every_prefix(width)
    assert list(prefixes) == expected
    assert len(prefixes) == len(expected) == 3 + 0 + 1 + 5
    assert [prefixes[row] for row in range(-9, 9)] == expected * 2
    for part in (slice(2, 7), slice(None, None, -2), slice(-3, None), slice(8, 2)):
        assert prefixes[part] == tuple(expected[part])
    assert list(reversed(prefixes)) == expected[::-1]
    assert expected[4] in prefixes


@pytest.mark.parametrize("row", [9, -10])
def test_rows_beyond_the_prefixes_are_no_contexts(row: int) -> None:
    with pytest.raises(IndexError, match=f"row {row} of 9 contexts"):
        Prefixes(HISTORIES, 3)[row]
