"""Paired test of a mean difference by random signs of users."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

__all__ = ["sign_flip_p"]

_FLIPS = 1999
"""The least p there can be is 1 / 2000."""
_ROUNDING = 1e-9


def sign_flip_p(differences: Sequence[float], groups: Sequence[Hashable], *, seed: int) -> float:
    """Return the two-sided p value of the mean of paired differences being 0.

    If two explainers do not differ, a user's differences might as well have the other sign. The p
    value is the share of random signs of users, the true ones included, under which the mean is at
    least as far from 0 (Fisher's randomization test; B. Phipson and G. Smyth, Permutation P-values
    Should Never Be Zero, 2010).

    Args:
        differences: at least one number.
        groups: the user of each; all differences of a user get one sign.
        seed: of the signs.
    """
    number = {group: place for place, group in enumerate(dict.fromkeys(groups))}
    owner = [number[group] for group in groups]
    sums = np.bincount(owner, weights=np.asarray(differences, dtype=np.float64))
    signs = np.random.default_rng(seed).choice((-1.0, 1.0), size=(_FLIPS, len(sums)))
    size = np.abs(sums).sum()
    as_far = np.abs(signs @ sums) >= abs(sums.sum()) - _ROUNDING * size
    return float((1 + as_far.sum()) / (1 + _FLIPS))
