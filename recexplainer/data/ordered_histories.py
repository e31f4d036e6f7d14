"""Histories from interactions in any order, oldest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recexplainer.data.plural_words import counted

__all__ = ["Ties", "histories_by_time"]


def histories_by_time(
    users: NDArray[np.int64],
    items: NDArray[np.object_],
    times: NDArray[np.generic] | None,
    names: Sequence[str],
) -> tuple[dict[str, tuple[str, ...]], Ties]:
    """Group R interactions by user and sort each user's by time; ties keep their given order.

    Args:
        users: ``(R,)``, for each interaction the row of its user in ``names``.
        items: ``(R,)``, for each interaction its item id.
        times: ``(R,)``, numbers to sort by, or None where the given order is time's.
        names: user ids; the histories come in this order.

    Returns:
        User id to item ids, and how far times tell an order.
    """
    order = np.argsort(users, kind="stable") if times is None else np.lexsort((times, users))
    users, items = users[order], items[order]
    starts = np.searchsorted(users, np.arange(len(names) + 1))
    histories = {
        name: tuple(items[start:end].tolist())
        for name, start, end in zip(names, starts[:-1], starts[1:], strict=True)
    }
    return histories, Ties() if times is None else _ties(users, times[order], starts)


def _ties(users: NDArray[np.int64], times: NDArray[np.generic], starts: NDArray[np.int64]) -> Ties:
    same = (users[1:] == users[:-1]) & (times[1:] == times[:-1])
    tied = int((np.append(same, False) | np.insert(same, 0, False)).sum())
    first, last = starts[:-1], starts[1:] - 1
    long = last > first
    return Ties(tied, int((times[first] == times[last])[long].sum()), int(long.sum()))


@dataclass(frozen=True, slots=True)
class Ties:
    """How far times tell an order.

    Attributes:
        interactions: how many share their user and time with another.
        unordered: how many histories are of one time throughout.
        histories: how many have more than one interaction.
    """

    interactions: int = 0
    unordered: int = 0
    histories: int = 0

    def notes(self, interactions: int) -> tuple[str, ...]:
        """Return the sentence about ties among ``interactions``, or nothing without any."""
        if not self.interactions:
            return ()
        share = f"{self.interactions:,} of {counted(interactions, 'interaction')}"
        return (f"{share} share user and time with another; among those the file's order is kept",)

    def doubts(self, name: str) -> tuple[str, ...]:
        """Return a sentence where the times of the file ``name`` order few histories."""
        if 2 * self.unordered <= self.histories:
            return ()
        share = f"{self.unordered:,} of {counted(self.histories, 'user')}"
        return (f"{share} of {name} have one time for all interactions, so no order is known",)
