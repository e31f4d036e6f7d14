"""A log's interactions as two arrays of rows, for filtering."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from recexplainer.data.ordered_histories import histories_by_time
from recexplainer.errors import DataError
from recexplainer.records import InteractionLog

__all__ = ["Pairs"]


@dataclass(frozen=True, slots=True)
class Pairs:
    """R interactions, each user's in time order.

    Attributes:
        users: ``(R,)``, rows of the log's users.
        items: ``(R,)``, rows of the log's catalogue.
    """

    users: NDArray[np.int64]
    items: NDArray[np.int64]

    @classmethod
    def of(cls, log: InteractionLog) -> Pairs:
        """Return the interactions of ``log``.

        Raises:
            DataError: a history holds an item that the catalogue lacks.
        """
        histories = log.histories.values()
        lengths = np.fromiter(map(len, histories), np.int64, len(histories))
        rows = map(log.catalogue.row, chain.from_iterable(histories))
        try:
            items = np.fromiter(rows, np.int64, int(lengths.sum()))
        except KeyError as error:
            message = f"a history of {log.name!r} holds item {error}, which its catalogue lacks"
            raise DataError(message) from None
        return cls(np.repeat(np.arange(len(lengths)), lengths), items)

    def __len__(self) -> int:
        return len(self.users)

    @property
    def user_rows(self) -> NDArray[np.int64]:
        """The rows of users with interactions, ascending."""
        return np.flatnonzero(np.bincount(self.users))

    @property
    def item_rows(self) -> NDArray[np.int64]:
        """The rows of items with interactions, ascending."""
        return np.flatnonzero(np.bincount(self.items))

    def where(self, kept: NDArray[np.bool_]) -> Pairs:
        """Return the interactions for which ``kept``, ``(R,)``, is true."""
        return Pairs(self.users[kept], self.items[kept])

    def without_repeats(self) -> Pairs:
        """Return each user's first interaction with each item."""
        if not len(self):
            return self
        pair = self.users * (self.items.max() + 1) + self.items
        _, first = np.unique(pair, return_index=True)
        first.sort()
        return Pairs(self.users[first], self.items[first])

    def of_most_popular(self, count: int) -> Pairs:
        """Return the interactions with the ``count`` items that have most; lower rows win ties."""
        popularity = np.bincount(self.items)
        kept = np.zeros(len(popularity), dtype=np.bool_)
        kept[np.argsort(-popularity, kind="stable")[:count]] = True
        return self.where(kept[self.items])

    def without_some(self, count: int, k: int, rng: np.random.Generator) -> tuple[Pairs, int]:
        """Sample ``count`` of the users with at least ``k`` interactions and leave out the others.

        Users with fewer interactions stay; the k-core drops them.

        Returns:
            The interactions that are left, and how many users were left out.
        """
        enough = np.flatnonzero(np.bincount(self.users) >= k)
        spare = rng.permutation(enough)[count:]
        return self.where(~np.isin(self.users, spare)), len(spare)

    def core(self, k: int) -> Pairs:
        """Return the k-core: the most interactions in which every user and item has at least k."""
        kept = self
        while len(kept):
            by_user = np.bincount(kept.users)[kept.users]
            by_item = np.bincount(kept.items)[kept.items]
            enough = (by_user >= k) & (by_item >= k)
            if enough.all():
                break
            kept = kept.where(enough)
        return kept

    def histories(self, log: InteractionLog) -> dict[str, tuple[str, ...]]:
        """Return user id to item ids, in ``log``'s order of users; users with none are left out."""
        items = np.array(log.catalogue.ids, dtype=object)[self.items]
        histories, _ = histories_by_time(self.users, items, None, list(log.histories))
        return {user: history for user, history in histories.items() if history}
