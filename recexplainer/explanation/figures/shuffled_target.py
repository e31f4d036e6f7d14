"""Shuffled targets: controls on which texts about the target must lose their faithfulness.

What still holds there does not hold because of the target.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recexplainer.explanation.checks.faithfulness import DROP, Removal, removal_checks
from recexplainer.explanation.figures.text_groups import text_groups
from recexplainer.oracle import Oracle
from recexplainer.plugins.interfaces import FitReport, FloatArray, Target
from recexplainer.records import (
    Case,
    Catalogue,
    Explanation,
    Figure,
    Metric,
    Progress,
    SilentProgress,
    TrainingHistories,
)

__all__ = ["FIGURES", "ShuffledTarget", "control_metrics"]

_CONTROLS = {
    name: Figure(
        task=DROP.task,
        metric=f"{DROP.metric}_{name}",
        note=f"control: the same where {words}; must be about 0",
        order=order,
        bounds=DROP.bounds,
    )
    for order, name, words in (
        (130, "shuffled", "each item has the scores of another"),
        (140, "reinitialized", "the recommender's weights are in random order"),
    )
}
FIGURES = tuple(_CONTROLS.values())


class ShuffledTarget(Target):
    """Control target: every item has the scores of another, drawn once (``recx controls``).

    Args:
        target: the recommender to be explained.
        items: I, the number of items, at least 2.
        seed: of the draw; no item keeps its own scores.
    """

    def __init__(self, target: Target, items: int, seed: int) -> None:
        self._target = target
        # One round trip through all items in random order: nothing is left in its place.
        tour = np.random.default_rng(seed).permutation(items)
        self._other = np.empty(items, dtype=np.int64)
        self._other[tour] = np.roll(tour, 1)

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return ``(B, I)``: in each column the target's scores of another item."""
        return self._target.scores(histories)[:, self._other]

    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:  # noqa: ARG002
        """Learn nothing; the target is trained."""
        return FitReport()

    def save(self, folder: object) -> None:
        """Keep nothing; a control is made anew from the target and the seed."""

    def load(self, folder: object) -> None:
        """Restore nothing."""


def control_metrics(  # noqa: PLR0913  # what is put to whom, and what it is called
    explanations: Sequence[Explanation],
    cases: Sequence[Case],
    controls: Sequence[Target],
    catalogue: Catalogue,
    *,
    name: str,
    seed: int,
    progress: Progress | None = None,
) -> list[Metric]:
    """Return what is left of ``faithfulness_drop`` for each explainer and split.

    The cases stay the target's: its decisions tell in which direction a cited item should move the
    score.

    Args:
        explanations: texts about the target, by any explainers.
        cases: the cases they are about.
        controls: what takes the target's place: several draws of one kind, whose drops are averaged
            for each case, since a single one may happen to agree with the target.
        catalogue: the items.
        name: of the control, ``shuffled`` or ``reinitialized``.
        seed: as in the checks against the target, so that the random removals are the same.
        progress: where the bar is shown.
    """
    by_id = {case.id: case for case in cases}
    removals = [Removal.plan(by_id[one.case], one.cited, seed) for one in explanations]
    drops = _mean_drops(removals, controls, catalogue, progress or SilentProgress(), name)
    return [
        group.summary(_CONTROLS[name], [drops[row] for row in group.rows], seed)
        for group in text_groups(explanations, cases)
    ]


def _mean_drops(
    removals: Sequence[Removal],
    controls: Sequence[Target],
    catalogue: Catalogue,
    progress: Progress,
    name: str,
) -> list[float | None]:
    """Return each removal's drop, averaged over the controls that could score it."""
    questions = [question for removal in removals for question in removal.questions]
    drops: list[list[float]] = [[] for _ in removals]
    with progress.bar(f"control: {name}", len(controls) * len(questions)) as bar:
        for control in controls:
            answers = iter(Oracle(control, catalogue).ask(questions, bar))
            for removal, found in zip(removals, drops, strict=True):
                checks = removal_checks(removal, [next(answers) for _ in removal.questions])
                found.extend(
                    check.value
                    for check in checks
                    if check.name == DROP.check and check.value is not None
                )
    return [sum(found) / len(found) if found else None for found in drops]
