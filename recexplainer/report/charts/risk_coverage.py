"""Risk-coverage curves, in the units of their SVG, and the same curves as a table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from recexplainer.records import RiskCurve, RiskPoint
from recexplainer.report.charts.axes import Scale, Tick, round_values
from recexplainer.report.labels import figure_text, share_text, value_text
from recexplainer.report.model import Report
from recexplainer.report.tables import risk_metrics

__all__ = ["RiskChart", "min_confidence", "risk_charts", "risk_rows"]

_LEFT, _RIGHT, _TOP, _BOTTOM = 34.0, 12.0, 10.0, 38.0
_WIDTH, _HEIGHT = 430.0, 230.0
_BETWEEN = 8
"""Points drawn from one corner to the next: the risk between them is no straight line."""


@dataclass(frozen=True, slots=True)
class RiskChart:
    """One explainer's curve: risk over coverage.

    Attributes:
        explainer: whose texts.
        path: the curve.
        corners: where the curve can be cut, one for each confidence.
        at_random: height of the curve of withholding at random.
        chosen: the corner that the least confidence of the run cuts at; None if it gives no text.
        refuted: from where to where along x the texts lie that fail a check outright.
        words: area, coverage and risk in a sentence.
    """

    explainer: str
    path: str
    corners: tuple[tuple[float, float], ...]
    at_random: float
    chosen: tuple[float, float] | None
    refuted: tuple[float, float]
    words: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    left: float = _LEFT
    right: float = _WIDTH - _RIGHT
    top: float = _TOP
    bottom: float = _HEIGHT - _BOTTOM
    width: float = _WIDTH
    height: float = _HEIGHT


def risk_charts(report: Report) -> list[RiskChart]:
    """Return one chart for each explainer that has a curve, all on the same axes."""
    risks = [point.risk for curve in report.risk_coverage for point in curve.points]
    values = round_values(0.0, max([0.1, *risks]))
    x = Scale(0.0, 1.0, _LEFT, _WIDTH - _RIGHT)
    y = Scale(0.0, values[-1], _HEIGHT - _BOTTOM, _TOP)
    x_ticks = tuple(Tick(x(share), f"{share:.0%}") for share in (0.0, 0.25, 0.5, 0.75, 1.0))
    y_ticks = tuple(Tick(y(value), f"{value:g}") for value in values)
    charts = []
    for curve in report.risk_coverage:
        chosen = _chosen(curve, min_confidence(report))
        end = curve.points[-1].coverage
        charts.append(
            RiskChart(
                explainer=curve.explainer,
                path=_path(curve, x, y),
                corners=tuple((x(point.coverage), y(point.risk)) for point in curve.points),
                at_random=y(curve.points[-1].risk),
                chosen=None if chosen is None else (x(chosen.coverage), y(chosen.risk)),
                refuted=(x(end - curve.refuted), x(end)),
                words=_words(curve, report),
                x_ticks=x_ticks,
                y_ticks=y_ticks,
            )
        )
    return charts


def risk_rows(report: Report) -> tuple[list[str], list[list[str]]]:
    """Return the curves as a table: a head, and a row for each confidence that cuts any of them."""
    curves = report.risk_coverage
    points = {point.confidence for curve in curves for point in curve.points}
    levels = sorted((one for one in points if one is not None), reverse=True)
    rows = []
    for level in (*levels, *(points & {None})):
        cells = [_chosen(curve, level) for curve in curves]
        told = (f"{share_text(p.coverage)}, {p.risk:.2f}" if p else "none" for p in cells)
        rows.append(["any, untrue texts too" if level is None else f"{level:.2f}", *told])
    return ["Confidence at least", *(curve.explainer for curve in curves)], rows


def min_confidence(report: Report) -> float | None:
    """Return the least confidence of a text that the run gives; None where it withheld none."""
    section = report.run.config.get("explanations")
    least = section.get("min_confidence") if isinstance(section, dict) else None
    return float(least) if isinstance(least, int | float) else None


def _chosen(curve: RiskCurve, least: float | None) -> RiskPoint | None:
    """Return the last corner of at least that confidence; of all corners for None."""
    given = [
        point
        for point in curve.points
        if least is None or (point.confidence is not None and point.confidence >= least)
    ]
    return given[-1] if given else None


def _path(curve: RiskCurve, x: Scale, y: Scale) -> str:
    steps = [f"M{x(0.0):g} {y(curve.points[0].risk):g}"]
    steps += [f"L{x(share):g} {y(risk):g}" for share, risk in _between(curve)]
    return "".join(steps)


def _between(curve: RiskCurve) -> Iterator[tuple[float, float]]:
    """Yield the curve's points, those between two corners as a random order among equals gives."""
    start = RiskPoint(confidence=1.0, coverage=0.0, risk=curve.points[0].risk)
    for one, other in pairwise([start, *curve.points]):
        failed, width = one.coverage * one.risk, other.coverage - one.coverage
        slope = (other.coverage * other.risk - failed) / width
        for step in range(1, _BETWEEN + 1):
            gained = width * step / _BETWEEN
            share = one.coverage + gained
            yield share, (failed + gained * slope) / share


def _words(curve: RiskCurve, report: Report) -> str:
    own = {m.metric: m for m in risk_metrics(report) if m.subject == curve.explainer}
    area, open_area = own.get("area"), own.get("area_not_refuted")
    at_random = value_text(own.get("area_at_random"))
    told = [f"Area {figure_text(area)}, withholding at random {at_random}."]
    if open_area is not None:
        rest = value_text(own.get("area_at_random_not_refuted"))
        told.append(
            f"Among texts that fail no check outright: {figure_text(open_area)}, at random {rest}."
        )
    return " ".join([*told, _cut(curve, min_confidence(report))])


def _cut(curve: RiskCurve, least: float | None) -> str:
    chosen, all_risk = _chosen(curve, least), f"{curve.points[-1].risk:.2f}"
    if least is None:
        return f"All are given, with risk {all_risk}."
    if chosen is None:
        return f"No text reaches confidence {least:g}." if least else "No text is true as read."
    given = f"{share_text(chosen.coverage)} are given with risk {chosen.risk:.2f}"
    opening = f"At confidence {least:g}" if least else "True as read"
    return f"{opening}, {given}; all have {all_risk}."
