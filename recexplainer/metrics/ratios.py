"""Interval of a ratio of two sums over users."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from recexplainer.metrics.intervals import quantile_tail

__all__ = ["ratio_interval"]

_RESAMPLES = 1000
_LEVEL = 0.95
_FEWEST = 2


def ratio_interval(
    numerators: ArrayLike, denominators: ArrayLike, groups: Sequence[Hashable], *, seed: int = 0
) -> tuple[float, float] | tuple[None, None]:
    """Return the 95 % bootstrap interval of the sum of numerators over that of denominators.

    Users are drawn with all their values, and both sums are taken anew each time: what the ratio is
    relative to is an estimate as well.

    Args:
        numerators: one number per value.
        denominators: one per value, none negative.
        groups: the user of each value.
        seed: makes the interval repeatable.

    Returns:
        The bounds; None for one user, or where no resample has a denominator.
    """
    number = {group: place for place, group in enumerate(dict.fromkeys(groups))}
    owner = np.array([number[group] for group in groups], dtype=np.int64)
    if len(number) < _FEWEST:
        return None, None
    above = np.bincount(owner, weights=np.asarray(numerators, dtype=np.float64))
    below = np.bincount(owner, weights=np.asarray(denominators, dtype=np.float64))
    drawn = np.random.default_rng(seed).integers(len(number), size=(_RESAMPLES, len(number)))
    tops, bottoms = above[drawn].sum(axis=1), below[drawn].sum(axis=1)
    ratios = tops[bottoms > 0] / bottoms[bottoms > 0]
    if not len(ratios):
        return None, None
    tail = quantile_tail(len(number), _LEVEL)
    low, high = np.quantile(ratios, [tail, 1.0 - tail])
    return float(low), float(high)
