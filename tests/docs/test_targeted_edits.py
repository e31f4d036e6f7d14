"""The benchmark of targeted edits ranks, draws and tries as it says."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from targeted_edits import Drawn, fewest_removals, places_after, random_edit

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
