"""Several runs side by side: the same question to each, with what keeps them from comparing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recexplainer.records import Metric
from recexplainer.report.declared_figures import METRIC_ORDER
from recexplainer.report.labels import SPLIT_NAMES, SUBJECTS, figure_text
from recexplainer.report.model import Report

__all__ = ["ALIGNED", "ComparisonRow", "compare_reports", "comparison_caveats"]

ALIGNED = "aligned"
"""The subject of a run's own surrogate, whatever its mode, so that modes share a row."""


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """One question and every run's answer to it.

    Attributes:
        task, metric, split, subject: the question; ``aligned`` is each run's own surrogate.
        figures: run name to its figure, None where the run did not measure it.
    """

    task: str
    metric: str
    split: str
    subject: str
    figures: Mapping[str, Metric | None]

    @property
    def texts(self) -> dict[str, str]:
        """Run name to the figure with its interval, such as ``0.68 [0.65, 0.71]``."""
        return {run: figure_text(metric) for run, metric in self.figures.items()}

    @property
    def apart(self) -> bool:
        """Whether the intervals of some two runs do not overlap."""
        bounds = [
            (metric.low, metric.high)
            for metric in self.figures.values()
            if metric is not None and metric.low is not None and metric.high is not None
        ]
        return bool(bounds) and max(low for low, _ in bounds) > min(high for _, high in bounds)


def compare_reports(reports: Mapping[str, Report]) -> list[ComparisonRow]:
    """Return a row for each question that any of ``reports`` answers, in the reports' own order.

    Args:
        reports: what each run is to be called, and its report.
    """
    figures: dict[tuple[str, str, str, str], dict[str, Metric]] = {}
    for name, report in reports.items():
        for metric in report.metrics:
            figures.setdefault(_question(metric, report), {})[name] = metric
    return [
        ComparisonRow(*question, figures={name: found.get(name) for name in reports})
        for question, found in sorted(figures.items(), key=lambda pair: _place(pair[0]))
    ]


def comparison_caveats(reports: Mapping[str, Report]) -> list[str]:
    """Return why the figures may not be comparable, one sentence each; empty when they are."""
    told = {
        "data sets": {name: _data(report) for name, report in reports.items()},
        "targets": {name: report.run.target for name, report in reports.items()},
        "seeds": {name: str(report.run.seed) for name, report in reports.items()},
    }
    return [
        f"the runs have different {what}: "
        + ", ".join(f"{name} has {value}" for name, value in values.items())
        for what, values in told.items()
        if len(set(values.values())) > 1
    ]


def _data(report: Report) -> str:
    data = report.run.dataset
    return f"{data.name} ({data.users:,} users, {data.items:,} items)"


def _question(metric: Metric, report: Report) -> tuple[str, str, str, str]:
    subject = ALIGNED if metric.subject == report.run.mode else metric.subject
    return metric.task, metric.metric, metric.split, subject


def _place(question: tuple[str, str, str, str]) -> tuple[int, int, int]:
    """Known metrics in the order of the report's columns, then splits, then baselines first."""
    task, metric, split, subject = question
    splits, subjects = list(SPLIT_NAMES), [*SUBJECTS, ALIGNED]
    return (
        METRIC_ORDER.index((task, metric)) if (task, metric) in METRIC_ORDER else len(METRIC_ORDER),
        splits.index(split) if split in splits else len(splits),
        subjects.index(subject) if subject in subjects else len(subjects),
    )
