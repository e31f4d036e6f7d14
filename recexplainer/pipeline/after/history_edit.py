"""Edits of a history that bring an item where it is wanted, asked of a loaded run's target."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from recexplainer.pipeline.after.moment import Moment, find_items, unusual
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.plugins.interfaces import LatentTarget

if TYPE_CHECKING:
    from recexplainer.explanation.edits.counterfactual import WhatIf
    from recexplainer.explanation.edits.question import Wish

__all__ = ["edit_history"]


def edit_history(bench: Bench, moment: Moment, item: str, wish: Wish) -> WhatIf:
    """Return what would bring ``item`` where it is wanted at a moment.

    Args:
        bench: the run.
        moment: the history that is edited.
        item: a title or an item id.
        wish: where it is wanted, and by which edits.

    Raises:
        UnknownNameError: no such item; the nearest are named.
        UserError: the item is in the history, the list is shorter than the aim, or no edit of these
            kinds is possible.
    """
    from recexplainer.explanation.edits.additions import Neighbours
    from recexplainer.explanation.edits.question import what_if

    chosen = find_items([item], bench)[0]
    target, training = bench.target, bench.split
    vectors = target.item_vectors() if isinstance(target, LatentTarget) else None
    neighbours = Neighbours(
        bench.catalogue, training.popularity, training.training.histories, vectors
    )
    told = what_if(
        bench.oracle,
        moment.context,
        chosen,
        wish,
        neighbours=neighbours,
        excluded=moment.seen,
    )
    return replace(told, notes=tuple(unusual(bench, moment, told.case)))
