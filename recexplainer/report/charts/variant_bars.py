"""Bars of all variants for one figure, scaled to its best, in the units of its SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recexplainer.report.ablation_record import Ablation, VariantFigure
from recexplainer.report.charts.axes import Scale, Tick
from recexplainer.report.charts.scaled_metrics import ScaledMetric
from recexplainer.report.labels import NOT_MEASURED

__all__ = ["VariantBar", "VariantBars", "variant_bars"]

_LABEL, _PLOT, _VALUE = 168.0, 190.0, 122.0
_TOP, _ROW, _AXIS = 4.0, 20.0, 20.0
_LETTERS = 30
"""So many letters of a name fit beside its bar."""


@dataclass(frozen=True, slots=True)
class VariantBar:
    """One variant's bar; ``low`` to ``high`` is its interval."""

    label: str
    is_base: bool
    y: float
    right: float
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True, slots=True)
class VariantBars:
    """One figure of all variants; ``random`` is where random answers end."""

    task: str
    metric: str
    bars: tuple[VariantBar, ...]
    ticks: tuple[Tick, ...]
    zero: float
    random: float | None
    width: float
    height: float
    alt: str


def variant_bars(ablation: Ablation, metrics: Sequence[ScaledMetric]) -> list[VariantBars]:
    """Return one chart for each of ``metrics``, the base first in each."""
    names = [variant.name for variant in ablation.variants]
    return [_chart(names, metric) for metric in metrics]


def _chart(names: Sequence[str], metric: ScaledMetric) -> VariantBars:
    ticks = metric.ticks
    x = Scale(0.0, ticks[-1], _LABEL, _LABEL + _PLOT)
    bars = tuple(_bars(names, metric, x))
    random = metric.share(metric.random)
    said = "; ".join(f"{bar.label} {bar.text}" for bar in bars)
    return VariantBars(
        task=metric.task,
        metric=metric.metric,
        bars=bars,
        ticks=tuple(Tick(x(share), f"{share:.0%}") for share in ticks),
        zero=x(0.0),
        random=None if random is None else x(random),
        width=_LABEL + _PLOT + _VALUE,
        height=_TOP + _ROW * len(bars) + _AXIS,
        alt=f"{metric.metric} of {metric.task}: {said}.",
    )


def _bars(names: Sequence[str], metric: ScaledMetric, x: Scale) -> Iterator[VariantBar]:
    for row, name in enumerate(names):
        figure = metric.values.get(name)
        label, y = _short(name), _TOP + _ROW * row
        if figure is None or figure.value is None:
            yield VariantBar(label, row == 0, y, x(0.0), None, None, NOT_MEASURED)
            continue
        low, high = metric.share(figure.low), metric.share(figure.high)
        yield VariantBar(
            label,
            row == 0,
            y,
            x(figure.value / metric.best),
            None if low is None else x(low),
            None if high is None else x(high),
            _text(figure),
        )


def _text(figure: VariantFigure) -> str:
    if figure.value is None:
        return NOT_MEASURED
    if figure.low is None or figure.high is None:
        return f"{figure.value:.3f}"
    return f"{figure.value:.3f} [{figure.low:.3f}, {figure.high:.3f}]"


def _short(name: str) -> str:
    return name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…"
