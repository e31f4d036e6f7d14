"""Confidence intervals of means over users, or over other independent groups.

Resampling knows only values that were seen. It is right for many users and values that spread; ten
right answers of ten it takes for certainty. Values with bounds, shares above all, are therefore
given Wilson's interval (Brown, Cai and DasGupta, Interval Estimation for a Binomial Proportion,
Statistical Science 2001) on the effective sample size that the users' own agreement leaves (Korn
and Graubard, Confidence Intervals for Proportions with Small Expected Number of Positive Counts
Estimated from Survey Data, Survey Methodology 1998). Other means of few users are given Student's.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Bounds", "bootstrap_interval", "quantile_tail", "widened"]

Bounds: TypeAlias = tuple[float, float]
"""A lower and an upper one."""
_Values: TypeAlias = NDArray[np.float64]

_DRAWS_AT_ONCE = 1_000_000
"""Bounds memory: this many sampled indices are held at a time (8 MB)."""
_FEW_USERS = 20
"""Below it the quantiles of resampled means are coarser than Student's t."""
_ROUNDING = 1e-12
"""A variance below it is the rounding of equal values."""


def bootstrap_interval(
    values: Sequence[float],
    groups: Sequence[Hashable] | None = None,
    *,
    seed: int = 0,
    resamples: int = 1000,
    level: float = 0.95,
    bounds: Bounds | None = (0.0, 1.0),
) -> Bounds | None:
    """Return the interval of the mean of ``values``.

    Values within ``bounds`` get Wilson's interval; others are resampled by users, or get Student's
    interval below 20 users. Coverage is measured in tests/metrics/test_metrics_coverage.py.

    Args:
        values: at least one number.
        groups: the user of each value. Users are taken with all their values, since values of
            one user are not independent; None when every value is its own.
        seed: makes the interval repeatable.
        resamples: how often the mean is taken anew.
        level: the probability between the two bounds.
        bounds: the least and the greatest value that there can be: 0 and 1 of shares, -1 and 1 of
            their differences; None, or a value beyond them, says that there are none.

    Returns:
        The lower and the upper bound; None for one user's values without bounds, which do not tell
        how users differ.

    Raises:
        ValueError: there are no values, or not as many groups as values.
    """
    if len(values) == 0:
        raise ValueError("an interval needs at least one value")
    numbers = np.asarray(values, dtype=np.float64)
    if bounds is not None and bounds[0] <= numbers.min() and numbers.max() <= bounds[1]:
        least, width = bounds[0], bounds[1] - bounds[0]
        low, high = _bounded_interval((numbers - least) / width, groups, level)
        return least + width * low, least + width * high
    users = _Users.of(numbers, groups)
    if users.count == 1:
        return None
    if users.count < _FEW_USERS:
        return _student_interval(users, level)
    means = _resampled_means(users, np.random.default_rng(seed), resamples)
    tail = quantile_tail(users.count, level)
    low, high = np.quantile(means, [tail, 1.0 - tail])
    return float(low), float(high)


def quantile_tail(users: int, level: float) -> float:
    """Return which quantile of resampled figures is the lower end of an interval.

    Resampled means spread by a factor of sqrt((n - 1) / n) too little, and the normal distribution
    has thinner tails than Student's: quantiles further out make up for both (Hesterberg, What
    Teachers Should Know About the Bootstrap, The American Statistician 2015).
    """
    from scipy.special import ndtr

    if users < 2:
        return 0.0
    return float(ndtr(-np.sqrt(users / (users - 1)) * _student_quantile(users, level)))


def widened(mean: float, interval: Bounds, users: int, level: float) -> Bounds:
    """Return an interval within [0, 1] that allows for kinds of users who were not met.

    Of n users none was of a kind that makes up more than ``1 - (1 - level) ** (1 / n)`` of all, or
    it would have been met; its values may be anything.

    Args:
        mean: of values from 0 to 1.
        interval: as the values' own spread has it.
        users: n.
        level: how sure that is to be.
    """
    met = (1.0 - level) ** (1.0 / users)
    return min(interval[0], mean * met), max(interval[1], 1.0 - (1.0 - mean) * met)


