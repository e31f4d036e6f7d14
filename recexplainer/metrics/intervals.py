"""How sure a mean is: percentile bootstrap over users (or whatever else is drawn independently)."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["bootstrap_interval"]

_DRAWS_AT_ONCE = 1_000_000
"""Bounds memory: this many drawn indices are held at a time (8 MB)."""


def bootstrap_interval(
    values: Sequence[float],
    groups: Sequence[Hashable] | None = None,
    *,
    seed: int = 0,
    resamples: int = 1000,
    level: float = 0.95,
) -> tuple[float, float]:
    """Return the percentile bootstrap interval of the mean of ``values``.

    Args:
        values: at least one number.
        groups: the user of each value. Users are resampled with all their values, since values of
            one user are not independent; None when every value is its own.
        seed: makes the interval repeatable.
        resamples: how often the mean is taken anew.
        level: the probability between the two bounds.

    Returns:
        The lower and the upper bound.

    Raises:
        ValueError: there are no values, or not as many groups as values.
    """
    if len(values) == 0:
        raise ValueError("an interval needs at least one value")
    sums, counts = _totals(np.asarray(values, dtype=np.float64), groups)
    means = _resampled_means(sums, counts, np.random.default_rng(seed), resamples)
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(means, [tail, 1.0 - tail])
    return float(low), float(high)


def _totals(
    values: NDArray[np.float64], groups: Sequence[Hashable] | None
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the sum and the count of the values of each group, groups by first appearance."""
    if groups is None:
        return values, np.ones_like(values)
    if len(groups) != len(values):
        raise ValueError(f"{len(values)} values but {len(groups)} groups")
    number = {group: position for position, group in enumerate(dict.fromkeys(groups))}
    rows = [number[group] for group in groups]
    sums = np.bincount(rows, weights=values).astype(np.float64)
    return sums, np.bincount(rows).astype(np.float64)


def _resampled_means(
    sums: NDArray[np.float64],
    counts: NDArray[np.float64],
    rng: np.random.Generator,
    resamples: int,
) -> NDArray[np.float64]:
    means = np.empty(resamples)
    step = max(1, _DRAWS_AT_ONCE // len(sums))
    for start in range(0, resamples, step):
        stop = min(start + step, resamples)
        drawn = rng.integers(len(sums), size=(stop - start, len(sums)))
        means[start:stop] = sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1)
    return means
