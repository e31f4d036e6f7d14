"""Standing of an item: its rank, equal scores included, and the decision it amounts to.

Equal scores are no preference: an item that shares its score stands in the middle of those that
have it, and is liked or rejected only if every place among them is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recexplainer.records import Decision, Outcome

__all__ = ["NOISE", "Standing", "held_outcome", "liked_places", "rejected_places", "standing_of"]

NOISE = 1e-5
"""A score that moves by less than this part of its size, or of the standard deviation of all
scores, has not moved: single precision is no more exact."""


def liked_places(candidates: int) -> int:
    """Return how many places from the top are a Yes: a fifth (paper, 3.2.3), at least one."""
    return max(1, candidates // 5)


def rejected_places(candidates: int) -> int:
    """Return how many places from the bottom are a No: half of them."""
    return candidates // 2


@dataclass(frozen=True, slots=True)
class Standing:
    """Where one item stands among the candidates.

    Attributes:
        ahead: how many candidates have a higher score.
        ties: how many others have the same score.
        candidates: how many there are, the item itself included.
    """

    ahead: int
    ties: int
    candidates: int

    @property
    def rank(self) -> int:
        """The 1-based rank; in the middle of equal scores, rounded up."""
        return 1 + self.ahead + self.ties // 2

    @property
    def decision(self) -> Decision | None:
        """Yes in the top 20 % of candidates, No in the bottom 50 %, None in between.

        None as well where the item's equals reach beyond: the target does not tell them apart.
        """
        if self.ahead + self.ties < liked_places(self.candidates):
            return "Yes"
        return "No" if self.ahead >= self.candidates - rejected_places(self.candidates) else None


def held_outcome(outcome: Outcome, decision: Decision | None) -> bool:
    """Return whether a target that decides ``decision`` has the stated ``outcome``."""
    held: dict[Outcome, bool] = {
        "recommended": decision == "Yes",
        "not recommended": decision != "Yes",
        "not rejected": decision != "No",
    }
    return held[outcome]


def standing_of(
    scores: NDArray[np.float32], row: int, seen: Sequence[int] | NDArray[np.int64]
) -> Standing:
    """Return where the item at ``row`` stands.

    Args:
        scores: ``(I,)``, the target's scores of one history; all seen items may be ``-inf``.
        row: the item's row; it is a candidate even where ``seen`` has it.
        seen: rows that are no candidates.
    """
    own = scores[row]
    rows = np.unique(np.asarray(seen, dtype=np.int64))
    rows = rows[rows != row]
    passed = scores[rows]
    ahead = int((scores > own).sum()) - int((passed > own).sum())
    equal = int((scores == own).sum()) - int((passed == own).sum())
    return Standing(ahead, equal - 1, len(scores) - len(rows))
