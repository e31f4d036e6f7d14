"""Paired differences between explainers on the same cases, and which of them are no chance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from recexplainer.explanation.figures.measures import CHECKED
from recexplainer.explanation.figures.text_groups import TextGroup, text_groups
from recexplainer.metrics import sign_flip_p
from recexplainer.records import Case, Explanation, Figure, Metric

__all__ = [
    "DIFFERENCE_TASK",
    "DIFFERENCE_TEST_TASK",
    "FIGURES",
    "difference_metrics",
    "difference_tests",
]

DIFFERENCE_TASK = "explanation_difference"
"""The ``task`` of an explainer's mean differences, case by case, to the run's first explainer."""
DIFFERENCE_TEST_TASK = "explanation_difference_p"
"""The ``task`` of the adjusted p values of these differences."""
_COMPARED = tuple(figure for figure in CHECKED if figure.better)
"""Controls are compared with nothing."""
_DIFFERENCES = {
    figure: figure.again(DIFFERENCE_TASK, None if figure.bounds is None else (-1.0, 1.0))
    for figure in _COMPARED
}
_TESTS = {
    figure: Figure(
        task=DIFFERENCE_TEST_TASK,
        metric=figure.metric,
        note=(
            "p value of the difference to the first explainer, adjusted for the number of "
            "comparisons (Benjamini-Hochberg); below 0.05 it is hardly chance"
        ),
        order=figure.order,
    )
    for figure in _COMPARED
}
FIGURES = (*_DIFFERENCES.values(), *_TESTS.values())


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
    return [
        group.summary(_DIFFERENCES[figure], values, seed)
        for group, figure, values in _compared(explanations, cases)
    ]


def difference_tests(
    explanations: Sequence[Explanation], cases: Sequence[Case], seed: int
) -> list[Metric]:
    """Return the adjusted p value of each of these differences.

    The more explainers and figures are compared, the more differences are chance. Of those with an
    adjusted value below 0.05, at most one in twenty is expected to be (Y. Benjamini and Y.
    Hochberg, Controlling the False Discovery Rate, 1995; ``scipy.stats.false_discovery_control``).
    All comparisons of a split are adjusted together.

    Args:
        explanations: as of ``difference_metrics``.
        cases: the cases they are about.
        seed: of the random signs.
    """
    from scipy.stats import false_discovery_control

    found = [_tested(*one, seed) for one in _compared(explanations, cases)]
    tested: dict[str, list[int]] = {}
    for place, metric in enumerate(found):
        if metric.value is not None:
            tested.setdefault(metric.split, []).append(place)
    for places in tested.values():
        adjusted = false_discovery_control([found[place].value for place in places])
        for place, value in zip(places, adjusted.tolist(), strict=True):
            found[place] = found[place].model_copy(update={"value": value})
    return found


def _compared(
    explanations: Sequence[Explanation], cases: Sequence[Case]
) -> Iterator[tuple[TextGroup, Figure, list[float | None]]]:
    """Yield every explainer but the first, each figure, and its difference on each text."""
    if not explanations:
        return
    name = explanations[0].explainer
    first = {one.case: one for one in explanations if one.explainer == name}
    others = [one for one in explanations if one.explainer != name and one.case in first]
    for group in text_groups(others, cases):
        for figure in _COMPARED:
            values = [_difference(one, first[one.case], figure.check) for one in group.texts]
            yield group, figure, values


def _tested(group: TextGroup, figure: Figure, values: Sequence[float | None], seed: int) -> Metric:
    """Return the plain p value of one difference; None where no case was scored for both."""
    rows = [row for row, value in enumerate(values) if value is not None]
    scored = [value for value in values if value is not None]
    users = [group.users[row] for row in rows]
    test = _TESTS[figure]
    return Metric(
        subject=group.explainer,
        task=test.task,
        metric=test.metric,
        split=group.split,
        value=sign_flip_p(scored, users, seed=seed) if scored else None,
        low=None,
        high=None,
        n=len(scored),
        unscored=len(values) - len(scored),
    )


def _difference(one: Explanation, first: Explanation, check: str) -> float | None:
    value, other = one.check(check), first.check(check)
    return None if value is None or other is None else value - other
