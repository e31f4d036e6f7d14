"""What f says of an item, as Yes or No (paper, section 3.2.3)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recexplainer.records import Decision

__all__ = ["LIKED_SHARE", "REJECTED_SHARE", "decision_on", "draw_decided", "liked", "rejected"]

LIKED_SHARE = 0.2
"""f's favourites among the unseen items: Yes."""
REJECTED_SHARE = 0.5
"""The end of f's ranking of the unseen items: No. In between f is undecided."""


def liked(ranking: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the items to which f says Yes: the first fifth of ``ranking``, rounded down."""
    return ranking[: int(len(ranking) * LIKED_SHARE)]


def rejected(ranking: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the items to which f says No: the last half of ``ranking``, rounded down."""
    return ranking[len(ranking) - int(len(ranking) * REJECTED_SHARE) :]


def draw_decided(
    ranking: NDArray[np.int64], rng: np.random.Generator
) -> tuple[tuple[Decision, int], ...]:
    """Return one item to which f says Yes and one to which it says No, in random order.

    Args:
        ranking: item rows, f's favourite first, seen items left out.
        rng: where the draws come from.

    Returns:
        Pairs of decision and item row; none when fewer than five items are left to draw from.
    """
    favourites, others = liked(ranking), rejected(ranking)
    if not len(favourites):
        return ()
    yes: tuple[Decision, int] = ("Yes", int(favourites[rng.integers(len(favourites))]))
    no: tuple[Decision, int] = ("No", int(others[rng.integers(len(others))]))
    return (yes, no) if rng.random() < 0.5 else (no, yes)


def decision_on(
    row: int, scores: NDArray[np.float32], candidates: NDArray[np.bool_]
) -> Decision | None:
    """Return f's decision on one item; None in between, where f is undecided.

    Args:
        row: the item's row; it is one of the candidates.
        scores: ``(I,)``, f's scores of all items.
        candidates: ``(I,)``, true for the items among which it is ranked; of equal scores the
            earlier row comes first, as in ``Asked.ranking``.
    """
    count = int(candidates.sum())
    ahead = scores > scores[row]
    ahead[:row] |= scores[:row] == scores[row]
    place = int((ahead & candidates).sum())
    if place < int(count * LIKED_SHARE):
        return "Yes"
    return "No" if place >= count - int(count * REJECTED_SHARE) else None
