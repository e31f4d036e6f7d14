"""Bayesian personalized ranking of ``implicit``, with a learned way to read any history."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Final

import numpy as np
from implicit.bpr import BayesianPersonalizedRanking  # type: ignore[import-untyped]
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import KFold, cross_val_predict

from recexplainer.records import Progress
from recx_implicit.factors import FactorTarget
from recx_implicit.options import BprOptions

__all__ = ["BprTarget"]

_PENALTIES: Final = np.logspace(-4, 2, 7)
_FOLDS: Final = 5


class BprTarget(FactorTarget[BprOptions]):
    """A history's vector is a linear map of the mean of its items' factors.

    BPR has no way of its own to read a history that it was not trained on (``recalculate_user`` is
    not offered), so the map is learned by ridge regression from the training users: from the items
    that the target reads of each to the vector that BPR learned for that user. How well this works
    on users that the map was not learned from is reported after training as ``fold_in_cosine``.
    """

    name: ClassVar[str] = "implicit-bpr"

    def _trained(
        self, matrix: csr_matrix, windows: csr_matrix, progress: Progress
    ) -> tuple[Mapping[str, NDArray[np.float32]], Mapping[str, float]]:
        model = BayesianPersonalizedRanking(
            factors=self._options.factors,
            learning_rate=self._options.learning_rate,
            regularization=self._options.regularization,
            iterations=self._options.iterations,
            verify_negative_samples=self._options.verify_negative_samples,
            num_threads=1,
            random_state=self._kit.seed,
            use_gpu=False,
        )
        with progress.bar(f"Training {self.name}", self._options.iterations) as bar:
            model.fit(matrix, show_progress=False, callback=lambda *_: bar.advance())
        means, users = _means(windows, model.item_factors), model.user_factors
        known = np.flatnonzero(windows.getnnz(axis=1))
        fold = RidgeCV(alphas=_PENALTIES).fit(means[known], users[known])
        learned = {
            "items": model.item_factors,
            "map": np.ascontiguousarray(fold.coef_.T, dtype=np.float32),
            "origin": np.asarray(fold.intercept_, dtype=np.float32),
        }
        return learned, _fold_in_figures(means[known], users[known], self._kit.seed)

    def _folded(self, counts: csr_matrix) -> NDArray[np.floating[Any]]:
        means = _means(counts, self._tensor("items"))
        return means @ self._tensor("map") + self._tensor("origin")


def _means(counts: csr_matrix, items: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the mean factors of each history, ``(B, d_rec)``; zeros for an empty one."""
    lengths = np.maximum(np.asarray(counts.sum(axis=1)), 1)
    means: NDArray[np.float32] = np.asarray(counts @ items / lengths, dtype=np.float32)
    return means


def _fold_in_figures(
    means: NDArray[np.float32], users: NDArray[np.float32], seed: int
) -> dict[str, float]:
    """Return the mean cosine of mapped and learned vectors, of users the map has not seen."""
    if len(users) < 2 * _FOLDS:
        return {}
    folds = KFold(_FOLDS, shuffle=True, random_state=seed)
    mapped = cross_val_predict(RidgeCV(alphas=_PENALTIES), means, users, cv=folds)
    lengths = np.linalg.norm(mapped, axis=1) * np.linalg.norm(users, axis=1)
    cosines = np.einsum("ud,ud->u", mapped, users) / np.maximum(lengths, 1e-12)
    return {"fold_in_cosine": float(cosines.mean())}
