"""The page on where a surrogate wins says what was measured, refusals apart from wrong answers."""

from __future__ import annotations

import worth_table

COUNTS = {"holds": 3, "does not hold": 1, "refused": 4}
RESULT = {
    "machine": {"processor": "P", "cores": 2},
    "runs": {
        "one": {
            "dataset": "films",
            "asked": {
                "users": 8,
                "speakers": {"surrogate": {"why": COUNTS}, "at random": {"why": {"refused": 8}}},
            },
            "forms": {
                "cases": 4,
                "forms": {"both": {"decides_alike": 0.5, "strongest_first": None}},
            },
        },
        "two": {
            "dataset": "films",
            "forms": {
                "cases": 6,
                "forms": {"both": {"decides_alike": 0.9, "strongest_first": None}},
            },
        },
    },
}


def _cells(start):
    rows = worth_table.table(RESULT).splitlines()
    row = next(row for row in rows if row.startswith(f"| {start} |"))
    return [cell.strip() for cell in row.strip("|").split("|")][1:]


def test_a_refusal_is_no_answer_and_no_wrong_one():
    assert _cells("why") == ["0.50", "0.75", "–"]


def test_what_was_not_asked_or_scored_is_a_dash():
    assert _cells("taste") == ["–", "–", "–"]
    assert _cells("both") == ["0.70 (0.50 to 0.90)", "–"]


def test_runs_on_one_data_set_share_a_table():
    assert "first words about 10 cases" in worth_table.table(RESULT)
