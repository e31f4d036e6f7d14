"""Selective risk: failure rate of the given texts, as more of them are given.

The risk-coverage curve of El-Yaniv and Wiener (On the Foundations of Noise-free Selective
Classification, JMLR 2010). Items of equal confidence have no order of their own: wherever the curve
cuts through them, the risk is what a random order among them gives on average.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from recexplainer.metrics.intervals import quantile_tail, widened

__all__ = ["area_interval", "area_under_risk", "risk_steps"]

_RESAMPLES, _LEVEL = 1000, 0.95


def risk_steps(
    confidences: Sequence[float], risks: Sequence[float]
) -> list[tuple[float, int, float]]:
    """Return the corners of the risk-coverage curve, the most confident first.

    Args:
        confidences: one number per item; the higher ones are given first.
        risks: how far each item fails, 0 to 1.

    Returns:
        For each distinct confidence: itself, how many items have at least that much, and their
        mean risk.
    """
    levels, counts, sums = _levels(np.asarray(confidences), np.asarray(risks))
    given, failed = np.cumsum(counts), np.cumsum(sums)
    return [
        (float(level), int(count), float(total / count))
        for level, count, total in zip(levels, given, failed, strict=True)
    ]


def area_under_risk(confidences: Sequence[float], risks: Sequence[float]) -> float:
    """Return the area under the risk-coverage curve (AURC): the mean risk over all coverages.

    With n items it is the mean over k = 1 to n of the risk of the k most confident ones. A
    confidence that says nothing gets the mean risk on average, one that is always right less.

    Args:
        confidences: one number per item, at least one.
        risks: how far each item fails, 0 to 1.

    Raises:
        ValueError: there are no items.
    """
    if len(confidences) == 0:
        raise ValueError("an area needs at least one item")
    return _area(np.asarray(confidences), np.asarray(risks))


def area_interval(
    confidences: Sequence[float],
    risks: Sequence[float],
    groups: Sequence[Hashable],
    *,
    seed: int = 0,
) -> tuple[float, float]:
    """Return the 95 % bootstrap interval of ``area_under_risk``.

    Quantiles of the areas of resampled users, taken further out for few users, and no nearer to
    the area than kinds of users who were not met allow: no failure among ten is no area of 0. The
    area is no mean, so Wilson's interval, which shares get, does not apply.

    Args:
        confidences: one number per item, at least one.
        risks: how far each item fails, 0 to 1.
        groups: the user of each item; users are resampled with all their items.
        seed: makes the interval repeatable.
    """
    members: dict[Hashable, list[int]] = {}
    for row, group in enumerate(groups):
        members.setdefault(group, []).append(row)
    rows = [np.array(own) for own in members.values()]
    sure, failing = np.asarray(confidences), np.asarray(risks)
    rng = np.random.default_rng(seed)
    areas = []
    for _ in range(_RESAMPLES):
        drawn = np.concatenate([rows[place] for place in rng.integers(len(rows), size=len(rows))])
        areas.append(_area(sure[drawn], failing[drawn]))
    tail = quantile_tail(len(rows), _LEVEL)
    low, high = np.quantile(areas, [tail, 1.0 - tail])
    return widened(_area(sure, failing), (float(low), float(high)), len(rows), _LEVEL)


def _levels(
    confidences: NDArray[np.float64], risks: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    """Return the distinct confidences, highest first, with their number and the sum of risks."""
    negated, level_of = np.unique(-confidences, return_inverse=True)
    counts = np.bincount(level_of).astype(np.int64)
    return -negated, counts, np.bincount(level_of, weights=risks).astype(np.float64)


def _area(confidences: NDArray[np.float64], risks: NDArray[np.float64]) -> float:
    _, counts, sums = _levels(confidences, risks)
    expected = np.repeat(sums / counts, counts)
    return float(np.mean(np.cumsum(expected) / np.arange(1, len(expected) + 1)))
