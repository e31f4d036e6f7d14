"""Declared figures: the built-in ones, and those that a run's plugins add."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from recexplainer.alignment.task_providers import task_providers
from recexplainer.explanation.explainers import instructed
from recexplainer.explanation.figures import (
    abstention,
    differences,
    distinction,
    known_truth,
    measures,
    shortlists,
    shuffled_target,
    vector_swap,
)
from recexplainer.judging import agreement, ratings
from recexplainer.records import Figure, Metric
from recexplainer.report.model import Report
from recexplainer.targets import target_quality as quality

__all__ = ["BUILT_IN", "METRIC_ORDER", "added_figures", "figure_of", "notes"]

BUILT_IN: tuple[Figure, ...] = (
    *(figure for provider in task_providers() for figure in provider.figures),
    *measures.FIGURES,
    *abstention.FIGURES,
    *shuffled_target.FIGURES,
    *distinction.FIGURES,
    *ratings.FIGURES,
    *agreement.FIGURES,
    *instructed.FIGURES,
    *differences.FIGURES,
    *known_truth.FIGURES,
    *shortlists.FIGURES,
    *vector_swap.FIGURES,
    *quality.FIGURES,
)
_FIGURES = {(figure.task, figure.metric): figure for figure in BUILT_IN}
_TASKS = list(dict.fromkeys(figure.task for figure in BUILT_IN))
METRIC_ORDER: tuple[tuple[str, str], ...] = tuple(
    (figure.task, figure.metric)
    for figure in sorted(BUILT_IN, key=lambda one: (_TASKS.index(one.task), one.order))
    if figure.order
)
"""Task and metric in the order of the report's columns."""


def figure_of(metric: Metric) -> Figure:
    """Return the figure of ours that was measured; for others one of which only the name is known.

    Args:
        metric: what was measured.
    """
    plain = Figure(task=metric.task, metric=metric.metric)
    return _FIGURES.get((metric.task, metric.metric), plain)


def added_figures(figures: Sequence[Figure]) -> tuple[Figure, ...]:
    """Return those of ``figures`` that are not ours, each once."""
    added = {(one.task, one.metric): one for one in figures}
    return tuple(one for name, one in added.items() if name not in _FIGURES)


def notes(report: Report) -> Mapping[tuple[str, str], str]:
    """Return what each declared figure measures, in a few words, by task and metric."""
    return {(one.task, one.metric): one.told for one in (*report.figures, *BUILT_IN)}
