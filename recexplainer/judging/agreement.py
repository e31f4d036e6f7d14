"""Agreement of judges, or people, with each other beyond chance."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from recexplainer.judging.rubric import LEVELS
from recexplainer.records import EXPLANATION_TASK, Case, Figure, Metric, Verdict

__all__ = ["EVERYONE", "FIGURES", "JUDGES", "PEOPLE", "agreement_metrics"]

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
JUDGE_AGREEMENT_AC2 = Figure(
    task=EXPLANATION_TASK,
    metric="judge_agreement_ac2",
    note="the same by Gwet's AC2, which holds up where nearly all grades are the same",
    better="higher",
    order=251,
)
STUDY_AGREEMENT_AC2 = Figure(
    task=EXPLANATION_TASK,
    metric="study_agreement_ac2",
    note="how far the people agree, as judge_agreement_ac2",
    better="higher",
    order=271,
)
JUDGES = (JUDGE_AGREEMENT, JUDGE_AGREEMENT_AC2)
"""The agreement of judges: Krippendorff's alpha, and Gwet's AC2."""
PEOPLE = (STUDY_AGREEMENT, STUDY_AGREEMENT_AC2)
"""The same of people."""
FIGURES = (*JUDGES, *PEOPLE)

EVERYONE = "all explainers"
"""The subject of figures that are about the judges, not about one explainer."""

_Coefficient = Callable[[NDArray[np.int64]], float | None]
_RESAMPLES = 500
_LEVEL = 0.95


def agreement_metrics(
    verdicts: Sequence[Verdict],
    cases: Sequence[Case],
    seed: int,
    figures: tuple[Figure, Figure],
) -> list[Metric]:
    """Return Krippendorff's alpha and Gwet's AC2 of each split; nothing for fewer than two judges.

    1 is perfect agreement, 0 what chance gives. The intervals come from resampling users. Alpha
    takes the grades that were given for what chance would give: where nearly all are the same it is
    near 0, however well judges agree. AC2 is not. Both are ordinal. Sources: K. Krippendorff,
    Content Analysis (2004), chapter 11, as computed by the package ``krippendorff``; K. L. Gwet,
    Handbook of Inter-Rater Reliability (2014), chapters 3 and 5.

    Args:
        verdicts: of all judges; those without a grade take no part.
        cases: the cases they are about.
        seed: makes the interval repeatable.
        figures: what alpha and AC2 are called: ``JUDGES`` or ``PEOPLE``.
    """
    if len({verdict.judge for verdict in verdicts}) < 2:
        return []
    by_id = {case.id: case for case in cases}
    splits = dict.fromkeys(by_id[verdict.case].split for verdict in verdicts)
    return [
        _agreement_of(
            [verdict for verdict in verdicts if by_id[verdict.case].split == split],
            by_id,
            coefficient,
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
        for figure, coefficient in zip(figures, (_alpha, _ac2), strict=True)
    ]


def _agreement_of(
    verdicts: Sequence[Verdict],
    cases: dict[str, Case],
    coefficient: _Coefficient,
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
    value = coefficient(table) if shared else None
    if value is None:
        return empty.model_copy(update={"unscored": len(counts)})
    users = [cases[case].user for case, _ in shared]
    low, high = _interval(table, users, coefficient, rng)
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


def _ac2(counts: NDArray[np.int64]) -> float:
    """Return AC2 of ``(units, grades)`` counts, at least two grades in each unit, ordinal weights.

    No maintained package has it: ``irrCAC`` pins a SciPy of 2024. With r_uk grades k for unit u,
    r_u in all, and weights w of how near two grades are, agreement is the mean over units of
    ``sum_k r_uk (sum_l w_kl r_ul - 1) / (r_u (r_u - 1))``. By chance it is ``sum(w) / (q (q - 1))
    sum_k p_k (1 - p_k)`` of q grades, p_k being the mean share of grade k in a unit.
    """
    grades = counts.shape[1]
    apart = np.abs(np.subtract.outer(np.arange(grades), np.arange(grades)))
    steps = apart * (apart + 1) / 2  # the pairs of grades from one to the other
    weights = 1.0 - steps / steps.max()
    given = counts.sum(axis=1)
    near = (counts * (counts @ weights - 1)).sum(axis=1)
    agreed = float(np.mean(near / (given * (given - 1))))
    shares = (counts / given[:, None]).mean(axis=0)
    chance = float(weights.sum() / (grades * (grades - 1)) * (shares * (1 - shares)).sum())
    return (agreed - chance) / (1 - chance)


def _interval(
    counts: NDArray[np.int64],
    users: Sequence[str],
    coefficient: _Coefficient,
    rng: np.random.Generator,
) -> tuple[float | None, float | None]:
    number = {user: place for place, user in enumerate(dict.fromkeys(users))}
    rows: list[list[int]] = [[] for _ in number]
    for row, user in enumerate(users):
        rows[number[user]].append(row)
    found = []
    for _ in range(_RESAMPLES):
        drawn = rng.integers(len(rows), size=len(rows))
        value = coefficient(counts[[row for user in drawn for row in rows[user]]])
        if value is not None:
            found.append(value)
    if not found:
        return None, None
    tail = (1 - _LEVEL) / 2
    low, high = np.quantile(found, [tail, 1 - tail])
    return float(low), float(high)
