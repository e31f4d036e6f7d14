"""Radar of each variant over that of the base, in the units of its SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from recexplainer.report.ablation_record import Ablation
from recexplainer.report.charts.scaled_metrics import ScaledMetric
from recexplainer.report.labels import share_text, task_text

__all__ = ["Radar", "RadarAxis", "radars"]

_WIDTH, _HEIGHT = 430.0, 250.0
_RADIUS = 82.0
_LABEL = 14.0
_RINGS = {0.25: "", 0.5: "50%", 0.75: "", 1.0: "100%"}
FEWEST_AXES = 3
"""Fewer figures span no area."""


@dataclass(frozen=True, slots=True)
class RadarAxis:
    """One figure: the end of its axis, and its label there."""

    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str
    metric: str
    task: str


@dataclass(frozen=True, slots=True)
class Radar:
    """One variant's shares of the best, and those of the base, as paths around one middle."""

    variant: str
    axes: tuple[RadarAxis, ...]
    rings: tuple[tuple[float, str], ...]
    middle: tuple[float, float]
    base: str
    own: str
    width: float
    height: float
    alt: str


def radars(ablation: Ablation, metrics: Sequence[ScaledMetric]) -> list[Radar]:
    """Return a radar for each variant but the base; none where there are too few figures.

    Args:
        ablation: whose first variant is the base.
        metrics: one axis each, in their order clockwise from the top.
    """
    if len(metrics) < FEWEST_AXES:
        return []
    axes = tuple(_axis(metric, place, len(metrics)) for place, metric in enumerate(metrics))
    base, *others = (variant.name for variant in ablation.variants)
    measured = [name for name in others if any(name in metric.values for metric in metrics)]
    return [
        Radar(
            variant=name,
            axes=axes,
            rings=tuple((_RADIUS * share, text) for share, text in _RINGS.items()),
            middle=(_WIDTH / 2, _HEIGHT / 2),
            base=_path([metric.share_of(base) for metric in metrics]),
            own=_path([metric.share_of(name) for metric in metrics]),
            width=_WIDTH,
            height=_HEIGHT,
            alt=_words(name, metrics),
        )
        for name in measured
    ]


def _axis(metric: ScaledMetric, place: int, count: int) -> RadarAxis:
    x, y = _point(1.0, place, count)
    angle = 2 * math.pi * place / count
    sideways = round(math.sin(angle), 6)
    anchor = "middle" if sideways == 0 else "start" if sideways > 0 else "end"
    return RadarAxis(
        x=x,
        y=y,
        label_x=round(_WIDTH / 2 + (_RADIUS + _LABEL) * math.sin(angle), 1),
        label_y=round(_HEIGHT / 2 - (_RADIUS + _LABEL) * math.cos(angle), 1),
        anchor=anchor,
        metric=metric.metric,
        task=task_text(metric.task),
    )


def _point(share: float, place: int, count: int) -> tuple[float, float]:
    """Return where a share lies on an axis; the first axis points up."""
    angle = 2 * math.pi * place / count
    return (
        round(_WIDTH / 2 + _RADIUS * share * math.sin(angle), 1),
        round(_HEIGHT / 2 - _RADIUS * share * math.cos(angle), 1),
    )


def _path(shares: Sequence[float | None]) -> str:
    """Return the outline; it is open at figures that were not measured."""
    count = len(shares)
    if all(share is not None for share in shares):
        points = [_point(share or 0.0, place, count) for place, share in enumerate(shares)]
        return "M" + "L".join(f"{x:g} {y:g}" for x, y in points) + "Z"
    steps, pen = [], "M"
    gap = next(place for place, share in enumerate(shares) if share is None)
    for step in range(1, count):  # begins after a gap, so that no line is drawn over it
        place = (gap + step) % count
        share = shares[place]
        if share is None:
            pen = "M"
            continue
        x, y = _point(share, place, count)
        steps.append(f"{pen}{x:g} {y:g}")
        pen = "L"
    return "".join(steps)


def _words(variant: str, metrics: Sequence[ScaledMetric]) -> str:
    told = "; ".join(
        f"{metric.metric} of {metric.task} "
        + ("not measured" if (share := metric.share_of(variant)) is None else share_text(share))
        for metric in metrics
    )
    return f"{variant}, in shares of the best variant: {told}."
