"""Choice of the cases that a report shows: random, worst and best, labelled as such."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from recexplainer.records import Explanation
from recexplainer.report.best_baselines import own_explainer
from recexplainer.report.model import ExplainedCase, Report

__all__ = ["ChosenAs", "ChosenCase", "choose_cases", "gallery"]

ChosenAs = Literal["random", "worst", "best"]
_CASES = 10
_UNKNOWN = 0.5
"""What an unscored share counts as: neither in favor of a text nor against it."""


@dataclass(frozen=True, slots=True)
class ChosenCase:
    """A case to show, why it is shown, and what other explainers wrote about the same case."""

    chosen_as: ChosenAs
    shown: ExplainedCase
    others: tuple[ExplainedCase, ...] = ()


def gallery(report: Report) -> tuple[ChosenCase, ...]:
    """Return the cases that a report shows, as many as its settings ask for."""
    section = report.run.config.get("report")
    count = section.get("cases") if isinstance(section, dict) else None
    return choose_cases(
        report.explanations,
        explainer=own_explainer(report),
        count=count if isinstance(count, int) else _CASES,
        seed=report.run.seed,
    )


def choose_cases(
    explained: Sequence[ExplainedCase],
    *,
    explainer: str | None = None,
    count: int = _CASES,
    seed: int = 0,
) -> tuple[ChosenCase, ...]:
    """Return ``count`` cases: two fifths sampled at random, the rest half the worst, half the best.

    The random ones are sampled first and from all cases, so that they show what is usual; were they
    drawn from what the extremes leave over, they would not.

    Args:
        explained: everything that was explained, by any number of explainers.
        explainer: whose texts the choice is made by, the first one's when None; what the others
            wrote about the same cases is put beside it.
        count: how many to choose; all of them are returned when there are fewer.
        seed: makes the sample, and the order among equals, repeatable.
    """
    if not explained or not count:
        return ()
    wanted = explainer or explained[0].explanation.explainer
    main = [one for one in explained if one.explanation.explainer == wanted]
    shuffled = random.Random(seed).sample(main, len(main))
    drawn = shuffled[: max(1, count * 2 // 5)]
    rest = sorted(shuffled[len(drawn) :], key=lambda one: _goodness(one.explanation))
    left = min(len(rest), count - len(drawn))
    worst, best = rest[: left - left // 2], rest[len(rest) - left // 2 :]
    labelled: tuple[tuple[ChosenAs, Sequence[ExplainedCase]], ...] = (
        ("random", drawn),
        ("worst", worst),
        ("best", best[::-1]),
    )
    return tuple(
        ChosenCase(chosen_as, one, _others(one, explained))
        for chosen_as, group in labelled
        for one in group
    )


def _others(one: ExplainedCase, explained: Sequence[ExplainedCase]) -> tuple[ExplainedCase, ...]:
    return tuple(other for other in explained if other.case.id == one.case.id and other is not one)


def _goodness(explanation: Explanation) -> tuple[float, ...]:
    """Order texts by what matters most: decision, then truth, then what moves the target."""
    agreement = explanation.check("decision_agreement")
    true = explanation.check("true_as_read")
    made_up = explanation.check("hallucinated")
    grounding = explanation.check("grounding")
    drop = explanation.check("faithfulness_drop")
    return (
        _UNKNOWN if agreement is None else agreement,
        _UNKNOWN if true is None else true,
        1 - (_UNKNOWN if made_up is None else made_up),
        _UNKNOWN if grounding is None else grounding,
        0.0 if drop is None else drop,
    )
