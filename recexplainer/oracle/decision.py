"""Decision rule: a target's Yes or No about an item (paper, section 3.2.3)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recexplainer.oracle.standing import liked_places, rejected_places
from recexplainer.records import Case, Decision

__all__ = [
    "LIKED_SHARE",
    "REJECTED_SHARE",
    "decided_rows",
    "direction_of",
    "leaning",
    "sign_of",
]

LIKED_SHARE = 0.2
"""The target's favourites among the unseen items: Yes."""
REJECTED_SHARE = 0.5
"""The end of its ranking of the unseen items: No. In between it is undecided."""


def sign_of(decision: Decision) -> float:
    """Return 1 for Yes, which a higher score speaks for, and -1 for No."""
    return 1.0 if decision == "Yes" else -1.0


def leaning(case: Case) -> Decision:
    """Return the target's decision; where it is undecided, Yes in the upper half of candidates."""
    return case.decision or ("Yes" if 2 * case.rank <= case.candidates else "No")


def direction_of(case: Case) -> float:
    """Return 1 where a higher score speaks for the target's decision, -1 where a lower one does."""
    return sign_of(leaning(case))


def decided_rows(
    scores: NDArray[np.float32],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the rows of the items that the target likes, and of those that it rejects.

    The rule is that of ``Standing.decision``, for all items at once; items of equal scores across a
    border are in neither.

    Args:
        scores: ``(I,)``, those of items that are no candidates ``-inf``.
    """
    candidates = np.flatnonzero(np.isfinite(scores))
    count = len(candidates)
    if not count:
        return candidates, candidates
    own = scores[candidates]
    order = np.sort(own)[::-1]
    places = liked_places(count)
    liked = own > order[places] if places < count else np.ones(count, dtype=bool)
    return candidates[liked], candidates[own < order[count - rejected_places(count) - 1]]
