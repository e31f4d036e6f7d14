"""How far a target says Yes about each item: soft labels of its decisions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from recexplainer.oracle import decided_rows
from recexplainer.plugins.interfaces import FloatArray
from recexplainer.records import Decision

__all__ = ["YesShares"]


@dataclass(frozen=True)
class YesShares:
    """Shares of Yes by score: a logistic curve between the highest No and the lowest Yes.

    Attributes:
        scores: ``(I,)``, the target's.
        between: rows of the candidates that it neither likes nor rejects.
        middle: the score of which half is a Yes.
        scale: how far from there the share is 1 / (1 + 1/e) = .73.
    """

    scores: FloatArray
    between: NDArray[np.int64]
    middle: float
    scale: float

    @classmethod
    def of(cls, scores: FloatArray, softness: float) -> Self:
        """Return the shares of a target's scores ``(I,)``, ``-inf`` of what is no candidate.

        Args:
            scores: with both a Yes and a No among them.
            softness: the scale in units of the distance from the middle to the lowest Yes.
        """
        liked, rejected = decided_rows(scores)
        lowest, highest = float(scores[liked].min()), float(scores[rejected].max())
        between = np.flatnonzero((scores < lowest) & (scores > highest))
        middle = (lowest + highest) / 2
        return cls(scores, between, middle, softness * (lowest - middle))

    def labels(self, row: int) -> tuple[tuple[Decision, float], ...]:
        """Return Yes and No about the item at ``row``, each with its share of 1."""
        from scipy.special import expit

        share = float(expit((float(self.scores[row]) - self.middle) / self.scale))
        return ("Yes", share), ("No", 1 - share)