@dataclass(frozen=True)
class _Users:
    """The sum and the number of values of each user, users by first appearance."""

    sums: _Values
    counts: _Values

    @classmethod
    def of(cls, values: _Values, groups: Sequence[Hashable] | None) -> _Users:
        if groups is None:
            return cls(values, np.ones_like(values))
        if len(groups) != len(values):
            raise ValueError(f"{len(values)} values but {len(groups)} groups")
        number = {group: position for position, group in enumerate(dict.fromkeys(groups))}
        rows = [number[group] for group in groups]
        sums = np.bincount(rows, weights=values).astype(np.float64)
        return cls(sums, np.bincount(rows).astype(np.float64))

    @property
    def count(self) -> int:
        return len(self.sums)

    @property
    def values(self) -> float:
        return float(self.counts.sum())

    @property
    def mean(self) -> float:
        return float(self.sums.sum()) / self.values

    @property
    def variance(self) -> float:
        """Of the mean, between users; 0 where all agree, or where there is one user only."""
        if self.count == 1:
            return 0.0
        apart = self.sums - self.mean * self.counts
        found = self.count / (self.count - 1) * float(apart @ apart) / self.values**2
        return found if found > _ROUNDING else 0.0


def _bounded_interval(values: _Values, groups: Sequence[Hashable] | None, level: float) -> Bounds:
    """Return Wilson's interval of a mean of values from 0 to 1, never narrower than is known."""
    from scipy.special import betaincinv, ndtri

    users = _Users.of(values, groups)
    mean = min(1.0, max(0.0, users.mean))
    yes_or_no = bool(np.isin(values, (0.0, 1.0)).all())
    if users.variance == 0.0 and not yes_or_no:
        return widened(mean, (mean, mean), users.count, level)
    size = _effective_size(users, level, yes_or_no=yes_or_no)
    z = float(ndtri(0.5 + level / 2.0))
    middle = (mean + z * z / (2.0 * size)) / (1.0 + z * z / size)
    reach = z * np.sqrt(mean * (1.0 - mean) / size + (z / (2.0 * size)) ** 2) / (1 + z * z / size)
    low, high = widened(mean, (middle - reach, middle + reach), users.count, level)
    # Wilson's holds rates near 0 and 1 too seldom where one value of few is wrong; the exact
    # one-sided bounds (Clopper-Pearson) are wider there, and hardly anywhere else.
    hits, misses = mean * size, (1.0 - mean) * size
    if hits > 0:
        low = min(low, float(betaincinv(hits, misses + 1.0, 1.0 - level)))
    if misses > 0:
        high = max(high, float(betaincinv(hits + 1.0, misses, level)))
    return max(0.0, float(low)), min(1.0, float(high))


def _effective_size(users: _Users, level: float, *, yes_or_no: bool) -> float:
    """Return how many independent values, each 0 or 1, would tell as much of the mean."""
    from scipy.special import ndtri

    mean, variance = users.mean, users.variance
    alone = users.count == users.values
    if yes_or_no and alone:
        return users.values
    if variance == 0.0:
        return float(users.count)
    size = max(0.0, mean * (1.0 - mean)) / variance
    if yes_or_no:
        size = min(size, users.values)
    # The variance is an estimate itself, the rougher the fewer users there are.
    return size * float(ndtri(0.5 + level / 2.0) / _student_quantile(users.count, level)) ** 2


def _student_interval(users: _Users, level: float) -> Bounds:
    reach = _student_quantile(users.count, level) * float(np.sqrt(users.variance))
    return users.mean - reach, users.mean + reach


def _student_quantile(users: int, level: float) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(users - 1, 0.5 + level / 2.0))


def _resampled_means(users: _Users, rng: np.random.Generator, resamples: int) -> _Values:
    means = np.empty(resamples)
    step = max(1, _DRAWS_AT_ONCE // users.count)
    for start in range(0, resamples, step):
        stop = min(start + step, resamples)
        drawn = rng.integers(users.count, size=(stop - start, users.count))
        means[start:stop] = users.sums[drawn].sum(axis=1) / users.counts[drawn].sum(axis=1)
    return means
