"""Training curve, in the units of its SVG; the template paints it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recexplainer.report.charts.axes import Scale, Tick, round_values
from recexplainer.report.model import CurvePoint

__all__ = ["Curve", "training_curve"]

_LEFT, _RIGHT, _TOP, _BOTTOM = 44.0, 14.0, 10.0, 40.0
_WIDTH, _HEIGHT = 720.0, 240.0


@dataclass(frozen=True, slots=True)
class Curve:
    """The loss over the examples seen; ``path`` has a gap where it is not finite."""

    path: str
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    left: float
    right: float
    top: float
    bottom: float
    width: float
    height: float
    alt: str


def training_curve(points: Sequence[CurvePoint]) -> Curve | None:
    """Return the training curve; None when fewer than two points have a finite loss."""
    known = [(point.examples, point.loss) for point in points if point.loss is not None]
    if len(known) < 2 or known[0][0] == known[-1][0]:
        return None
    y_values = round_values(0.0, max(loss for _, loss in known))
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    x = Scale(0.0, max(examples for examples, _ in known), _LEFT, right)
    y = Scale(0.0, y_values[-1], bottom, _TOP)
    x_values = [value for value in round_values(x.low, x.high) if value <= x.high]
    return Curve(
        path=_path(points, x, y),
        x_ticks=tuple(Tick(x(value), f"{value:,.0f}") for value in x_values),
        y_ticks=tuple(Tick(y(value), f"{value:g}") for value in y_values),
        left=_LEFT,
        right=right,
        top=_TOP,
        bottom=bottom,
        width=_WIDTH,
        height=_HEIGHT,
        alt=_words(known[0], known[-1]),
    )


def _path(points: Sequence[CurvePoint], x: Scale, y: Scale) -> str:
    steps, pen = [], "M"
    for point in points:
        if point.loss is None:
            pen = "M"
            continue
        steps.append(f"{pen}{x(point.examples):g} {y(point.loss):g}")
        pen = "L"
    return "".join(steps)


def _words(first: tuple[int, float], last: tuple[int, float]) -> str:
    (start, high), (end, low) = first, last
    moved = "falls" if low < high else "does not fall"
    return (
        f"The training loss {moved}: {high:.3f} after {start:,} examples, {low:.3f} after {end:,}."
    )
