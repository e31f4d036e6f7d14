"""A small signed linear recommender whose every answer a test can work out by itself."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest

from recexplainer.plugins.interfaces import Asked, FitReport, LatentTarget, Target, TaskKit
from recexplainer.records import Catalogue, Context, Item

ITEMS, WIDTH, USERS, MAX_HISTORY = 60, 6, 25, 5
COLORS = ("Amber", "Cobalt", "Ivory", "Olive", "Umber")
MAKERS = ("Acme", "Borealis Inc.", "Cygnus, s.r.o.")


class SignedTarget(LatentTarget):
    """Scores are the sum over the history of a matrix's rows; ``asked`` counts histories."""

    def __init__(self, catalogue: Catalogue, vectors: np.ndarray) -> None:
        self.catalogue, self.vectors, self.asked = catalogue, vectors, 0

    def fit(self, training, progress):
        return FitReport()

    def user_vectors(self, histories: Sequence[Sequence[str]]) -> np.ndarray:
        out = np.zeros((len(histories), self.vectors.shape[1]), dtype=np.float32)
        for row, history in enumerate(histories):
            for place, item in enumerate(history):
                out[row] += self.vectors[self.catalogue.row(item)] * (1 + 0.1 * (place % 3))
        return out

    def item_vectors(self) -> np.ndarray:
        return self.vectors

    def scores(self, histories: Sequence[Sequence[str]]) -> np.ndarray:
        self.asked += len(histories)
        return self.user_vectors(histories) @ self.vectors.T

    def save(self, folder):
        raise NotImplementedError

    def load(self, folder):
        raise NotImplementedError


class ScoresOnly(Target):
    """The same the target without its vectors."""

    def __init__(self, inner: SignedTarget) -> None:
        self.scores, self.fit = inner.scores, inner.fit

    def fit(self, training, progress):
        raise NotImplementedError

    def scores(self, histories):
        raise NotImplementedError

    def save(self, folder):
        raise NotImplementedError

    def load(self, folder):
        raise NotImplementedError


def _items(rng: np.random.Generator) -> list[Item]:
    items = []
    for number in range(ITEMS):
        attributes = {"color": tuple(rng.choice(COLORS, rng.integers(1, 3), replace=False))}
        if number % 4:
            attributes["maker_name"] = (MAKERS[int(rng.integers(len(MAKERS)))],)
        attributes["note"] = (f"a long remark that only the item with number {number} has",)
        items.append(Item(f"i{number}", f"Thing, No. {number}; part {number % 3}", attributes))
    return items


@pytest.fixture(scope="session")
def world() -> SimpleNamespace:
    """A catalogue, whole histories, training and evaluated contexts, the target, and its kit."""
    rng = np.random.default_rng(7)
    catalogue = Catalogue(_items(rng))
    vectors = rng.standard_normal((ITEMS, WIDTH)).astype(np.float32)
    target = SignedTarget(catalogue, vectors)
    histories = {
        f"u{user}": tuple(f"i{row}" for row in rng.permutation(ITEMS)[: rng.integers(4, 14)])
        for user in range(USERS)
    }

    def context(user: str, end: int, split: str) -> Context:
        return Context(user, end, histories[user][max(0, end - MAX_HISTORY) : end], split)

    train = [
        context(user, end, "train")
        for user, history in histories.items()
        for end in range(1, len(history) - 1)
    ]
    evaluated = [context(user, len(h) - 1, "leave_one_out") for user, h in histories.items()]
    return SimpleNamespace(
        catalogue=catalogue,
        histories=histories,
        train=train,
        evaluated=evaluated,
        target=target,
        excluded=lambda context: histories[context.user][: context.end],
        kit=TaskKit(catalogue, item_vectors=vectors),
        scores_only=ScoresOnly(target),
    )


@pytest.fixture(scope="session")
def asked(world: SimpleNamespace) -> Asked:
    """All training contexts with the target's answers; rows start at 100, so none is a position."""
    scores = world.target.scores([context.history for context in world.train]).copy()
    for position, context in enumerate(world.train):
        scores[position, world.catalogue.rows(world.excluded(context))] = -np.inf
    rows = range(100, 100 + len(world.train))
    return Asked(world.train, rows, scores, world.target, world.catalogue)


@pytest.fixture(scope="session")
def unseen_order(world: SimpleNamespace):
    """Returns the unseen item ids of a context, the target's favorite first, by plain sorting."""

    def order(context: Context) -> list[str]:
        scores = world.target.scores([context.history])[0]
        seen = set(world.histories[context.user][: context.end])
        rows = [row for row in range(ITEMS) if f"i{row}" not in seen]
        return [f"i{row}" for row in sorted(rows, key=lambda row: (-scores[row], row))]

    return order
