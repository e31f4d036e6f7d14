"""Shortlists compared: how often the strongest cause is on them, and what is picked from them.

The picking by the target's answers is the same for all, so a shortlist that is no better than one
drawn at random adds nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from recexplainer.explanation.checks.faithfulness import DROP, Removal, removal_checks
from recexplainer.metrics import summarize
from recexplainer.oracle import Oracle, Pick, picks_among, pulls_of
from recexplainer.records import Case, Figure, Metric

__all__ = ["ALL_ASKED", "FIGURES", "SHORTLIST_TASK", "SIZE", "shortlist_metrics"]

SHORTLIST_TASK = "shortlist"
"""The ``task`` of figures of shortlists; their subject is the explainer that draws them up."""
SIZE = 8
"""How many items a measured shortlist has."""
ALL_ASKED = "occlusion"
"""The subject that needs no shortlist: it asks about the whole history."""
_CITED = 3
_RANDOM, _SIMILAR = "shortlist-random", "shortlist-similar"
_Values = list[float | None]

_RECALLS = {
    size: Figure(
        task=SHORTLIST_TASK,
        metric=f"recall@{size}",
        note=(
            "share of decisions with a cause whose strongest cause, the history item without which "
            f"the score falls furthest, is among the first {size} of the shortlist"
            if size > 1
            else "share of such decisions whose strongest cause is first on the shortlist"
        ),
        better="higher",
        order=order,
    )
    for order, size in enumerate((SIZE, 3, 1), 1)
}
_DROP = Figure(
    task=SHORTLIST_TASK,
    metric="drop",
    note=(
        "faithfulness_drop of the items that the recommender's answers pick from the shortlist, on "
        "the same decisions; 0 where they pick none"
    ),
    better="higher",
    order=4,
    bounds=None,
)
_ASKED = Figure(
    task=SHORTLIST_TASK,
    metric="questions",
    note="how many questions to the recommender the picking takes per case",
    better="lower",
    order=5,
    bounds=None,
)
_SHORT = Figure(
    task=SHORTLIST_TASK,
    metric="short_histories",
    note=f"share of cases whose history has no more than {SIZE} items, so that any shortlist is it",
    order=6,
)
_COMPARED = (_RECALLS[SIZE], _RECALLS[1], _DROP)
_BEYOND = {
    (beside, figure): Figure(
        task=SHORTLIST_TASK,
        metric=f"{figure.metric}_beyond_{word}",
        note=f"{figure.metric} less that of {beside}, decision by decision",
        better="higher",
        order=order,
        bounds=None if figure.bounds is None else (-1.0, 1.0),
    )
    for order, (beside, word, figure) in enumerate(
        [
            (beside, word, figure)
            for beside, word in ((_RANDOM, "random"), (_SIMILAR, "similar"))
            for figure in _COMPARED
        ],
        7,
    )
}
FIGURES = (*_RECALLS.values(), _DROP, _ASKED, _SHORT, *_BEYOND.values())


def shortlist_metrics(
    orders: Mapping[str, Sequence[Sequence[str]]],
    cases: Sequence[Case],
    oracle: Oracle,
    seed: int,
) -> list[Metric]:
    """Return the figures of each shortlist and of asking about everything, for each split.

    Args:
        orders: the explainer to each case's distinct history items, the most promising first.
        cases: N cases.
        oracle: asks the target.
        seed: draws the removals that a drop is compared with, and makes the intervals repeatable.
    """
    strongest = [next(iter(p.strongest()), None) for p in pulls_of(oracle, cases)]
    found = {
        name: dict(_values(order, SIZE, strongest, cases, oracle, seed))
        for name, order in orders.items()
    }
    for name, columns in found.items():
        columns |= {
            difference: _less(columns[figure], found[beside][figure])
            for (beside, figure), difference in _BEYOND.items()
            if beside in found and name not in (beside, _RANDOM)
        }
    whole = [list(dict.fromkeys(case.history)) for case in cases]
    longest = max(map(len, whole), default=0)
    everything = dict(_values(whole, longest, strongest, cases, oracle, seed))
    found[ALL_ASKED] = {
        _DROP: everything[_DROP],
        _ASKED: everything[_ASKED],
        _SHORT: [float(len(items) <= SIZE) for items in whole],
    }
    return [
        summarize(
            figure,
            [values[row] for row in rows],
            subject=name,
            split=split,
            seed=seed,
            groups=[cases[row].user for row in rows],
        )
        for split in dict.fromkeys(case.split for case in cases)
        for rows in [[row for row, case in enumerate(cases) if case.split == split]]
        for name, columns in found.items()
        for figure, values in columns.items()
    ]


def _values(
    order: Sequence[Sequence[str]],
    size: int,
    strongest: Sequence[str | None],
    cases: Sequence[Case],
    oracle: Oracle,
    seed: int,
) -> Iterator[tuple[Figure, _Values]]:
    """Yield each figure with one value per case; None where a decision has no cause."""
    for count, figure in _RECALLS.items():
        yield (
            figure,
            [
                None if cause is None else float(cause in items[:count])
                for items, cause in zip(order, strongest, strict=True)
            ],
        )
    picks = picks_among(oracle, cases, [items[:size] for items in order], _CITED)
    drops = _drops(picks, oracle, seed)
    yield (
        _DROP,
        [None if cause is None else drop for drop, cause in zip(drops, strongest, strict=True)],
    )
    yield _ASKED, [float(pick.asked) for pick in picks]


def _drops(picks: Sequence[Pick], oracle: Oracle, seed: int) -> _Values:
    """Return the drop of what is picked, as texts are checked; 0 of nothing."""
    removals = [Removal.plan(pick.pulls.case, pick.items, seed) for pick in picks]
    answers = iter(oracle.ask([one for removal in removals for one in removal.questions]))
    drops: _Values = []
    for removal in removals:
        checks = removal_checks(removal, [next(answers) for _ in removal.questions])
        drop = next(check.value for check in checks if check.name == DROP.check)
        drops.append(drop if removal.cited else 0.0)
    return drops


def _less(values: _Values, others: _Values) -> _Values:
    return [
        None if value is None or other is None else value - other
        for value, other in zip(values, others, strict=True)
    ]
