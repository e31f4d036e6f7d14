"""Shares of each grade by explainer and judge, as bars (the paper's Figure 3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from recexplainer.records import Verdict
from recexplainer.report.charts.axes import Scale, Tick
from recexplainer.report.model import Report

__all__ = ["GradeBar", "GradeChart", "GradeSegment", "grade_chart", "grade_charts"]

GRADES = (1, 2, 3, 4)
_LABEL, _PLOT, _VALUE = 132.0, 230.0, 88.0
_TOP, _ROW, _AXIS = 4.0, 22.0, 20.0
_NARROWEST = 22.0
"""Units of the SVG below which a segment's count does not fit into it."""


@dataclass(frozen=True, slots=True)
class GradeSegment:
    """One grade's part of a bar; ``text`` is how often it was given, empty where it is narrow."""

    grade: int
    left: float
    width: float
    text: str


@dataclass(frozen=True, slots=True)
class GradeBar:
    """One explainer: what share of its grades each one is, worst first, and their mean."""

    label: str
    y: float
    segments: tuple[GradeSegment, ...]
    text: str


@dataclass(frozen=True, slots=True)
class GradeChart:
    """All explainers as one judge, or the people of a study, graded them."""

    title: str
    note: str
    bars: tuple[GradeBar, ...]
    ticks: tuple[Tick, ...]
    width: float
    height: float
    alt: str


def grade_charts(report: Report) -> list[GradeChart]:
    """Return one chart for the people of the study, if there was one, and one for each judge."""
    charts = []
    if report.ratings:
        raters = len({verdict.judge for verdict in report.ratings})
        who = "1 rater" if raters == 1 else f"{raters} raters"
        charts.append(grade_chart("Graded by people", who, report.ratings))
    for judge in dict.fromkeys(verdict.judge for verdict in report.verdicts):
        own = [verdict for verdict in report.verdicts if verdict.judge == judge]
        charts.append(grade_chart(f"Graded by {judge}", "judge", own))
    return charts


def grade_chart(title: str, who: str, verdicts: Sequence[Verdict]) -> GradeChart:
    """Return the chart of some verdicts, explainers in the order in which they come."""
    x = Scale(0.0, 1.0, _LABEL, _LABEL + _PLOT)
    explainers = dict.fromkeys(verdict.explainer for verdict in verdicts)
    counts = {
        name: Counter(v.grade for v in verdicts if v.explainer == name) for name in explainers
    }
    bars = tuple(
        _bar(name, counts[name], x, _TOP + _ROW * row) for row, name in enumerate(explainers)
    )
    unscored = sum(count[None] for count in counts.values())
    said = "; ".join(
        f"{name}: " + ", ".join(f"{counts[name][grade]} times {grade}" for grade in GRADES)
        for name in explainers
    )
    return GradeChart(
        title=title,
        note=f"{who}; share of each grade from 1 to 4, and the mean; {unscored:,} not graded",
        bars=bars,
        ticks=tuple(Tick(x(share), f"{share:.0%}") for share in (0.0, 0.25, 0.5, 0.75, 1.0)),
        width=_LABEL + _PLOT + _VALUE,
        height=_TOP + _ROW * len(bars) + _AXIS,
        alt=f"{title}. {said}.",
    )


def _bar(name: str, counts: Counter[int | None], x: Scale, y: float) -> GradeBar:
    scored = sum(counts[grade] for grade in GRADES)
    if not scored:
        return GradeBar(name, y, (), "not graded")
    segments, before = [], 0
    for grade in GRADES:
        left, right = x(before / scored), x((before + counts[grade]) / scored)
        before += counts[grade]
        text = f"{counts[grade]:,}" if right - left >= _NARROWEST else ""
        segments.append(GradeSegment(grade, left, round(right - left, 1), text))
    mean = sum(grade * counts[grade] for grade in GRADES) / scored
    return GradeBar(name, y, tuple(segments), f"{mean:.2f}, n = {scored:,}")
