"""Results of controls: faithfulness must vanish where the target is replaced."""

from __future__ import annotations

from collections.abc import Iterator

from recexplainer.records import Metric
from recexplainer.report.labels import figure_text, share_text, split_text
from recexplainer.report.model import Report
from recexplainer.report.tables import explanation_metrics

__all__ = ["failed_controls"]

_DROP = "faithfulness_drop"
_CONTROLS = {
    f"{_DROP}_shuffled": "a recommender that gives each item the scores of another",
    f"{_DROP}_reinitialized": "the recommender with its weights in random order",
}
_MAY_KEEP = 0.2
"""A control must lose at least 80 % of the drop."""


def failed_controls(report: Report) -> list[str]:
    """Return one sentence for each explainer whose figures a control did not take away."""
    metrics = {(m.subject, m.split, m.metric): m for m in explanation_metrics(report)}
    return [
        sentence
        for (subject, split, name), control in metrics.items()
        if name in _CONTROLS
        for sentence in _failures(metrics.get((subject, split, _DROP)), control)
    ]


def _failures(drop: Metric | None, control: Metric) -> Iterator[str]:
    """Yield a sentence where the control keeps too much, by more than chance."""
    if drop is None or drop.value is None or drop.low is None or drop.low <= 0:
        return  # nothing was shown that could be lost
    if control.value is None or control.low is None or control.low <= 0:
        return
    kept = control.value / drop.value
    if kept > _MAY_KEEP:
        yield (
            f"Control failed: put to {_CONTROLS[control.metric]}, the explanations of "
            f"{control.subject} ({split_text(control.split)}) keep {share_text(kept)} of their "
            f"faithfulness_drop, {figure_text(control)} of {figure_text(drop)}; that part is not "
            "evidence that they say what moves the recommender."
        )
