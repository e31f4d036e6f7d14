"""Images of an ablation for papers and slides: radars and bars as PNG, drawn by matplotlib.

The page draws the same figures itself (docs/decisions/0018); these are for where no page can go.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from recexplainer.errors import MissingExtraError
from recexplainer.report.ablation_record import Ablation
from recexplainer.report.charts.radar import FEWEST_AXES
from recexplainer.report.charts.scaled_metrics import ScaledMetric, scaled_metrics
from recexplainer.report.labels import task_text
from recexplainer.runs.artifacts import replacing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["require_images", "write_images"]

_OWN, _OTHER, _INK, _RANDOM = "#2458b8", "#9aa5b4", "#1d2127", "#8a7440"
_DPI = 160
_COLUMNS = 3


def require_images() -> None:
    """Refuse to draw where matplotlib is not installed.

    Raises:
        MissingExtraError: it is not; names the extra.
    """
    try:
        import matplotlib  # noqa: F401, ICN001  # only whether it is there
    except ImportError:
        raise MissingExtraError("matplotlib", "figures", "for PNG files") from None


def write_images(ablation: Ablation, folder: Path) -> list[Path]:
    """Write ``radars.png`` and ``bars.png``, each by rename; return those that show anything.

    Raises:
        MissingExtraError: matplotlib is not installed.
    """
    require_images()
    metrics = scaled_metrics(ablation)
    drawn = {
        "radars.png": _radars(ablation, metrics) if len(metrics) >= FEWEST_AXES else None,
        "bars.png": _bars(ablation, metrics) if metrics else None,
    }
    written = []
    for name, figure in drawn.items():
        if figure is not None:
            with replacing(folder / name) as temporary:
                figure.savefig(temporary, format="png", dpi=_DPI, facecolor="white")
            written.append(folder / name)
    return written


def _radars(ablation: Ablation, metrics: Sequence[ScaledMetric]) -> Figure | None:
    base, *others = (variant.name for variant in ablation.variants)
    names = [name for name in others if any(name in metric.values for metric in metrics)]
    if not names:
        return None
    figure, places = _panels(len(names), 4.2, 3.6, polar=True)
    angles = [2 * math.pi * place / len(metrics) for place in range(len(metrics))]
    tasks = (task_text(metric.task).replace(" ", "\n", 1) for metric in metrics)
    labels = [f"{metric.metric}\n{task}" for metric, task in zip(metrics, tasks, strict=True)]
    for axes, name in zip(places, names, strict=False):
        axes.set_theta_zero_location("N")  # type: ignore[attr-defined]  # of polar axes
        axes.set_theta_direction(-1)  # type: ignore[attr-defined]
        axes.set_ylim(0, 1)
        axes.set_yticks([0.25, 0.5, 0.75, 1.0], ["", "50%", "", "100%"], fontsize=6)
        axes.set_xticks(angles, labels, fontsize=7)
        axes.tick_params(axis="x", pad=4)
        for angle, label in zip(angles, axes.get_xticklabels(), strict=True):
            sideways = round(math.sin(angle), 6)
            label.set_horizontalalignment(
                "center" if not sideways else "left" if sideways > 0 else "right"
            )
        for variant, color, style in ((base, _INK, "--"), (name, _OWN, "-")):
            shares = [metric.share_of(variant) for metric in metrics]
            closed = [*shares, shares[0]]
            heights = [math.nan if share is None else share for share in closed]
            axes.plot([*angles, angles[0]], heights, color=color, linestyle=style, linewidth=1.4)
            if None not in closed and variant == name:
                axes.fill([*angles, angles[0]], heights, color=color, alpha=0.15)
        axes.set_title(name, fontsize=9, pad=14)
    figure.suptitle(
        f"Solid: the variant. Dashed: {base}. 100 % is the best variant's figure.", fontsize=8
    )
    return figure


def _bars(ablation: Ablation, metrics: Sequence[ScaledMetric]) -> Figure:
    names = [variant.name for variant in ablation.variants]
    figure, places = _panels(len(metrics), 4.4, 0.9 + 0.24 * len(names))
    for place, (axes, metric) in enumerate(zip(places, metrics, strict=False)):
        for row, name in enumerate(names):
            _bar(axes, row, metric, name, own=row == 0)
        if metric.random is not None:
            axes.axvline(metric.random / metric.best, color=_RANDOM, linestyle=":", linewidth=1.2)
        first = place % min(_COLUMNS, len(metrics)) == 0
        axes.set_yticks(range(len(names)), names if first else [""] * len(names), fontsize=7)
        axes.invert_yaxis()
        ticks = metric.ticks
        axes.set_xlim(0, ticks[-1])
        axes.set_xticks(ticks, [f"{tick:.0%}" for tick in ticks], fontsize=7)
        axes.set_title(f"{task_text(metric.task)}, {metric.metric}", fontsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    random = " Dotted: random answers." if any(one.random is not None for one in metrics) else ""
    figure.suptitle(
        f"100 % is the best variant's figure; the figures stand on the right.{random}", fontsize=8
    )
    return figure


def _bar(axes: Axes, row: int, metric: ScaledMetric, name: str, *, own: bool) -> None:
    found = metric.values.get(name)
    if found is None or found.value is None:
        _value(axes, row, "not measured", own=own)
        return
    share = found.value / metric.best
    axes.barh(row, share, height=0.7, color=_OWN if own else _OTHER)
    _value(axes, row, f"{found.value:.3f}", own=own)
    if found.low is not None and found.high is not None:
        ends = [found.low / metric.best, found.high / metric.best]
        axes.plot(ends, [row, row], color=_INK, linewidth=1)


def _value(axes: Axes, row: int, text: str, *, own: bool) -> None:
    """Write what a bar stands for on the right of the plot."""
    weight = "bold" if own else "normal"
    where = axes.get_yaxis_transform()
    axes.text(1.02, row, text, transform=where, va="center", fontsize=7, fontweight=weight)


def _panels(
    count: int, width: float, height: float, *, polar: bool = False
) -> tuple[Figure, list[Axes]]:
    """Return a figure with ``count`` panels of so many inches, in rows."""
    from matplotlib.figure import Figure

    columns = min(_COLUMNS, count)
    rows = math.ceil(count / columns)
    figure = Figure(figsize=(width * columns, height * rows + 0.3), layout="constrained")
    kind = {"polar": True} if polar else {}
    places = [figure.add_subplot(rows, columns, number + 1, **kind) for number in range(count)]
    return figure, places
