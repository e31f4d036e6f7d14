"""The benchmark of targeted edits ranks, draws and tries as it says."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from targeted_edits import ROWS, Drawn, fewest_removals, places_after, random_edit, table

from recexplainer.records import Catalogue, Context, Item

CATALOGUE = Catalogue([Item(f"i{row}", f"Title {row}") for row in range(30)])
WORTH = np.arange(30, 0, -1, dtype=float)


def _scores(histories):
    """The last item comes first once i1 and i2 are gone, and last before."""
    rows = np.tile(WORTH, (len(histories), 1))
    rows[:, 29] = [-1.0 if {"i1", "i2"} & set(history) else 99.0 for history in histories]
    return rows


BENCH = SimpleNamespace(catalogue=CATALOGUE, target=SimpleNamespace(scores=_scores))
HISTORY = ("i0", "i1", "i2", "i3")
CASE = Drawn(Context("u", 4, HISTORY, "held_out_users"), HISTORY, "i29")


def test_ranks_are_among_what_is_in_neither_history():
    assert places_after(BENCH, CASE, [HISTORY, ["i0", "i9"]]) == [(26, 26), (1, 25)]


def test_the_fewest_removals_are_found():
    assert fewest_removals(BENCH, CASE) == 2


def test_random_edits_change_as_much_as_they_should():
    rng = np.random.default_rng(0)
    fresh = [f"i{row}" for row in range(10, 20)]
    for _ in range(200):
        size = int(rng.integers(1, 6))
        edited = random_edit(rng, HISTORY, fresh, size)
        assert edited
        assert len(set(edited)) == len(edited)
        assert len(set(edited) - set(HISTORY)) <= size
        assert set(edited) <= {*HISTORY, *fresh}


def test_the_table_adds_up_the_runs_of_a_data_set():
    def run(dataset, found, size):
        row = {"cases": 40, "found": found, "valid": found, "mean_size": size}
        row |= {"mean_questions": 10.0 * size}
        drawn = {"share": found / 40, "mean_size": size, "mean_questions": 200.0}
        short = dict.fromkeys(("said_to_be_minimal", "minimal_and_right"), 3)
        short |= {"as_small_as_possible": 4, "some_removal_does": 5}
        told = {"dataset": dataset, "target": "sasrec", "rows": [row] * len(ROWS)}
        return told | {"random_edits": [drawn, drawn], "short_histories": short}

    runs = [run("films", 10, 1.0), run("games", 40, 1.0), run("films", 30, 2.0)]
    told = table({"runs": runs, "cases": 40, "budget": 200})
    lines = told.splitlines()
    assert len({line.count("|") for line in lines[:-2]}) == 1
    # (10 + 30) / 80 found; (10 x 1 + 30 x 2) / 40 changes; (10 + 20) / 2 questions
    assert lines[2].endswith("| 50 % | 1.8 | 15 | 100 % | 1.0 | 10 |")
    assert "Of 720 edits that were found, 720 meet the aim" in lines[-1]  # 80 in each of 9 rows
    assert "in 15 cases, a smallest one was found in 12, and of 9 said to be minimal 9" in lines[-1]
