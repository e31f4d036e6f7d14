"""Column order of models made elsewhere: whether scores and vectors stand beside their items."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recexplainer.errors import UserError
from recexplainer.metrics.column_shift import column_shift, foretells_more, foretold
from recexplainer.plugins.interfaces import FloatArray, TargetKit
from recexplainer.records import TrainingHistories

__all__ = ["MOST_NUMBERS", "NextItems", "check_columns", "check_rows"]

MOST_NUMBERS = 20_000_000
"""Numbers in all answers to one look; of large catalogues fewer users are asked about."""
_USERS = 200
_FEWEST_ITEMS = 8
"""Fewer make products alike by chance."""

Ask = Callable[[Sequence[Sequence[str]]], FloatArray]


@dataclass(frozen=True, slots=True)
class NextItems:
    """What some users took next.

    Attributes:
        histories: as a target reads them, the last item left out.
        seen: the model's columns of their items.
        nexts: the column of the item that was left out.
    """

    histories: list[tuple[str, ...]]
    seen: list[list[int]]
    nexts: list[int]

    @classmethod
    def of(
        cls, training: TrainingHistories, kit: TargetKit, items: Sequence[str], columns: int
    ) -> NextItems:
        """Return up to 200 users of the training histories.

        Args:
            training: what users took.
            kit: the items that are asked about, and how many of a history are read.
            items: the model's own, in the order of its columns.
            columns: how long an answer is; the longer it is, the fewer users are asked about.
        """
        known = frozenset(kit.catalogue.ids)
        whole = [
            history
            for history in training.histories.values()
            if len(history) > 1 and known.issuperset(history)
        ]
        drawn = np.random.default_rng(0).permutation(len(whole))
        drawn = np.sort(drawn[: min(_USERS, MOST_NUMBERS // max(1, columns))])
        histories = [tuple(whole[row][:-1][-kit.max_history :]) for row in drawn]
        place = {item: column for column, item in enumerate(items)}
        seen = [[place[item] for item in history] for history in histories]
        return cls(histories, seen, [place[whole[row][-1]] for row in drawn])

    def without_neighbor(self, rows: int) -> NDArray[np.bool_]:
        """Return which histories do not hold the item ``rows`` from the next one; all for 0."""
        kept = [
            not rows or item + rows not in seen
            for item, seen in zip(self.nexts, self.seen, strict=True)
        ]
        return np.array(kept, dtype=bool)


def check_columns(
    ask: Ask, items: Sequence[str], training: TrainingHistories, kit: TargetKit, source: str
) -> None:
    """Require that next items are not foretold by columns beside their own, or read backwards.

    Shows a mistake only of a model that foretells most next items once it is undone, and a shift by
    histories in which no neighbor in the list of items could be mistaken for the next item.

    Args:
        ask: returns scores in the order of ``items``.
        items: the model's own items.
        training: what users took.
        kit: the items that are asked about.
        source: what to call the model in the message.

    Raises:
        UserError: the scores are those of the items one column before or after, or histories are
            read from their end.
    """
    users = NextItems.of(training, kit, items, len(items))
    if not users.nexts:
        return
    scores, columns = ask(users.histories), users.nexts
    turned = foretold(ask([history[::-1] for history in users.histories]), columns, users.seen)
    if foretells_more(turned, foretold(scores, columns, users.seen), columns):
        raise UserError(
            f"{source}: read backwards, {turned.mean():.0%} of users' histories foretell what they "
            "took next, and hardly any as they are. Histories are given oldest first: turn them "
            "round where the model wants the latest first."
        )
    shift = column_shift(scores, columns, users.seen)
    if shift:
        beside = "after" if shift > 0 else "before"
        raise UserError(
            f"{source}: the scores stand in the column {beside} their item's: read so, they "
            "foretell most of what users took next, and as they are, hardly any. Is there a column "
            "of padding in front, or an item missing in the list of ids? Columns and ids must be "
            "in one order."
        )


def check_rows(scores: FloatArray, products: FloatArray, source: str) -> None:
    """Require that item vectors are not those of the neighbors of the items that are scored.

    Args:
        scores: ``(B, I)``.
        products: user vectors times item vectors, ``(B, I)``.
        source: what to call the model in the message.

    Raises:
        UserError: the products are the scores, one column beside.
    """
    if scores.shape[1] < _FEWEST_ITEMS or _alike(scores, products):
        return
    for first, second, where in (
        (scores[:, 1:], products[:, :-1], "before"),
        (scores[:, :-1], products[:, 1:], "after"),
    ):
        if _alike(first, second):
            raise UserError(
                f"{source}: user vectors times item vectors are the scores of the items one row "
                f"{where} them: the rows of item vectors and the columns of scores stand in two "
                "orders. Is a row of padding in one of them?"
            )


def _alike(scores: FloatArray, products: FloatArray) -> bool:
    """Whether the one is the other, but for a factor and a constant per history."""
    first = scores - scores.mean(axis=1, keepdims=True)
    second = products - products.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(first, axis=1) * np.linalg.norm(second, axis=1)
    told = lengths > 0
    cosines = (first * second).sum(axis=1)[told] / lengths[told]
    return bool(told.any() and (cosines > 0.999).all())
