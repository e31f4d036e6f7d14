from __future__ import annotations

import numpy as np
import pytest

from recexplainer.audit.lists import overlap, top_rows


@pytest.mark.parametrize("seed", range(20))
def test_the_first_items_are_those_of_a_full_sort(seed) -> None:
    rng = np.random.default_rng(seed)
    scores = rng.integers(0, 5, 30).astype(np.float32)  # many equal ones
    seen, ties = rng.permutation(30)[: seed + 5], rng.permutation(30)
    place = np.argsort(ties)
    free = [row for row in range(30) if row not in seen]
    expected = sorted(free, key=lambda row: (-scores[row], place[row]))[:10]
    found = top_rows(scores, seen, ties, 10)
    assert found[found >= 0].tolist() == expected
    assert len(found) == 10


def test_overlap_counts_what_both_lists_have_in_any_order() -> None:
    first = np.array([[1, 2, 3, 4], [1, 2, -1, -1], [-1, -1, -1, -1]])
    second = np.array([[4, 3, 8, 9], [2, 1, -1, -1], [-1, -1, -1, -1]])
    assert overlap(first, second).tolist() == [0.5, 1.0, 1.0]
