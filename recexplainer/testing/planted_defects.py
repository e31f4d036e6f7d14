"""Planted defects: twelve ways to break a recommender, each with a sound twin.

A defect wraps a target and spoils its answers, the twin does something harmless of the same kind.
What an audit says of both is a benchmark of its own: see ``defect_benchmark``.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from recexplainer.plugins.interfaces import FloatArray, Target
from recexplainer.testing.planted_target import PlantedTarget, World

__all__ = ["DEFECTS", "Defect"]

_Histories = Sequence[Sequence[str]]


class Defect(NamedTuple):
    """One defect.

    Attributes:
        name: in the words of the issue that a developer would write.
        probe: the probe of an audit that should name it first.
        broken, twin: build the target that has it, and its sound twin.
    """

    name: str
    probe: str
    broken: Callable[[World], Target]
    twin: Callable[[World], Target]


def _scores_of(scores: FloatArray) -> tuple[NDArray[Any], Any, Any]:
    """Return standardized scores, with their means and spreads."""
    mean = scores.mean(axis=1, keepdims=True)
    spread = np.maximum(scores.std(axis=1, keepdims=True), 1e-9)
    return (scores - mean) / spread, mean, spread


def _shifted(world: World) -> Target:
    return PlantedTarget(world, spoil=lambda scores, _: np.roll(scores, 1, axis=1))


def _in_other_order(world: World) -> Target:
    """Return scores that went through another order of the items and back."""
    there = np.random.default_rng(0).permutation(len(world.catalogue))
    back = np.argsort(there)
    return PlantedTarget(world, spoil=lambda scores, _: scores[:, there][:, back])


def _cut_to_one(world: World) -> Target:
    return PlantedTarget(world, read=lambda history: history[-1:])


def _cut_to_half(world: World) -> Target:
    return PlantedTarget(world, read=lambda history: history[-max(1, world.max_history // 2) :])


def _boosted(world: World, known: dict[tuple[str, ...], str], by: float) -> Target:
    """Return a target that adds ``by`` deviations to the item that is ``known`` to come next."""

    def boost(scores: FloatArray, histories: _Histories) -> FloatArray:
        for row, history in enumerate(histories):
            item = known.get(tuple(history)[-world.max_history :])
            if item is not None:
                scores[row, world.catalogue.row(item)] += by * scores[row].std()
        return scores

    return PlantedTarget(world, spoil=boost)


def _future(world: World) -> Target:
    histories, most = world.log.histories, world.max_history
    return _boosted(world, {one[:-1][-most:]: one[-1] for one in histories.values()}, 2.0)


def _past(world: World) -> Target:
    """Return a target that remembers what it was trained on."""
    histories, most = world.log.histories, world.max_history
    return _boosted(world, {one[:-3][-most:]: one[-3] for one in histories.values()}, 2.0)


def _popular(world: World, weight: float) -> Target:
    counts = np.log1p(world.split.popularity)
    added = weight * (counts - counts.mean()) / counts.std()
    return PlantedTarget(world, spoil=lambda scores, _: _scores_of(scores)[0] + added)


def _first_value(world: World) -> NDArray[np.int64]:
    """Return the rows of the items of one middling frequent value of an attribute."""
    rows: dict[tuple[str, str], list[int]] = {}
    for row, item in enumerate(world.catalogue):
        for name, values in item.attributes.items():
            for value in values:
                rows.setdefault((name, value), []).append(row)
    by_size = sorted(rows.values(), key=len)
    fitting = [one for one in by_size if 5 <= len(one) <= len(world.catalogue) // 4]
    return np.array(fitting[-1])


def _zeroed(world: World) -> Target:
    rows = _first_value(world)

    def zero(scores: FloatArray, _: _Histories) -> FloatArray:
        scores[:, rows] = 0.0
        return scores

    return PlantedTarget(world, spoil=zero)


def _lowered(world: World) -> Target:
    rows = _first_value(world)

    def lower(scores: FloatArray, _: _Histories) -> FloatArray:
        scores[:, rows] -= 0.2 * scores.std(axis=1, keepdims=True)
        return scores

    return PlantedTarget(world, spoil=lower)


def _pairs(world: World) -> list[tuple[int, int]]:
    """Return three pairs of well-known items."""
    known = np.argsort(-world.split.popularity, kind="stable")[:40]
    drawn = np.random.default_rng(1).permutation(known)[:6]
    return [(int(drawn[place]), int(drawn[place + 1])) for place in (0, 2, 4)]


def _alike(world: World, weight: float) -> Target:
    """Return a target to which the second of each pair is the first one, to the given weight."""
    pairs = _pairs(world)

    def copy(scores: FloatArray, _: _Histories) -> FloatArray:
        for first, second in pairs:
            scores[:, second] = weight * scores[:, first] + (1 - weight) * scores[:, second]
        return scores

    return PlantedTarget(world, spoil=copy)


def _stale(world: World, *, moved: bool) -> Target:
    """Return a target a third of whose items have the vectors of before a renumbering.

    Args:
        world: the sound world.
        moved: whether the numbers changed; the twin's stayed as they are.
    """
    count, rng = len(world.catalogue), np.random.default_rng(2)
    rows = rng.permutation(count)[: count // 3]
    old = np.roll(rows, 1) if moved else rows

    def renumber(scores: FloatArray, _: _Histories) -> FloatArray:
        scores[:, rows] = scores[:, old]
        return scores

    return PlantedTarget(world, spoil=renumber)


def _padded(world: World) -> Target:
    """Return a target that fills short histories up with the first item of the catalogue."""
    first = world.catalogue.ids[0]

    def fill(history: Sequence[str]) -> list[str]:
        read = list(history)[-world.max_history :]
        return [first] * (world.max_history - len(read)) + read

    return PlantedTarget(world, read=fill)


def _whole(world: World) -> Target:
    """Return a target that is handed the window that it reads anyway."""
    return PlantedTarget(world, read=lambda history: list(history)[-world.max_history :])


def _reversed(world: World) -> Target:
    return PlantedTarget(world, read=lambda history: list(history)[-world.max_history :][::-1])


def _last_two_swapped(world: World) -> Target:
    """Return a target that reads the two items before the last in the other order."""
    return PlantedTarget(
        world, read=lambda one: [*one[:-3], *one[-3:-1][::-1], *one[-1:]] if len(one) > 2 else one
    )


def _other_users(world: World) -> Target:
    """Return a target that answers for another user, always the same for the same history."""
    stored = sorted(world.split.training.histories.values())

    def swap(history: Sequence[str]) -> Sequence[str]:
        return stored[zlib.crc32("\n".join(history).encode()) % len(stored)]

    return PlantedTarget(world, read=swap)


def _noisy(world: World) -> Target:
    """Return a target whose scores are moved a little, always alike for the same item."""
    noise = 0.1 * np.random.default_rng(3).standard_normal(len(world.catalogue))
    return PlantedTarget(world, spoil=lambda scores, _: _scores_of(scores)[0] + noise)


def _clipped(world: World, quantile: float) -> Target:
    """Return a target that answers no score above a quantile of its scores."""
    sample = [one[:-1][-world.max_history :] for one in list(world.log.histories.values())[:50]]
    top = float(np.quantile(world.target.scores(sample), quantile))
    return PlantedTarget(world, spoil=lambda scores, _: np.minimum(scores, top))


def _without_cold(world: World, below: int, by: float) -> Target:
    cold = np.flatnonzero(world.split.popularity < below)

    def sink(scores: FloatArray, _: _Histories) -> FloatArray:
        scores[:, cold] -= by * scores.std(axis=1, keepdims=True)
        return scores

    return PlantedTarget(world, spoil=sink)


DEFECTS: tuple[Defect, ...] = (
    Defect("ids shifted by one", "shifted columns", _shifted, _in_other_order),
    Defect("history cut to one item", "last item only", _cut_to_one, _cut_to_half),
    Defect("future leaked", "leakage", _future, _past),
    Defect(
        "popularity added",
        "recommended to all",
        lambda world: _popular(world, 4.0),
        lambda world: _popular(world, 0.2),
    ),
    Defect("one genre zeroed", "silent attribute", _zeroed, _lowered),
    Defect(
        "duplicate titles",
        "duplicates",
        lambda world: _alike(world, 1.0),
        lambda world: _alike(world, 0.5),
    ),
    Defect(
        "stale vectors",
        "deaf items",
        lambda world: _stale(world, moved=True),
        lambda world: _stale(world, moved=False),
    ),
    Defect("padding read as an item", "padding", _padded, _whole),
    Defect("order reversed", "reversed order", _reversed, _last_two_swapped),
    Defect("user vectors shuffled", "wrong user", _other_users, _noisy),
    Defect(
        "scores clipped",
        "equal scores",
        lambda world: _clipped(world, 0.8),
        lambda world: _clipped(world, 1.0),
    ),
    Defect(
        "cold items unreachable",
        "unreachable items",
        lambda world: _without_cold(world, _few(world), 100.0),
        lambda world: _without_cold(world, _few(world), 0.2),
    ),
)
"""The twelve, with what should be said of each first."""


def _few(world: World) -> int:
    """Return how many interactions an item lacks that is called cold: the rarest tenth."""
    counts = world.split.popularity
    return 1 + int(np.quantile(counts[counts > 0], 0.1))
