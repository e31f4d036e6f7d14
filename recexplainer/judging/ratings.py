"""Mean ratings per explainer, from verdicts (the paper's Table 3)."""

from __future__ import annotations

from collections.abc import Sequence

from recexplainer.judging.rubric import LEVELS
from recexplainer.metrics import summarize
from recexplainer.records import EXPLANATION_TASK, Case, Figure, Metric, Verdict

__all__ = ["FIGURES", "JUDGE_RATING", "STUDY_RATING", "rating_metrics"]

_BOUNDS = (float(min(LEVELS)), float(max(LEVELS)))
JUDGE_RATING = Figure(
    task=EXPLANATION_TASK,
    metric="judge_rating",
    note="mean grade of the judges, 1 to 4",
    better="higher",
    order=240,
    bounds=_BOUNDS,
)
STUDY_RATING = Figure(
    task=EXPLANATION_TASK,
    metric="study_rating",
    note="mean grade by people, 1 to 4",
    better="higher",
    order=260,
    bounds=_BOUNDS,
)
FIGURES = (JUDGE_RATING, STUDY_RATING)


def rating_metrics(
    verdicts: Sequence[Verdict], cases: Sequence[Case], seed: int, figure: Figure = JUDGE_RATING
) -> list[Metric]:
    """Return the mean grade of all judges for each explainer and split.

    Where there are several judges, each one's own mean follows, named ``judge_rating:JUDGE``.

    Args:
        verdicts: of any judges; those without a grade are counted as unscored.
        cases: the cases they are about.
        seed: makes the intervals over users repeatable.
        figure: what is measured: the grades of judges, or of people.
    """
    by_id = {case.id: case for case in cases}
    judges = dict.fromkeys(verdict.judge for verdict in verdicts)
    groups: dict[tuple[str, str, str], list[Verdict]] = {}
    for verdict in verdicts:
        names = [figure.metric, *([f"{figure.metric}:{verdict.judge}"] if len(judges) > 1 else [])]
        for name in names:
            place = (verdict.explainer, by_id[verdict.case].split, name)
            groups.setdefault(place, []).append(verdict)
    return [
        summarize(
            figure.model_copy(update={"metric": name}),
            [None if member.grade is None else float(member.grade) for member in members],
            subject=explainer,
            split=split,
            seed=seed,
            groups=[by_id[member.case].user for member in members],
        )
        for (explainer, split, name), members in groups.items()
    ]
