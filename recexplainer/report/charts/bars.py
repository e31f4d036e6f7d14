"""Bars of a metric's chart, in the units of its SVG; the template paints them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from recexplainer.records import Metric
from recexplainer.report.charts.axes import Scale, Tick, round_values
from recexplainer.report.declared_figures import BUILT_IN
from recexplainer.report.labels import NOT_SCORED, figure_text
from recexplainer.report.published_figures import PaperFigure, paper_figures
from recexplainer.report.tables import Column, MetricTable

__all__ = ["Bar", "BarChart", "bar_charts", "explanation_charts"]

BarKind = Literal["own", "other", "paper"]

_DRAWN = sorted((one for one in BUILT_IN if one.chart), key=lambda one: one.chart)
"""The figures of explanations that are drawn; the tables have them all."""
_LABEL, _PLOT, _VALUE = 132.0, 190.0, 128.0
_TOP, _ROW, _AXIS = 4.0, 20.0, 20.0


@dataclass(frozen=True, slots=True)
class Bar:
    """One subject's bar; ``left`` to ``right`` is the figure, ``low`` to ``high`` its interval."""

    label: str
    kind: BarKind
    y: float
    left: float
    right: float
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """One metric of one split, all subjects, with the paper's own rows where we quote any."""

    column: Column
    split: str
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    zero: float
    width: float
    height: float
    alt: str


def bar_charts(table: MetricTable, own: str) -> list[BarChart]:
    """Return one chart for each column of ``table``.

    Args:
        table: subjects down, metrics across.
        own: the subject to bring out.
    """
    return [_bar_chart(table, position, own) for position in range(len(table.columns))]


def explanation_charts(table: MetricTable, own: str | None) -> list[BarChart]:
    """Return a chart for each figure of explanations that is drawn and was scored of anyone.

    Args:
        table: explainers down, metrics across.
        own: the explainer to bring out.
    """
    place = {column.metric: position for position, column in enumerate(table.columns)}
    drawn = [place[one.metric] for one in _DRAWN if one.metric in place]
    scored = [
        position
        for position in drawn
        if any(cell is not None and cell.n for cell in (row.cells[position] for row in table.rows))
    ]
    return [_bar_chart(table, position, own) for position in scored]


def _bar_chart(table: MetricTable, position: int, own: str | None) -> BarChart:
    column = table.columns[position]
    cells = [(row.subject, row.cells[position]) for row in table.rows]
    measured = [(subject, metric) for subject, metric in cells if metric is not None]
    x, ticks = _value_axis([metric for _, metric in measured])
    bars = [
        _bar(subject, metric, x, _TOP + _ROW * row, "own" if subject == own else "other")
        for row, (subject, metric) in enumerate(measured)
    ]
    quoted = paper_figures(column.task, column.metric)
    bars += [
        _paper_bar(figure, x, _TOP + _ROW * row) for row, figure in enumerate(quoted, len(bars))
    ]
    said = "; ".join(f"{subject} {figure_text(metric)}" for subject, metric in measured)
    return BarChart(
        column=column,
        split=table.split,
        bars=tuple(bars),
        ticks=ticks,
        zero=x(0.0),
        width=_LABEL + _PLOT + _VALUE,
        height=_TOP + _ROW * len(bars) + _AXIS,
        alt=f"{column.metric} of {column.task}: {said}.",
    )


def _value_axis(metrics: Sequence[Metric]) -> tuple[Scale, tuple[Tick, ...]]:
    """Shares keep the whole range from 0 to 1, so that bars of all charts compare by eye."""
    ends = [end for m in metrics for end in (m.value, m.low, m.high) if end is not None]
    low, high = min([0.0, *ends]), max([1.0, *ends])
    values = round_values(low, high)
    x = Scale(min(low, values[0]), max(high, values[-1]), _LABEL, _LABEL + _PLOT)
    return x, tuple(Tick(x(value), f"{value:g}") for value in values)


def _bar(subject: str, metric: Metric, x: Scale, y: float, kind: BarKind) -> Bar:
    if metric.value is None:
        return Bar(subject, kind, y, x(0.0), x(0.0), None, None, NOT_SCORED)
    left, right = sorted((x(0.0), x(metric.value)))
    low = None if metric.low is None else x(metric.low)
    high = None if metric.high is None else x(metric.high)
    return Bar(subject, kind, y, left, right, low, high, figure_text(metric))


def _paper_bar(figure: PaperFigure, x: Scale, y: float) -> Bar:
    label = f"paper: {figure.subject}, {figure.dataset}"
    return Bar(label, "paper", y, x(0.0), x(figure.value), None, None, f"{figure.value:.4f}")
