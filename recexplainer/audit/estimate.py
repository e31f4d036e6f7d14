"""Estimate: a mean with its interval, and the words that its figures allow."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recexplainer.metrics import Bounds, bootstrap_interval, sign_flip_p

__all__ = ["Estimate", "estimated", "paired_p", "percent", "welch"]

SHARES: Bounds = (0.0, 1.0)


class Estimate(NamedTuple):
    """A mean, its 95 % interval, and how many values it is the mean of."""

    mean: float
    low: float
    high: float
    n: int

    def beside(self, control: float) -> int:
        """Return 1 if the whole interval is above ``control``, -1 if it is below, else 0."""
        return int(self.low > control) - int(self.high < control)

    @property
    def words(self) -> str:
        """The share and its interval, such as ``62% (57% to 66%)``."""
        return f"{percent(self.mean)} ({percent(self.low)} to {percent(self.high)})"


def estimated(
    values: Sequence[float] | NDArray[np.float64],
    *,
    seed: int,
    bounds: Bounds | None = SHARES,
    groups: Sequence[str] | None = None,
) -> Estimate:
    """Return the mean of at least one value; the interval of one value without bounds is itself."""
    numbers = [float(one) for one in values]
    mean = float(np.mean(numbers))
    found = bootstrap_interval(numbers, groups, seed=seed, bounds=bounds) or (mean, mean)
    return Estimate(mean, float(found[0]), float(found[1]), len(numbers))


def paired_p(differences: NDArray[np.float64], seed: int) -> float:
    """Return the p value of the mean of one difference per user being 0; 1 without any."""
    if not len(differences):
        return 1.0
    return sign_flip_p(differences.tolist(), range(len(differences)), seed=seed)


def welch(inside: NDArray[np.float64], outside: NDArray[np.float64]) -> tuple[float, float, float]:
    """Return the p value and the 95 % interval of the difference of two means (Welch, 1947).

    One side may be all alike, of which scipy's own test warns. Where both are, no chance put all
    of one value here and all of another there.
    """
    from scipy.stats import t

    gain = float(inside.mean() - outside.mean())
    if np.ptp(inside) == 0 and np.ptp(outside) == 0:
        return float(not gain), gain, gain
    parts = [float(one.var(ddof=1)) / len(one) for one in (inside, outside)]
    size = sum(parts) ** 0.5
    freedom = sum(parts) ** 2 / sum(
        part**2 / (len(one) - 1) for part, one in zip(parts, (inside, outside), strict=True)
    )
    reach = float(t.ppf(0.975, freedom)) * size
    return float(2 * t.sf(abs(gain) / size, freedom)), gain - reach, gain + reach


def percent(share: float) -> str:
    """Return a share in words that rounding does not make wrong: 0% and 100% mean none and all."""
    sign, size = ("-" if share < 0 else ""), abs(share)
    if 0 < size < 0.005:
        return f"{sign}under 0.5%"
    if 0.995 <= size < 1:
        return f"{sign}over 99%"
    if size == 0.005:
        return f"{sign}1%"  # rounded to the even digit it would say none
    return f"{sign}{size:.0%}"
