"""From verdicts to the mean rating per explainer (the paper's Table 3)."""

from __future__ import annotations

from collections.abc import Sequence

from recexplainer.metrics import summarize
from recexplainer.records import Case, Metric, Verdict

__all__ = ["rating_metrics"]


def rating_metrics(verdicts: Sequence[Verdict], cases: Sequence[Case], seed: int) -> list[Metric]:
    """Return ``judge_rating``, the mean grade of all judges, for each explainer and split.

    Args:
        verdicts: of any judges; those without a grade are counted as unscored.
        cases: the cases they are about.
        seed: makes the intervals over users repeatable.
    """
    by_id = {case.id: case for case in cases}
    groups: dict[tuple[str, str], list[Verdict]] = {}
    for verdict in verdicts:
        place = (verdict.explainer, by_id[verdict.case].split)
        groups.setdefault(place, []).append(verdict)
    return [
        summarize(
            [None if member.grade is None else float(member.grade) for member in members],
            subject=explainer,
            task="explanation",
            metric="judge_rating",
            split=split,
            seed=seed,
            groups=[by_id[member.case].user for member in members],
        )
        for (explainer, split), members in groups.items()
    ]
