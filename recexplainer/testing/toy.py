"""Toy world whose right answers are known by construction.

Items form cycles, one per color: after ``red-0`` comes ``red-1``, and after
the last the first.
Every user stays within one color and walks its cycle, so the right next item is never in doubt.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from recexplainer.errors import UnknownNameError
from recexplainer.plugins.interfaces import Asked, FitReport, FloatArray, LatentTarget, TargetKit
from recexplainer.records import (
    Case,
    Catalogue,
    Context,
    Decision,
    InteractionLog,
    Item,
    Progress,
    SilentProgress,
    TrainingHistories,
)

__all__ = [
    "LinearTarget",
    "successor",
    "toy_asked",
    "toy_cases",
    "toy_log",
    "toy_popularity",
    "toy_target",
    "toy_training",
]

COLORS: Final = ("red", "green", "blue", "white")
CYCLE: Final = 10
"""Items per color."""
WALK: Final = 7
"""Interactions per user: shorter than a cycle, so that the right next item is always unseen."""


def toy_log() -> InteractionLog:
    """Return the toy log: 4 cycles of 10 items, and 76 users who walk 7 items each.

    One to three users start from each item, so that some are more popular than others. Each item
    has its color and one or two shapes, which alternate along the cycle. Neighbors in the catalogue
    are of different colors, so that a score in the next column is never that of the next item.
    """
    shapes = (("round",), ("square", "flat"))
    items = [
        Item(
            id=f"{color}-{place}",
            title=f"{color.capitalize()} Stone No. {place}",
            attributes={"color": (color,), "shape": shapes[place % 2]},
        )
        for place in range(CYCLE)
        for color in COLORS
    ]
    histories: dict[str, tuple[str, ...]] = {}
    for color, place in product(COLORS, range(CYCLE)):
        first = f"{color}-{place}"
        walk = [first]
        while len(walk) < WALK:
            walk.append(successor(walk[-1]))
        for copy in range(1 + place % 3):
            histories[f"user-{first}-{copy}"] = tuple(walk)
    return InteractionLog("toy", Catalogue(items), histories)


def successor(item_id: str) -> str:
    """Return the item that follows ``item_id`` in its cycle: the right next item."""
    color, place = item_id.rsplit("-", 1)
    return f"{color}-{(int(place) + 1) % CYCLE}"


def toy_training(log: InteractionLog) -> TrainingHistories:
    """Return what a target may learn from: all but the last two items, the second-last to stop."""
    return TrainingHistories(
        histories={user: history[:-2] for user, history in log.histories.items()},
        validation={user: history[-2] for user, history in log.histories.items()},
    )


class LinearTarget(LatentTarget):
    """The target as a sum over the history: what each item adds to each score is known exactly.

    Item j gains 1 for every time it directly followed history item i in training, as a share of
    i's appearances, and ``TOGETHER`` for every time it came later than that. Removing an item from
    the history lowers a score by exactly its ``contributions``. Scores begin a little apart, so
    that items which nothing in the history speaks for have an order as well.
    """

    TOGETHER: Final = 0.1
    APART: Final = 0.01
    """The largest score of an empty history."""

    def __init__(self, kit: TargetKit) -> None:
        self.catalogue, self.max_history = kit.catalogue, kit.max_history
        self.weights: FloatArray = np.zeros((len(kit.catalogue),) * 2, dtype=np.float32)

    def fit(self, training: TrainingHistories, progress: Progress) -> FitReport:
        """Count successions; shown as one bar over users."""
        counts = np.zeros(self.weights.shape)
        appearances = np.zeros(len(self.catalogue))
        with progress.bar("linear target", len(training.histories)) as bar:
            for history in training.histories.values():
                rows = self.catalogue.rows(history)
                for place, row in enumerate(rows):
                    appearances[row] += 1
                    counts[row, rows[place + 1 : place + 2]] += 1.0
                    counts[row, rows[place + 2 :]] += self.TOGETHER
                bar.advance()
        self.weights = (counts / np.maximum(appearances, 1)[:, None]).astype(np.float32)
        return FitReport()

    def contributions(self, history: Sequence[str]) -> FloatArray:
        """Return what each item read of ``history`` adds to each score, ``(H, I)``."""
        return self.weights[self._rows(history)]

    def scores(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return the sums of contributions and of where scores begin, ``(B, I)``."""
        return self.user_vectors(histories) @ self.item_vectors().T

    def user_vectors(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return ``(B, d_rec)``, with d_rec = I: the summed contributions and where they begin."""
        vectors = np.empty((len(histories), len(self.catalogue)), dtype=np.float32)
        vectors[:] = np.linspace(self.APART, 0.0, len(self.catalogue))
        for row, history in enumerate(histories):
            vectors[row] += self.contributions(history).sum(axis=0)
        return vectors

    def item_vectors(self) -> FloatArray:
        """Return ``(I, d_rec)``: one axis per item."""
        return np.eye(len(self.catalogue), dtype=np.float32)

    def save(self, folder: Path) -> None:
        """Write ``linear.safetensors``."""
        from safetensors.numpy import save_file

        save_file({"weights": self.weights}, folder / "linear.safetensors")

    def load(self, folder: Path) -> None:
        """Read ``linear.safetensors``."""
        from safetensors.numpy import load_file

        self.weights = load_file(folder / "linear.safetensors")["weights"]

    def _rows(self, history: Sequence[str]) -> list[int]:
        unknown = [item for item in history if item not in self.catalogue.ids]
        if unknown:
            raise UnknownNameError("item", unknown[0], self.catalogue.ids)
        return self.catalogue.rows(list(history)[-self.max_history :])


def toy_target(log: InteractionLog) -> LinearTarget:
    """Return a ``LinearTarget`` fitted on ``log``: the target of the other kinds' contracts."""
    target = LinearTarget(TargetKit(catalogue=log.catalogue, max_history=10))
    target.fit(toy_training(log), SilentProgress())
    return target


def toy_popularity(log: InteractionLog) -> NDArray[np.int64]:
    """Return interactions per item in the training histories, ``(I,)``."""
    counts = np.zeros(len(log.catalogue), dtype=np.int64)
    for history in toy_training(log).histories.values():
        np.add.at(counts, log.catalogue.rows(history), 1)
    return counts


def toy_asked(log: InteractionLog, target: LatentTarget, max_history: int = 10) -> Asked:
    """Return one context per user, before the last item, with ``target``'s answers.

    The first user's context is the moment after one interaction: the shortest history there is.
    """
    contexts = []
    for place, (user, history) in enumerate(log.histories.items()):
        end = 1 if place == 0 else len(history) - 1
        contexts.append(Context(user, end, history[:end][-max_history:], "train"))
    scores = target.scores([context.history for context in contexts]).copy()
    for row, context in enumerate(contexts):
        seen = log.histories[context.user][: context.end]
        scores[row, log.catalogue.rows(seen)] = -np.inf
    return Asked(contexts, range(len(contexts)), scores, target, log.catalogue)


def toy_cases(log: InteractionLog, target: LatentTarget, count: int = 6) -> list[Case]:
    """Return ``count`` sure cases, in turn the target's favorite (Yes) and its last (No)."""
    asked = toy_asked(log, target)
    cases = []
    for row, context in enumerate(asked.contexts[:count]):
        order = asked.ranking(row)
        place, decision = _EXTREMES[row % 2]
        item = int(order[place])
        cases.append(
            Case(
                id=f"{context.id}/{log.catalogue.ids[item]}",
                user=context.user,
                history=context.history,
                item=log.catalogue.ids[item],
                split="leave_one_out",
                decision=decision,
                score=float(asked.scores[row, item]),
                rank=range(1, len(order) + 1)[place],
                candidates=len(order),
            )
        )
    return cases


_EXTREMES: Final[tuple[tuple[int, Decision], ...]] = ((0, "Yes"), (-1, "No"))
