"""Histories from interactions in any order, oldest first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recexplainer.data.plural_words import counted

__all__ = ["histories_by_time", "tie_note"]


def histories_by_time(
    users: NDArray[np.int64],
    items: NDArray[np.object_],
    times: NDArray[np.generic] | None,
    names: Sequence[str],
) -> tuple[dict[str, tuple[str, ...]], int]:
    """Group R interactions by user and sort each user's by time; ties keep their given order.

    Args:
        users: ``(R,)``, for each interaction the row of its user in ``names``.
        items: ``(R,)``, for each interaction its item id.
        times: ``(R,)``, numbers to sort by, or None where the given order is time's.
        names: user ids; the histories come in this order.

    Returns:
        User id to item ids, and how many interactions share their user and time with another.
    """
    order = np.argsort(users, kind="stable") if times is None else np.lexsort((times, users))
    users, items = users[order], items[order]
    starts = np.searchsorted(users, np.arange(len(names) + 1))
    histories = {
        name: tuple(items[start:end].tolist())
        for name, start, end in zip(names, starts[:-1], starts[1:], strict=True)
    }
    return histories, 0 if times is None else _tied(users, times[order])


def _tied(users: NDArray[np.int64], times: NDArray[np.generic]) -> int:
    same = (users[1:] == users[:-1]) & (times[1:] == times[:-1])
    return int((np.append(same, False) | np.insert(same, 0, False)).sum())


def tie_note(tied: int, interactions: int) -> tuple[str, ...]:
    """Return the sentence about ties, or nothing where there are none."""
    if not tied:
        return ()
    share = f"{tied:,} of {counted(interactions, 'interaction')}"
    return (f"{share} share user and time with another; among those the file's order is kept",)
