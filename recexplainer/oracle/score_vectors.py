"""Vectors of a target that tells none, from its scores: their main directions.

Many recommenders score an item by a product of two vectors, and few scores of any recommender are
independent of each other. A truncated singular value decomposition of the scores of N histories,
each row less its mean, finds the few directions they lie in (as PureSVD finds those of ratings:
Cremonesi et al., RecSys 2010)::

    scores - mean  ~  user @ item.T        (N, I) ~ (N, d_rec) @ (d_rec, I)

So the product of a user's and an item's vector is the target's score, as far as ``d_rec`` numbers
tell it; of a target that multiplies vectors itself, exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np

from recexplainer.oracle.questions import Oracle
from recexplainer.plugins.interfaces import FloatArray
from recexplainer.runs.artifacts import read_arrays, write_arrays

__all__ = ["ScoreVectors"]

_WIDTH = 64
"""At most so many directions, as most targets with vectors have by default."""
_HISTORIES, _SCORES = 2048, 50_000_000
"""So many histories are asked about, or as many as there are scores in 200 MB."""
_FEWEST = 4 * _WIDTH
_NEGLIGIBLE = 1e-5
"""A direction along which scores differ by less, as a part of the first, is rounding."""


class ScoreVectors:
    """Vectors of histories and items whose products are the target's scores, less their mean.

    Args:
        oracle: asks the target.
        items: ``(I, d_rec)``, the main directions of scores, the longer the more these differ.
    """

    def __init__(self, oracle: Oracle, items: FloatArray) -> None:
        self._oracle = oracle
        self._items = items
        squared = np.square(items).sum(axis=0)
        self._read = np.divide(items, squared, out=np.zeros_like(items), where=squared > 0)

    @classmethod
    def of(cls, oracle: Oracle, histories: Sequence[Sequence[str]], seed: int) -> Self:
        """Find the directions in the scores of some of N ``histories``, drawn with ``seed``.

        Raises:
            StageError: the target's scores cannot be used.
        """
        from sklearn.utils.extmath import randomized_svd

        items = len(oracle.catalogue)
        most = min(len(histories), _HISTORIES, max(_FEWEST, _SCORES // items))
        drawn = np.random.default_rng(seed).choice(len(histories), most, replace=False)
        scores = np.empty((most, items), dtype=np.float32)
        asked = oracle.rows_of_scores([histories[row] for row in np.sort(drawn)])
        for row, found in enumerate(asked):
            scores[row] = _centred(found)
        width = min(_WIDTH, *scores.shape)
        _, lengths, directions = randomized_svd(scores, width, random_state=seed)
        kept = max(1, int((lengths > _NEGLIGIBLE * lengths[0]).sum()))
        longer = np.sqrt(lengths[:kept] / np.sqrt(most))
        return cls(oracle, (directions[:kept].T * longer).astype(np.float32))

    def user_vectors(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the vector of each history, ``(B, d_rec)``; each is put to the target.

        Raises:
            StageError: the target's scores cannot be used.
        """
        read = np.empty((len(histories), self._items.shape[1]), dtype=np.float32)
        start = 0
        for scores in self._oracle.batches_of_scores(histories):
            read[start : start + len(scores)] = _centred(scores) @ self._read
            start += len(scores)
        return read

    def item_vectors(self) -> FloatArray:
        """Return the vector of each item, ``(I, d_rec)``."""
        return self._items

    def found_first(self, histories: Sequence[Sequence[str]], among: int = 5) -> int:
        """Count the histories whose first choice is among the first by products of vectors.

        Items of the history are no candidates.

        Args:
            histories: what the target is asked about.
            among: how many of the first count.
        """
        catalogue, found = self._oracle.catalogue, 0
        for history, scores in zip(histories, self._oracle.rows_of_scores(histories), strict=True):
            exact = scores.astype(np.float64)
            told = _centred(scores) @ self._read @ self._items.T
            exact[catalogue.rows(history)] = told[catalogue.rows(history)] = -np.inf
            found += int((told > told[exact.argmax()]).sum() < among)
        return found

    def save(self, path: Path) -> None:
        """Write the items' vectors, atomically."""
        write_arrays(path, {"items": self._items})

    @classmethod
    def load(cls, path: Path, oracle: Oracle) -> Self:
        """Return what ``save`` wrote.

        Raises:
            RunFolderError: the file is damaged.
        """
        return cls(oracle, read_arrays(path)["items"])


def _centred(scores: FloatArray) -> FloatArray:
    """Return scores ``(..., I)`` less the mean of each row."""
    centred: FloatArray = scores - scores.mean(axis=-1, keepdims=True)
    return centred
