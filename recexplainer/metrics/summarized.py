"""Summary of values per example as one reported figure."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from recexplainer.metrics.intervals import bootstrap_interval
from recexplainer.records import Figure, Metric

__all__ = ["summarize"]


def summarize(
    figure: Figure,
    values: Sequence[float | None],
    *,
    subject: str,
    split: str,
    seed: int,
    groups: Sequence[Hashable] | None = None,
) -> Metric:
    """Return the mean of ``values`` with its 95 % interval, where values tell one.

    Args:
        figure: what is measured.
        values: one per example; None was not scored, is counted and left out of the mean.
        subject: who answered.
        split: the contexts it was measured on.
        seed: makes the interval repeatable.
        groups: the user of each value, or None when every value is its own.
    """
    kept = [position for position, value in enumerate(values) if value is not None]
    scored = [value for value in values if value is not None]
    owners = None if groups is None else [groups[position] for position in kept]
    bounds = figure.bounds
    interval = bootstrap_interval(scored, owners, seed=seed, bounds=bounds) if scored else None
    low, high = interval or (None, None)
    return Metric(
        subject=subject,
        task=figure.task,
        metric=figure.metric,
        split=split,
        value=sum(scored) / len(scored) if scored else None,
        low=low,
        high=high,
        n=len(scored),
        unscored=len(values) - len(scored),
    )
