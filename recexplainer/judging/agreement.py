"""Agreement of judges, or people, with each other beyond chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from recexplainer.judging.rubric import LEVELS
from recexplainer.records import EXPLANATION_TASK, Case, Figure, Metric, Verdict

__all__ = ["EVERYONE", "FIGURES", "JUDGE_AGREEMENT", "STUDY_AGREEMENT", "agreement_metrics"]

JUDGE_AGREEMENT = Figure(
    task=EXPLANATION_TASK,
    metric="judge_agreement",
    note="how far the judges agree: Krippendorff's alpha, ordinal; 0 is chance, 1 is always",
    better="higher",
    order=250,
)
STUDY_AGREEMENT = Figure(
    task=EXPLANATION_TASK,
    metric="study_agreement",
    note="how far the people agree, as judge_agreement",
    better="higher",
    order=270,
)
FIGURES = (JUDGE_AGREEMENT, STUDY_AGREEMENT)

EVERYONE = "all explainers"
"""The subject of figures that are about the judges, not about one explainer."""

_RESAMPLES = 500
_LEVEL = 0.95


def agreement_metrics(
    verdicts: Sequence[Verdict], cases: Sequence[Case], seed: int, figure: Figure
) -> list[Metric]:
    """Return Krippendorff's alpha (ordinal) of each split; nothing for fewer than two judges.

    1 is perfect agreement, 0 what chance gives. The interval comes from resampling users. Source:
    K. Krippendorff, Content Analysis (2004), chapter 11, as computed by the package
    ``krippendorff``.

    Args:
        verdicts: of all judges; those without a grade take no part.
        cases: the cases they are about.
        seed: makes the interval repeatable.
        figure: what is measured: how far judges agree, or people.
    """
    if len({verdict.judge for verdict in verdicts}) < 2:
        return []
    by_id = {case.id: case for case in cases}
    splits = dict.fromkeys(by_id[verdict.case].split for verdict in verdicts)
    return [
        _alpha_of(
            [verdict for verdict in verdicts if by_id[verdict.case].split == split],
            by_id,
            np.random.default_rng(seed),
            Metric(
                subject=EVERYONE,
                task=figure.task,
                metric=figure.metric,
                split=split,
                value=None,
                low=None,
                high=None,
                n=0,
            ),
        )
        for split in splits
    ]


def _alpha_of(
    verdicts: Sequence[Verdict],
    cases: dict[str, Case],
    rng: np.random.Generator,
    empty: Metric,
) -> Metric:
    """Return ``empty`` with its figures filled in; units are explanations."""
    counts: dict[tuple[str, str], NDArray[np.int64]] = {}
    for verdict in verdicts:
        unit = counts.setdefault((verdict.case, verdict.explainer), np.zeros(len(LEVELS), np.int64))
        if verdict.grade is not None:
            unit[verdict.grade - 1] += 1
    shared = {unit: count for unit, count in counts.items() if count.sum() >= 2}
    unscored = len(counts) - len(shared)
    table = np.array(list(shared.values()))
    value = _alpha(table) if shared else None
    if value is None:
        return empty.model_copy(update={"unscored": len(counts)})
    users = [cases[case].user for case, _ in shared]
    low, high = _interval(table, users, rng)
    return empty.model_copy(
        update={"value": value, "low": low, "high": high, "n": len(shared), "unscored": unscored}
    )


def _alpha(counts: NDArray[np.int64]) -> float | None:
    """Return alpha of ``(units, grades)`` counts; None where all grades are the same one."""
    if (counts.sum(axis=0) > 0).sum() < 2:
        return None
    import krippendorff

    domain = list(LEVELS)
    return float(
        krippendorff.alpha(value_counts=counts, value_domain=domain, level_of_measurement="ordinal")
    )


def _interval(
    counts: NDArray[np.int64], users: Sequence[str], rng: np.random.Generator
) -> tuple[float | None, float | None]:
    number = {user: place for place, user in enumerate(dict.fromkeys(users))}
    rows: list[list[int]] = [[] for _ in number]
    for row, user in enumerate(users):
        rows[number[user]].append(row)
    alphas = []
    for _ in range(_RESAMPLES):
        drawn = rng.integers(len(rows), size=len(rows))
        alpha = _alpha(counts[[row for user in drawn for row in rows[user]]])
        if alpha is not None:
            alphas.append(alpha)
    if not alphas:
        return None, None
    tail = (1 - _LEVEL) / 2
    low, high = np.quantile(alphas, [tail, 1 - tail])
    return float(low), float(high)
