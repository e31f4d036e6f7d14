"""Items that two catalogues share, and a target that is asked about these alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recexplainer.plugins.interfaces import FitReport, FloatArray, Target
from recexplainer.records import Catalogue, Item, Progress, TrainingHistories

__all__ = ["SharedItems", "SharedTarget", "shared_items"]

_SAME_WORLD = 0.5
"""Share of the ids in both whose titles agree, below which ids are no names of the same things."""


@dataclass(frozen=True, eq=False)
class SharedItems:
    """What two catalogues have in common.

    Attributes:
        catalogue: the shared items as the first one has them, in its order.
        second_id: id in the first to id in the second.
        joined_by: what the items were joined by.
        only_first, only_second: the items of one alone.
        retitled: how many were joined by an id, with another title.
    """

    catalogue: Catalogue
    second_id: Mapping[str, str]
    joined_by: Literal["id", "title"]
    only_first: tuple[Item, ...]
    only_second: tuple[Item, ...]
    retitled: int = 0

    def in_second(self, history: Sequence[str]) -> tuple[str, ...]:
        """Return a history of shared items by the ids of the second catalogue."""
        return tuple(self.second_id[item] for item in history)

    def kept(self, history: Sequence[str]) -> tuple[str, ...]:
        """Return the shared items of a history of the first data set, in its order."""
        return tuple(item for item in history if item in self.second_id)


def shared_items(first: Catalogue, second: Catalogue) -> SharedItems:
    """Join two catalogues by id, or by title where the ids do not mean the same things.

    Ids mean the same if at least half of those in both have the same title, in any case.
    """
    both = [item for item in first if second.knows(item.id)]
    agreed = sum(_folded(one) == _folded(second.item(one.id)) for one in both)
    by_id = bool(both) and agreed >= _SAME_WORLD * len(both)
    if by_id:
        names = {one.id: one.id for one in both}
    else:
        titles = {_folded(one): one.id for one in second}
        names = {}
        for one in first:  # of titles that differ in case alone, the first is joined
            if twin := titles.pop(_folded(one), None):
                names[one.id] = twin
    used = set(names.values())
    return SharedItems(
        Catalogue([one for one in first if one.id in names]),
        names,
        "id" if by_id else "title",
        tuple(one for one in first if one.id not in names),
        tuple(one for one in second if one.id not in used),
        len(both) - agreed if by_id else 0,
    )


class SharedTarget(Target):
    """A target that is asked in the words of the shared catalogue, and answers about it alone.

    Args:
        target: trained.
        catalogue: its own items, in the order of its columns.
        own_ids: its ids of the shared items, in their order.
        shared_ids: the shared items.
        max_history: how many items of a history it reads.
    """

    def __init__(
        self,
        target: Target,
        catalogue: Catalogue,
        own_ids: Sequence[str],
        shared_ids: Sequence[str],
        max_history: int,
    ) -> None:
        self._target, self._max_history = target, max_history
        self._own = dict(zip(shared_ids, own_ids, strict=True))
        self._columns: NDArray[np.int64] = np.array(catalogue.rows(own_ids), dtype=np.int64)

    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:  # noqa: ARG002
        """Learn nothing: what is asked is trained."""
        return FitReport()

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the scores of the shared items, ``(B, I)``, after histories of shared items."""
        read = [[self._own[item] for item in one[-self._max_history :]] for one in histories]
        return np.asarray(np.asarray(self._target.scores(read))[:, self._columns])

    def save(self, folder: Path) -> None:
        """Write nothing: it is made for one comparison."""

    def load(self, folder: Path) -> None:
        """Read nothing."""


def _folded(item: Item) -> str:
    return item.title.casefold()
