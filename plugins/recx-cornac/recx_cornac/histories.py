"""Histories as Cornac takes them: sets of items, as rows of a matrix with catalogue columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from recexplainer.errors import DataError, UnknownNameError
from recexplainer.plugins.interfaces import TargetKit
from recexplainer.records import TrainingHistories
from recx_cornac.library import load_cornac

__all__ = ["HistoryReader"]


class HistoryReader:
    """Turns item ids into matrices.

    Args:
        kit: the items and how much of a history is read when the target is asked.
    """

    def __init__(self, kit: TargetKit) -> None:
        self._kit = kit
        self._rows = {item: row for row, item in enumerate(kit.catalogue.ids)}

    def window(self, histories: Sequence[Sequence[str]]) -> csr_matrix:
        """Return which items are among the last ``max_history`` of each history, ``(B, I)``.

        Raises:
            UnknownNameError: a history holds an item that is not in the catalogue.
        """
        rows = [self._encoded(history)[-self._kit.max_history :] for history in histories]
        return self._matrix(rows)

    def dataset(self, training: TrainingHistories, target: str) -> Any:
        """Return the whole training histories as a ``cornac.data.Dataset``, one column per item.

        Raises:
            DataError: there is no interaction to learn from.
        """
        load_cornac()
        from cornac.data import Dataset  # type: ignore[import-untyped]

        histories = training.histories
        matrix = self._matrix([self._encoded(history) for history in histories.values()]).tocoo()
        if not matrix.nnz:
            raise DataError(f"{target} needs interactions; got {len(histories)} empty histories")
        return Dataset(
            num_users=len(histories),
            num_items=len(self._rows),
            uid_map={user: row for row, user in enumerate(histories)},
            iid_map=dict(self._rows),
            uir_tuple=(matrix.row, matrix.col, matrix.data),
            seed=self._kit.seed,
        )

    def _encoded(self, history: Sequence[str]) -> list[int]:
        try:
            return [self._rows[item] for item in history]
        except KeyError as error:
            raise UnknownNameError("item", str(error.args[0]), self._rows) from None

    def _matrix(self, histories: Sequence[Sequence[int]]) -> csr_matrix:
        distinct = [sorted(set(history)) for history in histories]
        starts = np.cumsum([0, *map(len, distinct)])
        columns = np.array([row for history in distinct for row in history], dtype=np.int32)
        ones = np.ones(len(columns), dtype=np.float32)
        return csr_matrix((ones, columns, starts), shape=(len(distinct), len(self._rows)))
