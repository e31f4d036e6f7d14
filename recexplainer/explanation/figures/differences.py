"""Paired differences between explainers on the same cases."""

from __future__ import annotations

from collections.abc import Sequence

from recexplainer.explanation.figures.measures import CHECK_OF_METRIC, moves_score
from recexplainer.metrics import summarize
from recexplainer.records import Case, Explanation, Metric

__all__ = ["difference_metrics"]


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
    by_id = {case.id: case for case in cases}
    written = {(one.explainer, one.case): one for one in explanations}
    names = list(dict.fromkeys(one.explainer for one in explanations))
    splits = dict.fromkeys(by_id[one.case].split for one in explanations)
    metrics = []
    for explainer in names[1:]:
        for split in splits:
            pairs = [
                (one, first)
                for (author, case), one in written.items()
                if author == explainer and by_id[case].split == split
                if (first := written.get((names[0], case))) is not None
            ]
            users = [by_id[one.case].user for one, _ in pairs]
            metrics += [
                summarize(
                    [_difference(one, first, check) for one, first in pairs],
                    subject=explainer,
                    task="explanation_difference",
                    metric=metric,
                    split=split,
                    seed=seed,
                    groups=users,
                    bounds=None if moves_score(metric) else (-1.0, 1.0),
                )
                for metric, check in CHECK_OF_METRIC.items()
            ]
    return metrics


def _difference(one: Explanation, first: Explanation, check: str) -> float | None:
    value, other = one.check(check), first.check(check)
    return None if value is None or other is None else value - other
