"""Learned map from histories to users, for models that know users by id only.

Such a model has no answer for a history that no user had, not even for a user's own with an item
removed. What it learned of its users is therefore learned anew as a linear function of what it
learned of the items in their histories: ``user ~ W [mean, sum / sqrt(n), log n, 1]``, by ridge
regression. How far that is from the users' own is measured on users left out of the regression.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recexplainer.plugins.interfaces import FloatArray

__all__ = ["Agreement", "FoldIn", "agreement", "learn_fold_in"]

_FOLDS = 5
_STRENGTHS = (1e-4, 1e-3, 1e-2, 0.03, 0.1, 0.3, 1.0)
"""Of the ridge, per user; the best of them on users left out is taken."""
_TOP = 10
Matrix = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class FoldIn:
    """The map.

    Attributes:
        items: ``(I, d)``, what the model learned of each item.
        weights: ``(2 d + 2, p)``, to the p numbers that the model learned of a user.
    """

    items: FloatArray
    weights: FloatArray

    def users(self, histories: Sequence[Sequence[int]]) -> FloatArray:
        """Return what stands for the user of each history of item rows, ``(B, p)``."""
        folded: FloatArray = (_features(self.items, histories) @ self.weights).astype(np.float32)
        return folded


@dataclass(frozen=True)
class Agreement:
    """How close users that were folded in come to those that were trained.

    Attributes:
        cosine: of what was learned of the user, mean over users.
        overlap: share of the first 10 unseen items in common, mean over users.
    """

    cosine: float
    overlap: float


def learn_fold_in(
    items: FloatArray, users: FloatArray, histories: Sequence[Sequence[int]], seed: int
) -> tuple[FoldIn, FloatArray]:
    """Learn the map on all users, and fold each in by a map that was learned without them.

    Args:
        items: ``(I, d)``, what the model learned of each item.
        users: ``(U, p)``, what it learned of each user.
        histories: each user's item rows, cut to what the target will be asked with.
        seed: of who is left out together.

    Returns:
        The map, and ``(U, p)`` users folded in out of fold.
    """
    features, wanted = _features(items, histories), users.astype(np.float64)
    fold = np.random.default_rng(seed).permutation(len(users)) % _FOLDS
    best, best_error = np.zeros_like(wanted), np.inf
    strength = _STRENGTHS[0]
    for candidate in _STRENGTHS:
        folded = np.empty_like(wanted)
        for part in range(_FOLDS):
            rest = fold != part
            folded[~rest] = features[~rest] @ _ridge(features[rest], wanted[rest], candidate)
        error = float(((folded - wanted) ** 2).mean())
        if error < best_error:
            best, best_error, strength = folded, error, candidate
    weights = _ridge(features, wanted, strength).astype(np.float32)
    return FoldIn(items, weights), best.astype(np.float32)


def agreement(
    own: FloatArray,
    folded: FloatArray,
    scores: Callable[[FloatArray], FloatArray],
    seen: Sequence[Sequence[int]],
) -> Agreement:
    """Compare folded-in users with the trained ones.

    Args:
        own: ``(B, p)``, as trained.
        folded: ``(B, p)``, folded in.
        scores: returns ``(B, I)`` of such users.
        seen: item rows to leave out, per user.
    """
    lengths = np.linalg.norm(own, axis=1) * np.linalg.norm(folded, axis=1)
    cosines = (own * folded).sum(axis=1) / np.maximum(lengths, 1e-12)
    first, second = _tops(scores(own), seen), _tops(scores(folded), seen)
    shared = [len(set(a) & set(b)) / max(1, len(a)) for a, b in zip(first, second, strict=True)]
    return Agreement(float(cosines.mean()), float(np.mean(shared)))


def _tops(scores: FloatArray, seen: Sequence[Sequence[int]]) -> list[list[int]]:
    masked = scores.copy()
    for row, items in zip(masked, seen, strict=True):
        row[list(items)] = -np.inf
    order = np.argsort(-masked, axis=1, kind="stable")[:, :_TOP]
    return [
        [item for item in row if item not in set(items)]
        for row, items in zip(order.tolist(), seen, strict=True)
    ]


def _features(items: FloatArray, histories: Sequence[Sequence[int]]) -> Matrix:
    """Return what the map reads of each history, ``(B, 2 d + 2)``."""
    width = items.shape[1]
    features = np.zeros((len(histories), 2 * width + 2))
    features[:, -1] = 1.0
    for row, history in zip(features, histories, strict=True):
        if history:
            total = items[list(history)].sum(axis=0, dtype=np.float64)
            row[:width] = total / len(history)
            row[width : 2 * width] = total / np.sqrt(len(history))
            row[-2] = np.log(len(history))
    return features


def _ridge(features: Matrix, wanted: Matrix, strength: float) -> Matrix:
    """Return weights ``(f, p)`` of a ridge on standardized features, the constant left free."""
    mean, spread = features.mean(axis=0), features.std(axis=0)
    spread = np.where(spread > 1e-9, spread, 1.0)  # constant columns, the last among them
    scaled = (features - mean) / spread
    center = wanted.mean(axis=0)
    penalty = strength * len(features) * np.eye(scaled.shape[1])
    weights = np.linalg.solve(scaled.T @ scaled + penalty, scaled.T @ (wanted - center))
    weights /= spread[:, None]
    weights[-1] = center - mean @ weights
    return weights
