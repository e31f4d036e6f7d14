"""Reasons to doubt a run's figures that the figures themselves show."""

from __future__ import annotations

from collections.abc import Iterator

from recexplainer.records import Metric
from recexplainer.report.best_baselines import (
    MAIN_SPLIT,
    best_baseline,
    clearly_above,
    explanation_figure,
    metric_label,
    own_explanations,
    own_fidelity,
)
from recexplainer.report.declared_figures import figure_of
from recexplainer.report.labels import figure_text, share_text, split_text
from recexplainer.report.model import Report
from recexplainer.report.tables import target_metrics
from recexplainer.targets.target_quality import TIED

__all__ = ["doubts", "undecided_target"]

_FEW = 100
"""Below this many scored cases an interval is too wide to lean on."""
_MUCH_UNSCORED = 0.05
_MUCH_MADE_UP = 0.1
_MUCH_TIED = 0.1


def doubts(report: Report) -> list[str]:
    """Return one sentence for each reason to doubt a figure; empty when none was found."""
    return [
        *undecided_target(report),
        *_no_better_than_baselines(report),
        *_worse_on_new_users(report),
        *_weak_explanations(report),
        *_thinly_measured(report),
    ]


def undecided_target(report: Report) -> list[str]:
    """Return a sentence where the target scores many favourites alike; else nothing."""
    name = (report.run.target, TIED.metric)
    own = [m for m in target_metrics(report) if (m.subject, m.metric) == name]
    found = next((m for m in own if m.value is not None and m.value > _MUCH_TIED), None)
    if found is None or found.value is None:
        return []
    tells = "does not tell" if found.value == 1.0 else "hardly tells"
    told = tells if found.value > 0.5 else "does not always tell"
    sentence = (
        f"The recommender {told} its favourites apart: {share_text(found.value)} of its first 10 "
        f"places are shared by items of equal score ({TIED.metric} {figure_text(found)}). That is "
        "no preference: such items count with the mean of the places they share, nothing is taught "
        "of their order, and where one has to be named it is chosen at random."
    )
    return [sentence]


def _no_better_than_baselines(report: Report) -> Iterator[str]:
    for metric in own_fidelity(report):
        best = best_baseline(report, metric)
        if metric.value is not None and best is not None and not clearly_above(metric, best):
            yield (
                f"{metric_label(metric)} ({split_text(metric.split)}), {figure_text(metric)}, "
                f"is not clearly above {best.subject}, {figure_text(best)}."
            )


def _worse_on_new_users(report: Report) -> Iterator[str]:
    metrics = {(m.task, m.metric, m.split): m for m in own_fidelity(report)}
    for (task, name, split), known in metrics.items():
        new = metrics.get((task, name, "held_out_users"))
        if split == MAIN_SPLIT and new is not None and clearly_above(known, new):
            yield (
                f"{metric_label(known)} falls from {figure_text(known)} to {figure_text(new)} on "
                "users that it never learned from."
            )


def _weak_explanations(report: Report) -> Iterator[str]:
    agreement = explanation_figure(report, "decision_agreement")
    if agreement is not None and agreement.low is not None and agreement.low <= 0.5:
        yield f"decision_agreement, {figure_text(agreement)}, may be no better than guessing."
    made_up = explanation_figure(report, "hallucination_rate")
    if made_up is not None and made_up.high is not None and made_up.high > _MUCH_MADE_UP:
        yield f"hallucination_rate, {figure_text(made_up)}, may be above one in ten."


def _thinly_measured(report: Report) -> Iterator[str]:
    measured = [*own_fidelity(report), *own_explanations(report)]
    own = [one for one in measured if figure_of(one).shown in ("text", "claims")]
    few = [metric.n for metric in own if 0 < metric.n < _FEW]
    if few:
        figures = "1 figure rests" if len(few) == 1 else f"{len(few)} figures rest"
        yield f"{figures} on fewer than {_FEW} cases (the fewest: {min(few)})."
    # A text need not state a what-if; what has no confidence has no drop either: see there.
    must = [metric for metric in own if not figure_of(metric).sparse]
    unscored = [_unscored(metric) for metric in must if _much_unscored(metric)]
    if unscored:
        yield f"Not all cases could be scored: {'; '.join(unscored)}."


def _much_unscored(metric: Metric) -> bool:
    return metric.value is None or metric.unscored > _MUCH_UNSCORED * (metric.n + metric.unscored)


def _unscored(metric: Metric) -> str:
    asked = metric.n + metric.unscored
    missing = "none" if metric.value is None else f"{metric.n:,}"
    return f"{metric_label(metric)} ({split_text(metric.split)}) {missing} of {asked:,}"
