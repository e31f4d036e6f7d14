"""Recommended items: the beginning of the target's list at a moment, with scores and ranks."""

from __future__ import annotations

from dataclasses import dataclass

from recexplainer.errors import UserError
from recexplainer.pipeline.after.moment import Moment
from recexplainer.pipeline.after.whole_list import RankedItem, rank
from recexplainer.pipeline.execution.bench import Bench

__all__ = ["RankedItem", "RecommendedList", "recommend"]


@dataclass(frozen=True, slots=True)
class RecommendedList:
    """The first items of the target's list after a history.

    Attributes:
        user: the user's id; of a history that nobody had, a name that begins with ``history-``.
        history: ids of what the target read, oldest first.
        candidates: how many items are ranked: all but those that were had.
        items: the first of them, the best first.
        notes: sentences about what is unusual of the history.
    """

    user: str
    history: tuple[str, ...]
    candidates: int
    items: tuple[RankedItem, ...]
    notes: tuple[str, ...] = ()


def recommend(bench: Bench, moment: Moment, top: int) -> RecommendedList:
    """Return the ``top`` first items at a moment; of equal scores the earlier row comes first.

    Args:
        bench: the run.
        moment: the history that is asked about.
        top: how many items; fewer are returned where there are fewer candidates.

    Raises:
        UserError: ``top`` is not at least 1.
    """
    if top < 1:
        raise UserError(f"top={top} is no number of items: give 1 or more")
    ranking = rank(bench, moment)
    return RecommendedList(
        ranking.user, ranking.history, ranking.candidates, ranking.page(0, top), ranking.notes
    )
