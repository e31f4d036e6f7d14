"""Paired differences between explainers on the same cases."""

from __future__ import annotations

from collections.abc import Sequence

from recexplainer.explanation.figures.measures import CHECKED
from recexplainer.explanation.figures.text_groups import text_groups
from recexplainer.records import Case, Explanation, Metric

__all__ = ["DIFFERENCE_TASK", "FIGURES", "difference_metrics"]

DIFFERENCE_TASK = "explanation_difference"
"""The ``task`` of an explainer's mean differences, case by case, to the run's first explainer."""
FIGURES = tuple(
    figure.again(DIFFERENCE_TASK, None if figure.bounds is None else (-1.0, 1.0))
    for figure in CHECKED
)


def difference_metrics(
    explanations: Sequence[Explanation], cases: Sequence[Case], seed: int
) -> list[Metric]:
    """Return each explainer's mean difference, case by case, to the first explainer of the run.

    Cases differ more than explainers do, so the interval of a paired difference is narrower than
    two intervals side by side suggest. A case that either could not be scored on is unscored.

    Args:
        explanations: with their checks filled in; the first one's author is compared with.
        cases: the cases they are about.
        seed: makes the intervals repeatable.
    """
    if not explanations:
        return []
    name = explanations[0].explainer
    first = {one.case: one for one in explanations if one.explainer == name}
    others = [one for one in explanations if one.explainer != name and one.case in first]
    return [
        group.summary(
            figure,
            [_difference(one, first[one.case], figure.check) for one in group.texts],
            seed,
        )
        for group in text_groups(others, cases)
        for figure in FIGURES
    ]


def _difference(one: Explanation, first: Explanation, check: str) -> float | None:
    value, other = one.check(check), first.check(check)
    return None if value is None or other is None else value - other
