"""Scores one column beside their items are noticed; what likes other items is left alone."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.metrics.column_shift import column_shift, foretells_more, foretold

ITEMS = 40
ORDER = np.arange(ITEMS) * 7 % ITEMS
"""Each item is followed by the one seven columns on."""


def walks(step=7, count=40, length=4):
    """Return the columns that were seen and the one that came next."""
    seen = [[(start + step * place) % ITEMS for place in range(length)] for start in range(count)]
    return seen, [(one[-1] + step) % ITEMS for one in seen]


def successors(seen, step=7):
    scores = np.zeros((len(seen), ITEMS))
    for row, one in enumerate(seen):
        scores[row, (one[-1] + step) % ITEMS] = 1
    return scores


def test_by_hand_a_next_item_is_foretold_by_the_best_tenth_of_the_unseen():
    scores = np.array([[5.0, 4, 3, 2, 1, 0, 0, 0, 0, 0, 0, 0]] * 4)
    # of 12 columns one is seen: 11 are left, and their best tenth is one column
    assert foretold(scores, [1, 2, 0, 6], [[0], [0], [0], [0]]).tolist() == [True, False] + 2 * [
        False
    ]


def test_a_tie_is_not_foretold():
    assert not foretold(np.ones((1, 12)), [3], [[0]]).any()


@pytest.mark.parametrize("shift", [1, -1])
def test_a_shift_is_found(shift):
    seen, nexts = walks()
    assert column_shift(np.roll(successors(seen), shift, axis=1), nexts, seen) == shift
    assert column_shift(successors(seen), nexts, seen) == 0


def test_few_users_or_few_items_show_nothing():
    seen, nexts = walks(count=19)
    assert column_shift(np.roll(successors(seen), 1, axis=1), nexts, seen) == 0
    seen, nexts = walks(count=4)
    seen, nexts = seen * 10, nexts * 10
    assert column_shift(np.roll(successors(seen), 1, axis=1), nexts, seen) == 0


def test_likeness_to_the_last_item_is_no_shift_where_neighbors_follow_one_another():
    """The highest score is the seen item's own, one column before the next item's."""
    seen, nexts = walks(step=1)
    assert column_shift(successors(seen, step=0), nexts, seen) == 0


def test_a_weak_target_shows_nothing():
    seen, nexts = walks()
    rng = np.random.default_rng(0)
    for _ in range(50):
        liked = rng.normal(size=ITEMS)
        assert column_shift(np.tile(liked, (len(seen), 1)), nexts, seen) == 0


def test_one_popular_item_is_not_enough():
    yes, no = np.ones(40, dtype=bool), np.zeros(40, dtype=bool)
    assert foretells_more(yes, no, list(range(40)))
    assert not foretells_more(yes, no, [3] * 40)
