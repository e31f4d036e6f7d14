"""Items picked from a shortlist by the target's answers: what an account by removal names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recexplainer.oracle.pulls import Pulls, longest_joint, pulls_of
from recexplainer.oracle.questions import Oracle
from recexplainer.records import Case

__all__ = ["Pick", "picks_among"]


@dataclass(frozen=True, slots=True)
class Pick:
    """What was picked for one case.

    Attributes:
        pulls: of the shortlist's items.
        items: those that pull the decision's way, alone and together, the strongest first.
        asked: how many questions to the target that took.
    """

    pulls: Pulls
    items: tuple[str, ...]
    asked: int


def picks_among(
    oracle: Oracle, cases: Sequence[Case], shortlists: Sequence[Sequence[str]], cited: int
) -> list[Pick]:
    """Return what each case's shortlist has to offer; the items beyond it are not asked about.

    Args:
        oracle: asks the target.
        cases: the questions.
        shortlists: for each case some distinct items of its history.
        cited: the most items to pick.
    """
    found = pulls_of(oracle, cases, among=shortlists)
    named = [pulls.strongest()[:cited] for pulls in found]
    joint = longest_joint(oracle, found, named)
    return [
        # the whole history, each item, and the beginnings of what is named, from two items on
        Pick(pulls, tuple(items), 1 + len(pulls.without) + max(0, len(offered) - 1))
        for pulls, items, offered in zip(found, joint, named, strict=True)
    ]
