"""Targets whose scores are right and whose vectors are not, each by one rule."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from mutants.table import Mutant
from mutants.targets import ScoresOnly

from recexplainer.testing import LinearTarget


class RightScores(LinearTarget):
    """Scores that do not go through the vectors, so that these can be wrong alone."""

    def scores(self, histories):
        return LinearTarget.user_vectors(self, histories)


class Float64Vectors(RightScores):
    def item_vectors(self):
        return super().item_vectors().astype(np.float64)


class NarrowVectors(RightScores):
    def item_vectors(self):
        return super().item_vectors()[:, :7].copy()


class ZeroVectors(RightScores):
    def user_vectors(self, histories):
        return super().user_vectors(histories) * 0


class NoisyVectors(RightScores):
    def user_vectors(self, histories):
        vectors = super().user_vectors(histories)
        return vectors + np.random.default_rng().random(vectors.shape, dtype=np.float32)


class BatchedVectors(RightScores):
    def user_vectors(self, histories):
        return super().user_vectors(histories) * np.float32(len(histories))


class EmptyVectorIsNan(RightScores):
    def user_vectors(self, histories):
        vectors = super().user_vectors(histories)
        vectors[[not history for history in histories]] = np.nan
        return vectors


class VectorsOfEverything(RightScores):
    def user_vectors(self, histories):
        whole = np.array([[len(history) > self.max_history] for history in histories])
        return super().user_vectors(histories) + whole.astype(np.float32)


class VectorsOfOrder(RightScores):
    """Declared to read a set; the vector's length tells which item came last."""

    def user_vectors(self, histories):
        last = [1 + self.catalogue.row(one[-1]) if one else 1 for one in histories]
        return super().user_vectors(histories) * np.array(last, dtype=np.float32)[:, None]


class ShuffledItems(RightScores):
    def item_vectors(self):
        return super().item_vectors()[::-1].copy()


class Biased(LinearTarget):
    def scores(self, histories):
        bias = np.linspace(0, 5, len(self.catalogue), dtype=np.float32)
        return super().scores(histories) + bias


class ForgetsVectors(RightScores):
    scale = np.float32(1)

    def fit(self, training, progress):
        self.scale = np.float32(3)
        return super().fit(training, progress)

    def user_vectors(self, histories):
        return super().user_vectors(histories) * self.scale


class LogsVectors(RightScores):
    def item_vectors(self):
        Path("vectors.log").write_text("asked")
        return super().item_vectors()


class OwnWeightsGiven(RightScores):
    def __init__(self, kit):
        super().__init__(kit)
        self.axes = np.eye(len(kit.catalogue), dtype=np.float32)

    def item_vectors(self):
        return self.axes


_WIDTH = "vectors are finite float32 of one width"
_DOT = "dot products rank as scores do"


def _latent(rule, part, says, *more):
    return Mutant("target", rule, part, says, ("vectors", *more))


MUTANTS = (
    _latent("vectors are offered", ScoresOnly, "is no LatentTarget"),
    _latent(_WIDTH, Float64Vectors, "float64"),
    _latent(_WIDTH, NarrowVectors, "7"),
    _latent("vectors tell histories and items apart", ZeroVectors, "alike"),
    _latent("asking twice gives the same vectors", NoisyVectors, "dropout"),
    _latent("a batch of one equals a batch of many vectors", BatchedVectors, "batch"),
    _latent("any history has a vector", EmptyVectorIsNan, "not finite"),
    _latent("vectors read the last max history items", VectorsOfEverything, "the last 5"),
    _latent(
        "the order of a history counts in vectors as declared",
        VectorsOfOrder,
        "'unordered'",
        "unordered",
    ),
    _latent(_DOT, ShuffledItems, "catalogue order"),
    _latent(_DOT, Biased, "'more_than_dot'"),
    _latent("saved and loaded gives the same vectors", ForgetsVectors, "save everything"),
    _latent("asking for vectors leaves no traces", LogsVectors, "files in the working directory"),
    _latent("vectors returned are the callers own", OwnWeightsGiven, "copy"),
)
