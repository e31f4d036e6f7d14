"""Bars of an audit's main parameters: figure, interval, and a mark for the control."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recexplainer.audit.estimate import percent
from recexplainer.audit.finding import Finding
from recexplainer.report.charts.axes import Scale, Tick

__all__ = ["FindingBar", "FindingChart", "finding_chart"]

_LABEL, _PLOT, _VALUE = 200.0, 250.0, 60.0
_TOP, _ROW, _AXIS = 4.0, 22.0, 20.0


@dataclass(frozen=True, slots=True)
class FindingBar:
    """One line: the bar's end, its interval, and where the control stands."""

    label: str
    y: float
    right: float
    low: float | None
    high: float | None
    control: float | None
    text: str


@dataclass(frozen=True, slots=True)
class FindingChart:
    """Shares from 0 to 1, one bar each."""

    bars: tuple[FindingBar, ...]
    ticks: tuple[Tick, ...]
    zero: float
    width: float
    height: float
    alt: str


def finding_chart(findings: Sequence[Finding]) -> FindingChart:
    """Return the chart of findings whose figures are shares."""
    x = Scale(0.0, 1.0, _LABEL, _LABEL + _PLOT)
    bars = [
        FindingBar(
            one.probe,
            _TOP + _ROW * row,
            x(one.figure or 0.0),
            None if one.low is None else x(one.low),
            None if one.high is None else x(one.high),
            None if one.control is None else x(one.control),
            percent(one.figure or 0.0),
        )
        for row, one in enumerate(findings)
    ]
    said = "; ".join(f"{bar.label} {bar.text}" for bar in bars)
    return FindingChart(
        tuple(bars),
        tuple(Tick(x(value), f"{value:.0%}") for value in (0.0, 0.25, 0.5, 0.75, 1.0)),
        x(0.0),
        _LABEL + _PLOT + _VALUE,
        _TOP + _ROW * len(bars) + _AXIS,
        f"Share of the first ten that changes: {said}.",
    )
