"""From values per example to one reported figure."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from recexplainer.metrics.intervals import Bounds, bootstrap_interval
from recexplainer.records import Metric

__all__ = ["summarize"]


def summarize(  # noqa: PLR0913  # a figure has this many names
    values: Sequence[float | None],
    *,
    subject: str,
    task: str,
    metric: str,
    split: str,
    seed: int,
    groups: Sequence[Hashable] | None = None,
    bounds: Bounds | None = (0.0, 1.0),
) -> Metric:
    """Return the mean of ``values`` with its 95 % interval, where values tell one.

    Args:
        values: one per example; None was not scored, is counted and left out of the mean.
        subject: who answered.
        task: on what.
        metric: the measure's name.
        split: the contexts it was measured on.
        seed: makes the interval repeatable.
        groups: the user of each value, or None when every value is its own.
        bounds: the least and the greatest value that there can be, as in ``bootstrap_interval``.
    """
    kept = [position for position, value in enumerate(values) if value is not None]
    scored = [value for value in values if value is not None]
    owners = None if groups is None else [groups[position] for position in kept]
    interval = bootstrap_interval(scored, owners, seed=seed, bounds=bounds) if scored else None
    low, high = interval or (None, None)
    return Metric(
        subject=subject,
        task=task,
        metric=metric,
        split=split,
        value=sum(scored) / len(scored) if scored else None,
        low=low,
        high=high,
        n=len(scored),
        unscored=len(values) - len(scored),
    )
