"""From verdicts to the mean rating per explainer (the paper's Table 3)."""

from __future__ import annotations

from collections.abc import Sequence

from recexplainer.metrics import summarize
from recexplainer.records import Case, Metric, Verdict

__all__ = ["rating_metrics"]


def rating_metrics(
    verdicts: Sequence[Verdict], cases: Sequence[Case], seed: int, *, metric: str = "judge_rating"
) -> list[Metric]:
    """Return the mean grade of all judges for each explainer and split.

    Where there are several judges, each one's own mean follows, named ``judge_rating:JUDGE``.

    Args:
        verdicts: of any judges; those without a grade are counted as unscored.
        cases: the cases they are about.
        seed: makes the intervals over users repeatable.
        metric: what the figure is called.
    """
    by_id = {case.id: case for case in cases}
    judges = dict.fromkeys(verdict.judge for verdict in verdicts)
    groups: dict[tuple[str, str, str], list[Verdict]] = {}
    for verdict in verdicts:
        names = [metric, f"{metric}:{verdict.judge}"] if len(judges) > 1 else [metric]
        for name in names:
            place = (verdict.explainer, by_id[verdict.case].split, name)
            groups.setdefault(place, []).append(verdict)
    return [
        summarize(
            [None if member.grade is None else float(member.grade) for member in members],
            subject=explainer,
            task="explanation",
            metric=name,
            split=split,
            seed=seed,
            groups=[by_id[member.case].user for member in members],
            bounds=(1.0, 4.0),
        )
        for (explainer, split, name), members in groups.items()
    ]
