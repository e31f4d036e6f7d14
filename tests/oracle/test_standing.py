"""Ranks and decisions among equal scores, against placing the item everywhere it may stand."""

from __future__ import annotations

import numpy as np
import pytest

from recexplainer.oracle import Standing, decided_rows, held_outcome, standing_of


def places_of(scores, row, candidates):
    """All 0-based places that the item may take when its equals are put in any order."""
    ordered = sorted((float(scores[other]) for other in candidates), reverse=True)
    return [place for place, score in enumerate(ordered) if score == scores[row]]


def decision_by_hand(places, count):
    liked, rejected = max(1, int(0.2 * count)), int(0.5 * count)
    if all(place < liked for place in places):
        return "Yes"
    return "No" if all(place >= count - rejected for place in places) else None


@pytest.mark.parametrize("levels", [1, 2, 5, 20, 10_000])
@pytest.mark.parametrize("items", [1, 2, 3, 4, 5, 9, 23])
def test_an_item_stands_in_the_middle_of_its_equals(levels, items):
    rng = np.random.default_rng([levels, items])
    for _ in range(30):
        scores = rng.integers(0, levels, items).astype(np.float32)
        row = int(rng.integers(items))
        seen = rng.choice(items, rng.integers(0, items), replace=False).tolist()
        candidates = [other for other in range(items) if other not in seen or other == row]
        places = places_of(scores, row, candidates)
        found = standing_of(scores, row, [*seen, *seen])
        assert (found.ahead, found.ties) == (places[0], len(places) - 1)
        assert found.candidates == len(candidates)
        assert places[0] + 1 <= found.rank <= places[-1] + 1
        assert abs(found.rank - 1 - np.mean(places)) <= 0.5
        assert found.decision == decision_by_hand(places, len(candidates))


def test_seen_items_may_be_marked_by_their_scores():
    scores = np.array([5, -np.inf, 3, 3, -np.inf], dtype=np.float32)
    assert standing_of(scores, 2, [1, 4]) == Standing(ahead=1, ties=1, candidates=3)


@pytest.mark.parametrize("levels", [1, 2, 3, 10, 10_000])
@pytest.mark.parametrize("items", [1, 2, 4, 5, 11, 40])
def test_decided_rows_are_those_that_stand_so_one_by_one(levels, items):
    rng = np.random.default_rng([levels, items, 1])
    for _ in range(30):
        scores = rng.integers(0, levels, items).astype(np.float32)
        seen = rng.choice(items, rng.integers(0, items + 1), replace=False)
        scores[seen] = -np.inf
        unseen = [row for row in range(items) if np.isfinite(scores[row])]
        told = {row: standing_of(scores, row, seen).decision for row in unseen}
        liked, rejected = decided_rows(scores)
        assert liked.tolist() == [row for row in unseen if told[row] == "Yes"]
        assert rejected.tolist() == [row for row in unseen if told[row] == "No"]


def test_scores_that_are_all_alike_decide_nothing():
    liked, rejected = decided_rows(np.zeros(50, dtype=np.float32))
    assert not len(liked)
    assert not len(rejected)


@pytest.mark.parametrize(
    ("outcome", "decisions"),
    [
        ("recommended", ["Yes"]),
        ("not recommended", ["No", None]),
        ("not rejected", ["Yes", None]),
    ],
)
def test_outcomes_are_unions_of_decisions(outcome, decisions):
    assert [d for d in ("Yes", "No", None) if held_outcome(outcome, d)] == decisions
