"""Standing of a run's own figures beside the best baseline."""

from __future__ import annotations

from dataclasses import dataclass

from recexplainer.records import EXPLANATION_TASK, Metric
from recexplainer.report.labels import BASELINES, task_text
from recexplainer.report.model import Report
from recexplainer.report.tables import explanation_metrics, fidelity_metrics

__all__ = [
    "MAIN_SPLIT",
    "Standing",
    "best_baseline",
    "clearly_above",
    "explanation_figure",
    "first_explainer",
    "metric_label",
    "own_explainer",
    "own_explanations",
    "own_fidelity",
    "standing",
]

MAIN_SPLIT = "leave_one_out"


@dataclass(frozen=True, slots=True)
class Standing:
    """One figure of the aligned surrogate, with the best baseline beside it where there is one."""

    metric: Metric
    baseline: Metric | None


def own_fidelity(report: Report) -> list[Metric]:
    """Return the aligned surrogate's fidelity."""
    return [metric for metric in fidelity_metrics(report) if metric.subject == report.run.mode]


def own_explanations(report: Report) -> list[Metric]:
    """Return the figures of the run's own explainer."""
    own = own_explainer(report)
    return [metric for metric in explanation_metrics(report) if metric.subject == own]


def first_explainer(report: Report) -> str | None:
    """Return the explainer that the others are compared with: the first that was asked for."""
    return next((metric.subject for metric in explanation_metrics(report)), None)


def own_explainer(report: Report) -> str | None:
    """Return who explains for this run: the aligned surrogate, else the first that did."""
    measured = [metric.subject for metric in explanation_metrics(report)]
    explained = [one.explanation.explainer for one in report.explanations]
    names = [*measured, *explained]
    return report.run.mode if report.run.mode in names else next(iter(names), None)


def explanation_figure(report: Report, name: str) -> Metric | None:
    """Return the run's own explanation metric ``name``, of the main split where there are more."""
    own = [metric for metric in own_explanations(report) if metric.metric == name]
    return next((metric for metric in own if metric.split == MAIN_SPLIT), own[0] if own else None)


def standing(report: Report, task: str, name: str) -> Standing | None:
    """Return the surrogate's ``name`` of ``task`` in the main split; None if not measured."""
    for metric in own_fidelity(report):
        if (metric.task, metric.metric, metric.split) == (task, name, MAIN_SPLIT):
            return Standing(metric, best_baseline(report, metric))
    return None


def best_baseline(report: Report, metric: Metric) -> Metric | None:
    """Return the highest baseline on the same question; None if none was measured."""
    key = (metric.task, metric.metric, metric.split)
    rivals = [
        (other.value, other)
        for other in fidelity_metrics(report)
        if (other.task, other.metric, other.split) == key
        and other.subject in BASELINES
        and other.value is not None
    ]
    return max(rivals, key=lambda rival: rival[0])[1] if rivals else None


def clearly_above(metric: Metric, other: Metric) -> bool:
    """Return whether the intervals do not overlap: stricter than a test of the difference.

    A figure without an interval is clear of nothing.
    """
    return metric.low is not None and other.high is not None and metric.low > other.high


def metric_label(metric: Metric) -> str:
    """Return the figure's name in a sentence: the metric, after its task where that is needed."""
    if metric.task == EXPLANATION_TASK:
        return metric.metric
    return f"{task_text(metric.task)} {metric.metric}"
