"""Names of figures: all that was measured of one run or two, as a condition can name it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from recexplainer.errors import UnknownNameError, nearest
from recexplainer.records import EXPLANATION_TASK, Metric
from recexplainer.report.best_baselines import MAIN_SPLIT, own_explainer
from recexplainer.report.comparison import ALIGNED
from recexplainer.report.declared_figures import METRIC_ORDER
from recexplainer.report.model import Report

if TYPE_CHECKING:
    from recexplainer.audit.recommender_audit import Audit
    from recexplainer.audit.versions.version_comparison import Comparison

__all__ = ["FigureTable", "Measured", "figure_table"]

_BEFORE, _CHANGE = "before.", "change."
_ENDS = (".low", ".high")
_SHORT = {"faithfulness": "faithfulness_drop"}
"""What a figure is called in speech, and its metric."""


class Measured(NamedTuple):
    """What is there of one run: its report, and its audit; None where it has none."""

    report: Report | None = None
    audit: Audit | None = None


@dataclass(frozen=True)
class FigureTable:
    """Figures by name; None is one that was not scored.

    Attributes:
        values: by full name. ``before.`` stands for the first run, ``change.`` for the difference,
            no prefix for the last run; ``.low`` and ``.high`` are the ends of an interval.
        short: names of one word, and the full names that they stand for.
    """

    values: Mapping[str, float | None]
    short: Mapping[str, str]

    def full_name(self, name: str) -> str:
        """Return the full name of a figure that is called ``name``.

        Raises:
            UnknownNameError: there is none; the nearest are named.
        """
        if name in self.values:
            return name
        prefix = next((one for one in (_BEFORE, _CHANGE) if name.startswith(one)), "")
        end = next((one for one in _ENDS if name.endswith(one)), "")
        middle = name[len(prefix) : len(name) - len(end)]
        full = f"{prefix}{self.short.get(middle, middle)}{end}"
        if full in self.values:
            return full
        hint = "All of them: recx compare RUN RUN --figures"
        if end and full.removesuffix(end) in self.values:
            hint = f"{full.removesuffix(end)} has no interval here. {hint}"
        if prefix and not any(one.startswith(prefix) for one in self.values):
            hint = f"What begins with {prefix} needs two runs. {hint}"
        spoken = {f"{prefix}{one}{end}": f"{prefix}{full}{end}" for one, full in self.short.items()}
        known = {*(one for one, full in spoken.items() if full in self.values), *self.values}
        close = nearest(name, known, 12)
        raise UnknownNameError("figure", name, close or sorted(self.short), hint=hint)

    def lines(self) -> Iterator[tuple[str, str, str]]:
        """Yield the short name (or nothing), the full name, and the value of each figure."""
        called = {full: short for short, full in self.short.items()}
        for full, value in self.values.items():
            told = "not scored" if value is None else f"{value:.6g}"
            yield called.get(full, ""), full, told


def figure_table(runs: Sequence[Measured], comparison: Comparison | None = None) -> FigureTable:
    """Return all figures of the last run, and of the first beside them where there are more.

    Args:
        runs: at least one.
        comparison: of the first and the last.
    """
    last = dict(_figures(runs[-1]))
    values: dict[str, float | None] = dict(last)
    short = _short_names(runs[-1].report)
    if len(runs) > 1:
        first = dict(_figures(runs[0]))
        values |= {f"{_BEFORE}{name}": value for name, value in first.items()}
        for name, value in last.items():
            other = first.get(name)
            if value is not None and other is not None and not name.endswith(_ENDS):
                values[f"{_CHANGE}{name}"] = value - other
    if comparison is not None:
        values |= dict(_compared(comparison))
        for one in comparison.changes:
            short[one.name] = f"comparison.{one.name}"  # measured user by user, so preferred
    return FigureTable(values, short)


def _figures(run: Measured) -> Iterator[tuple[str, float | None]]:
    if run.report is not None:
        for metric in run.report.metrics:
            yield from _with_ends(_name(metric, run.report), metric.value, metric.low, metric.high)
    if run.audit is not None:
        yield "audit.alarms", float(len(run.audit.alarms))
        counts = Counter((one.chapter, one.probe) for one in run.audit.findings)
        for one in run.audit.findings:
            name = f"audit.{one.chapter}.{_slug(one.probe)}"
            if counts[one.chapter, one.probe] > 1:  # one probe for several segments
                name += f".{_slug(one.sentence.partition(':')[0])}"
            yield from _with_ends(name, one.figure, one.low, one.high)


def _compared(comparison: Comparison) -> Iterator[tuple[str, float | None]]:
    for one in comparison.changes:
        name = f"comparison.{one.name}"
        if one.second is None:
            yield from _with_ends(name, one.change, one.low, one.high)
        else:
            yield name, one.second
            yield f"{_BEFORE}{name}", one.first
            yield from _with_ends(f"{_CHANGE}{name}", one.change, one.low, one.high)


def _with_ends(
    name: str, value: float | None, low: float | None, high: float | None
) -> Iterator[tuple[str, float | None]]:
    yield name, value
    if low is not None and high is not None:
        yield f"{name}.low", low
        yield f"{name}.high", high


def _name(metric: Metric, report: Report) -> str:
    subject = ALIGNED if metric.subject == report.run.mode else metric.subject
    return f"{metric.task}.{metric.metric}.{subject}.{metric.split}"


def _short_names(report: Report | None) -> dict[str, str]:
    """Return each metric's name, for what the run's own explainer, surrogate or target has of it.

    A metric of several tasks is that of explanations, else that of the first task; a figure of
    several splits is that of the main split.
    """
    if report is None:
        return {}
    own = {own_explainer(report), report.run.mode, report.run.target}
    tasks = [EXPLANATION_TASK, *dict.fromkeys(task for task, _ in METRIC_ORDER)]

    def place(metric: Metric) -> tuple[int, int]:
        task = tasks.index(metric.task) if metric.task in tasks else len(tasks)
        return task, metric.split != MAIN_SPLIT

    found: dict[str, str] = {}
    for metric in sorted((one for one in report.metrics if one.subject in own), key=place):
        found.setdefault(metric.metric, _name(metric, report))
    return found | {word: found[metric] for word, metric in _SHORT.items() if metric in found}


def _slug(words: str) -> str:
    return re.sub(r"[^a-z0-9@]+", "-", words.casefold()).strip("-")
