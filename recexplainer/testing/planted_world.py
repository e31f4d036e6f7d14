"""World for planted defects: users who walk, with detours, through items of one color at a time.

Larger than the toy world and not quite as regular, as data are: items differ in fame, some were
met by few users, and what comes next is likely, not certain.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from recexplainer.data.split import LogSplit, split
from recexplainer.plugins.interfaces import FloatArray, Target, TargetKit
from recexplainer.records import Catalogue, InteractionLog, Item, SilentProgress
from recexplainer.testing.toy import LinearTarget

__all__ = [
    "MAX_HISTORY",
    "RecencyTarget",
    "planted_log",
    "planted_split",
    "recency_target",
    "trained_sasrec",
]

MAX_HISTORY: Final = 15
_COLORS: Final = ("red", "green", "blue", "white", "black", "amber")
_CYCLE: Final = 20
_USERS: Final = 300
_COLD: Final = 2
"""The last items of every color: next to nobody meets them."""


def planted_log(seed: int) -> InteractionLog:
    """Return 6 cycles of 20 items, and 300 users who take 8 to 24 of them.

    Neighbors in the catalogue are of different colors, as in the toy world.
    """
    rng = np.random.default_rng(seed)
    items = [
        Item(f"{color}-{place}", f"{color.capitalize()} Stone No. {place}", {"color": (color,)})
        for place in range(_CYCLE)
        for color in _COLORS
    ]
    histories = {f"u{user}": _walk(rng) for user in range(_USERS)}
    return InteractionLog(f"planted-{seed}", Catalogue(items), histories)


def _walk(rng: np.random.Generator) -> tuple[str, ...]:
    """Return one user's items: steps of one or two along a cycle, and now and then another one."""
    color, place = int(rng.integers(len(_COLORS))), int(rng.integers(_CYCLE))
    taken: list[str] = []
    for _ in range(int(rng.integers(8, 25))):
        if rng.random() < 0.2:
            color, place = int(rng.integers(len(_COLORS))), int(rng.integers(_CYCLE))
        while (item := f"{_COLORS[color]}-{place}") in taken or _avoided(place, rng):
            place = (place + 1) % _CYCLE
            if rng.random() < 0.05:
                color = int(rng.integers(len(_COLORS)))
        taken.append(item)
        place = (place + (1 if rng.random() < 0.75 else 2)) % _CYCLE
    return tuple(taken)


def _avoided(place: int, rng: np.random.Generator) -> bool:
    """Whether a user passes an item by: the cold ones nearly always, others by their fame."""
    chance = 0.95 if place >= _CYCLE - _COLD else 0.05 + 0.3 * (place % 5 == 3)
    return bool(rng.random() < chance)


def planted_split(log: InteractionLog, seed: int) -> LogSplit:
    """Return who learns from what."""
    return split(log, max_history=MAX_HISTORY, held_out_users=0.1, seed=seed)


class RecencyTarget(LinearTarget):
    """A linear target that forgets: what an item adds is worth less the longer ago it was taken."""

    KEPT: Final = 0.7
    """What is left of a contribution one item later."""

    def user_vectors(self, histories: Sequence[Sequence[str]]) -> FloatArray:
        """Return ``(B, I)``: the contributions, the last item's in full, and where they begin."""
        vectors = np.empty((len(histories), len(self.catalogue)), dtype=np.float32)
        vectors[:] = np.linspace(self.APART, 0.0, len(self.catalogue))
        for row, history in enumerate(histories):
            added = self.contributions(history)
            vectors[row] += (added * self.KEPT ** np.arange(len(added))[::-1, None]).sum(axis=0)
        return vectors


def recency_target(log: InteractionLog, seed: int) -> RecencyTarget:
    """Return a linear target of the world, fitted."""
    target = RecencyTarget(TargetKit(log.catalogue, MAX_HISTORY, seed))
    target.fit(planted_split(log, seed).training, SilentProgress())
    return target


def trained_sasrec(log: InteractionLog, seed: int) -> Target:
    """Return a small SASRec of the world, trained in some seconds; loads torch and RecBole."""
    from recexplainer.targets.recbole.families import SasRecOptions
    from recexplainer.targets.recbole.recbole_providers import build_sequential

    options = SasRecOptions(
        max_epochs=24, validate_every=4, hidden_size=32, inner_size=64, layers=1
    )
    target = build_sequential(options, TargetKit(log.catalogue, MAX_HISTORY, seed))
    target.fit(planted_split(log, seed).training, SilentProgress())
    return target
