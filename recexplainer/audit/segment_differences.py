"""Differences of segments from all other users, corrected for how many were looked at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.estimate import welch
from recexplainer.audit.user_groups import Segment

__all__ = ["Compared", "Difference", "differences"]

_RATE = 0.05


class Compared(NamedTuple):
    """A measure of the users within a segment, and of all others."""

    segment: Segment
    measure: str
    inside: NDArray[np.float64]
    outside: NDArray[np.float64]


class Difference(NamedTuple):
    """Means of the two, their difference with its 95 % interval, and whether it holds.

    ``sure`` is after the correction for all comparisons that were made, ``looked`` of them; ``n``
    counts the users of both sides.
    """

    segment: Segment
    measure: str
    mean: float
    rest: float
    low: float
    high: float
    sure: bool
    looked: int
    n: int

    @property
    def words(self) -> str:
        """The difference, its interval and whether it holds, as sentences end with it."""
        holds = "a difference that holds" if self.sure else "no difference that holds"
        return (
            f"(difference {self.mean - self.rest:+.3f}, {self.low:+.3f} to {self.high:+.3f}): "
            f"{holds} among {self.looked} comparisons."
        )


def differences(compared: Sequence[Compared]) -> list[Difference]:
    """Return the difference of each, by Welch's test, corrected by Benjamini and Hochberg."""
    from scipy.stats import false_discovery_control

    if not compared:
        return []
    tests = [welch(one.inside, one.outside) for one in compared]
    sure = false_discovery_control([p for p, _, _ in tests])
    return [
        Difference(
            one.segment,
            one.measure,
            float(one.inside.mean()),
            float(one.outside.mean()),
            low,
            high,
            bool(p <= _RATE),
            len(compared),
            len(one.inside) + len(one.outside),
        )
        for one, (_, low, high), p in zip(compared, tests, sure, strict=True)
    ]
