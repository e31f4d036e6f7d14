"""Models of RecBole that add up the rows of an item-item matrix."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain
from typing import Any

import numpy as np
import scipy.sparse as sp

from recexplainer.plugins.interfaces import FitReport, FloatArray
from recexplainer.records import Progress, TrainingHistories
from recexplainer.targets.recbole.epochs import limited_to, seeded
from recexplainer.targets.recbole.recbole_data import Interactions
from recexplainer.targets.recbole.recbole_target import Arrays, RecBoleTarget

__all__ = ["SimilarityTarget"]


class SimilarityTarget(RecBoleTarget):
    """A RecBole model whose scores are the sum of what each item of the history adds.

    It has no vectors that are shorter than the catalogue.
    """

    _matrix: Any = None
    """``(I, I)``: what an item of the history (row) adds to each score; sparse where RecBole's is.
    """

    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:
        """Solve for the matrix.

        Raises:
            DataError: no history has two items, or no user has a validation item.
        """
        histories = self._learned_from(training)
        progress.note(f"{self._family.model}: solving for {len(self._kit.catalogue)} items")
        with seeded(self._kit.seed), limited_to(self._options.threads):
            model = self._untrained(Interactions.of(histories, len(self._kit.catalogue)))
        self._matrix = _without_padding(_similarity(model))
        asked = [training.histories[user] for user in training.validation]
        ndcg = self._ndcg(lambda part: self.scores(asked[part]), training)
        return FitReport(validation={"ndcg@10": ndcg})

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the sums over each history's items, ``(B, I)``.

        Raises:
            UnknownNameError: a history holds an item that is not in the catalogue.
        """
        if self._matrix is None:
            raise self._not_trained()
        encoded = [sorted({item - 1 for item in history}) for history in self._encode(histories)]
        columns = np.fromiter(chain.from_iterable(encoded), dtype=np.int64)
        starts = np.cumsum([0, *map(len, encoded)])
        taken = sp.csr_matrix(
            (np.ones(len(columns), dtype=np.float32), columns, starts),
            shape=(len(encoded), len(self._kit.catalogue)),
        )
        summed = taken @ self._matrix
        scores: FloatArray = summed.toarray() if sp.issparse(summed) else np.asarray(summed)
        return scores.astype(np.float32)

    def contributions(self, history: Sequence[str], item: str) -> dict[str, float]:
        """Return what each item of ``history`` adds to the score of ``item``; they sum up to it.

        Args:
            history: item ids, of which the last ``max_history`` are read.
            item: id of the item that is scored.

        Raises:
            UnknownNameError: an id is not in the catalogue.
        """
        if self._matrix is None:
            raise self._not_trained()
        (read,), ((scored,),) = self._encode([history]), self._encode([[item]])
        ids = self._kit.catalogue.ids
        return {ids[row - 1]: float(self._matrix[row - 1, scored - 1]) for row in read}

    def _kept(self) -> Arrays:
        if self._matrix is None:
            raise self._not_trained()
        if not sp.issparse(self._matrix):
            return {"dense": self._matrix}
        matrix = self._matrix
        return {"values": matrix.data, "columns": matrix.indices, "starts": matrix.indptr}

    def _restore(self, kept: Arrays) -> None:
        if "dense" in kept:
            self._matrix = kept["dense"]
            return
        shape = (len(self._kit.catalogue),) * 2
        self._matrix = sp.csr_matrix((kept["values"], kept["columns"], kept["starts"]), shape=shape)


def _similarity(model: Any) -> Any:
    """Return the matrix of ``model``, which RecBole's models keep under two names."""
    return model.item_similarity if hasattr(model, "item_similarity") else model.w


def _without_padding(matrix: Any) -> Any:
    if sp.issparse(matrix):
        return sp.csr_matrix(matrix, dtype=np.float32)[1:, 1:]
    return np.asarray(matrix, dtype=np.float32)[1:, 1:].copy()
