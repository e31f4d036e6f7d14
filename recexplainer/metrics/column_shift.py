"""Column shift: whether scores stand one column beside their items, by what users took next."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["MUCH", "column_shift", "foretells_more", "foretold"]

_FEWEST_USERS, _FEWEST_ITEMS = 20, 5
"""Fewer users, or fewer items that they took next, show nothing."""
MUCH, _LITTLE = 0.5, 0.25
"""Shares of users whose next item is foretold. A tenth is chance; a popular item alone lifts it."""


def foretold(
    scores: NDArray[np.floating], nexts: Sequence[int], seen: Sequence[Sequence[int]]
) -> NDArray[np.bool_]:
    """Return whether each next item is in the best tenth of the items not seen, ``(B,)``.

    Args:
        scores: ``(B, I)``; of equal scores, the next item's counts as the last.
        nexts: column of the item that was taken next, per history.
        seen: columns of the items of each history; one taken again counts as foretold by none.
    """
    found = np.zeros(len(nexts), dtype=bool)
    for row, (item, had) in enumerate(zip(nexts, seen, strict=True)):
        unseen = np.ones(scores.shape[1], dtype=bool)
        unseen[list(had)] = False
        rank = int((scores[row, unseen] >= scores[row, item]).sum())
        found[row] = unseen[item] and rank <= max(1, int(unseen.sum()) // 10)
    return found


def foretells_more(
    other: NDArray[np.bool_], declared: NDArray[np.bool_], nexts: Sequence[int]
) -> bool:
    """Whether another reading of the scores foretells most next items, and the declared one few.

    A weak target, and one that knows popular items only, foretells few by either.
    """
    enough = len(nexts) >= _FEWEST_USERS and len(set(nexts)) >= _FEWEST_ITEMS
    return enough and bool(other.mean() >= MUCH and declared.mean() < _LITTLE)


def column_shift(
    scores: NDArray[np.floating], nexts: Sequence[int], seen: Sequence[Sequence[int]]
) -> int:
    """Return by how many columns the scores stand beside their items: 1, -1, or 0.

    Histories are left out where the neighbor of the next item was seen: where items that stand side
    by side are taken one after the other, the column beside may well hold the highest score.

    Args:
        scores: ``(B, I)``.
        nexts: column of the item that was taken next, per history.
        seen: columns of the items of each history.
    """
    for shift in (1, -1):
        rows = [
            row
            for row, item in enumerate(nexts)
            if 0 <= item + shift < scores.shape[1] and item + shift not in set(seen[row])
        ]
        kept = [nexts[row] for row in rows]
        had = [seen[row] for row in rows]
        beside = foretold(np.roll(scores[rows], -shift, axis=1), kept, had)
        if foretells_more(beside, foretold(scores[rows], kept, had), kept):
            return shift
    return 0
