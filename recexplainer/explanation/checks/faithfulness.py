"""Score drop without the cited items, against equally many random uncited ones."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import comb

import numpy as np

from recexplainer.oracle import Answer, Question, case_rng, direction_of, question_without
from recexplainer.records import EXPLANATION_TASK, Case, Check, Figure

__all__ = ["CONTROLS", "DROP", "FIGURES", "Removal", "removal_checks"]

CONTROLS = 10
"""How many random removals the cited one is compared with; fewer where fewer exist."""
DROP = Figure(
    task=EXPLANATION_TASK,
    metric="faithfulness_drop",
    check="faithfulness_drop",
    note=(
        "how much further the score moves off its decision without the cited items than without "
        "as many others, in standard deviations of the recommender's scores; 0 is chance"
    ),
    better="higher",
    order=50,
    bounds=None,
    given=True,
    shown="claims",
    chart=5,
)
FIGURES = (DROP,)


@dataclass(frozen=True)
class Removal:
    """Questions behind one explanation's faithfulness, in the order of their answers.

    Attributes:
        case: what is explained.
        cited: distinct items of the history that the explanation names.
        draws: the control removals, each of as many uncited items as are cited.
    """

    case: Case
    cited: tuple[str, ...]
    draws: tuple[tuple[str, ...], ...]

    @classmethod
    def plan(cls, case: Case, cited: Sequence[str], seed: int) -> Removal:
        """Return the removal of ``cited``; the draws depend on seed, case and cited items only."""
        distinct = tuple(dict.fromkeys(item for item in cited if item in case.history))
        others = tuple(item for item in dict.fromkeys(case.history) if item not in distinct)
        rng = case_rng(seed, case.id)
        return cls(case, distinct, tuple(_draws(others, len(distinct), rng)))

    @cached_property
    def questions(self) -> list[Question]:
        """The whole history, then without the cited items, then without each draw."""
        if not self.cited:
            return [question_without(self.case)]
        removals = ((), self.cited, *self.draws)
        return [question_without(self.case, removed) for removed in removals]


def _draws(
    others: Sequence[str], count: int, rng: np.random.Generator
) -> Iterator[tuple[str, ...]]:
    """Yield every removal of ``count`` items where there are few, random ones where many."""
    if count == 0 or count > len(others):
        return
    if comb(len(others), count) <= CONTROLS:
        yield from combinations(others, count)
        return
    for _ in range(CONTROLS):
        places = rng.choice(len(others), size=count, replace=False)
        yield tuple(others[place] for place in sorted(places))


def removal_checks(removal: Removal, answers: Sequence[Answer]) -> tuple[Check, ...]:
    """Return ``faithfulness_drop``, ``score_without`` and ``rank_without`` of one explanation.

    Args:
        removal: the plan.
        answers: the target's answers to ``removal.questions``.
    """
    if not removal.cited:
        reason = "cites nothing of the history"
        names = (DROP.check, "score_without", "rank_without")
        return tuple(Check(name=name, value=None, detail=reason) for name in names)
    whole, without, *controls = answers
    score = f"score {whole.score:.4g} to {without.score:.4g} without the cited items"
    rank = f"rank {whole.rank:,} to {without.rank:,} of {without.candidates:,}"
    return (
        _drop_check(removal, whole, without, controls),
        Check(name="score_without", value=without.score, detail=score),
        Check(name="rank_without", value=float(without.rank), detail=rank),
    )


def _drop_check(
    removal: Removal, whole: Answer, without: Answer, controls: Sequence[Answer]
) -> Check:
    """Return the drop beyond that of the controls, in standard deviations of all scores."""
    name = DROP.check
    if not controls:
        reason = "more than half of the history is cited, so no equally large removal is left"
        return Check(name=name, value=None, detail=reason)
    if whole.spread == 0.0:
        return Check(name=name, value=None, detail="the recommender scores all items alike")
    direction = direction_of(removal.case)
    drop = direction * (whole.score - without.score) / whole.spread
    baseline = direction * float(np.mean([whole.score - control.score for control in controls]))
    expected = baseline / whole.spread
    detail = (
        f"drop {drop:.3f}, at random {expected:.3f} (mean of {len(controls)}), "
        "in sd of the recommender's scores"
    )
    return Check(name=name, value=drop - expected, detail=detail)
