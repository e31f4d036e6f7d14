"""Prefixes of many histories, without an object for each."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from typing import overload

from recexplainer.records import Context

__all__ = ["Prefixes", "shown"]


def shown(history: tuple[str, ...], end: int, max_history: int) -> tuple[str, ...]:
    """Return the last ``max_history`` of the first ``end`` items: what a context shows."""
    return history[max(0, end - max_history) : end]


class Prefixes(Sequence[Context]):
    """The training contexts of a log: each user's prefixes of 1 to n-2 of n interactions.

    A context is made when it is asked for; ten million of them as objects would take gigabytes.

    Args:
        histories: user id to item ids, oldest first; their order is that of the contexts.
        max_history: a context shows at most this many of the latest items.
    """

    def __init__(self, histories: Mapping[str, tuple[str, ...]], max_history: int) -> None:
        self._histories, self._max_history = histories, max_history
        self._users = list(histories)
        lengths = (max(0, len(history) - 2) for history in histories.values())
        self._starts = list(accumulate(lengths, initial=0))

    def __len__(self) -> int:
        return self._starts[-1]

    def __iter__(self) -> Iterator[Context]:
        for user, history in self._histories.items():
            for end in range(1, len(history) - 1):
                yield self._context(user, history, end)

    @overload
    def __getitem__(self, row: int) -> Context: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Context, ...]: ...
    def __getitem__(self, row: int | slice) -> Context | tuple[Context, ...]:
        if isinstance(row, slice):
            return tuple(self[one] for one in range(*row.indices(len(self))))
        position = row + len(self) if row < 0 else row
        if not 0 <= position < len(self):
            raise IndexError(f"row {row} of {len(self)} contexts")
        number = bisect_right(self._starts, position) - 1
        user = self._users[number]
        return self._context(user, self._histories[user], position - self._starts[number] + 1)

    def _context(self, user: str, history: tuple[str, ...], end: int) -> Context:
        return Context(user, end, shown(history, end, self._max_history), "train")
