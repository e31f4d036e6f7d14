"""Figures of variants as shares of the best one, for charts that hold unlike figures together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recexplainer.report.ablation_record import Ablation, VariantFigure
from recexplainer.report.charts.axes import round_values

__all__ = ["MAIN_SPLIT", "ScaledMetric", "scaled_metrics"]

MAIN_SPLIT = "leave_one_out"
"""The split that is drawn: held-out moments of users whose earlier moments were learned from."""


@dataclass(frozen=True, slots=True)
class ScaledMetric:
    """One figure of all variants.

    Attributes:
        task, metric: its name.
        best: the highest value of a variant, which all are divided by.
        values: variant to its figure; absent where it was not measured.
        random: what random answers reach; None where they were not measured.
    """

    task: str
    metric: str
    best: float
    values: Mapping[str, VariantFigure]
    random: float | None

    @property
    def ticks(self) -> list[float]:
        """Round shares from 0 to where the longest interval and the mark of random answers end."""
        ends = [one.high for one in self.values.values() if one.high is not None]
        random = [] if self.random is None else [self.random]
        return round_values(0.0, max([self.best, *ends, *random]) / self.best)

    def share(self, value: float | None) -> float | None:
        """Return ``value`` as a share of the best."""
        return None if value is None else value / self.best

    def share_of(self, variant: str) -> float | None:
        """Return what a variant reaches of the best; None where it was not measured."""
        figure = self.values.get(variant)
        return None if figure is None else self.share(figure.value)


def scaled_metrics(ablation: Ablation, split: str = MAIN_SPLIT) -> list[ScaledMetric]:
    """Return the figures that are drawn, in the order of the tables.

    These are shares of which more is better, freely decoded; what no variant reaches anything of
    cannot be scaled, and is left to the table.
    """
    known = {
        (one.task, one.metric)
        for one in ablation.declared
        if one.better == "higher"
        and one.bounds == (0.0, 1.0)
        and not one.metric.endswith("_constrained")
    }
    found: dict[tuple[str, str], dict[str, VariantFigure]] = {}
    for figure in ablation.figures:
        name = figure.task, figure.metric
        if figure.split == split and name in known and figure.value is not None:
            found.setdefault(name, {})[figure.variant] = figure
    random = {
        (one.task, one.metric): one.value
        for one in ablation.baselines
        if one.variant == "random" and one.split == split
    }
    return [
        ScaledMetric(*name, best, values, random.get(name))
        for name, values in found.items()
        if (best := max(one.value or 0.0 for one in values.values())) > 0
    ]
