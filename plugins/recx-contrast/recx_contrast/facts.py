"""What a contrast may say, found by asking the target about histories with items removed.

The target's *lead* is its score of the preferred item minus its score of the other one, after a
history. An item of the history makes a difference when the lead is smaller without it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from recexplainer.plugins.interfaces import Target
from recexplainer.records import Catalogue, Item

__all__ = ["Facts", "Pair", "Value", "facts_of", "negligible"]

_SCORES_AT_ONCE = 2**24
"""Bounds memory: so many scores of the target (64 MB) are held at a time."""
_NOISE = 1e-5
"""Relative to a score of 1: smaller differences are rounding, not the target's opinion."""
_MINOR = 0.5
"""Effects below this part of the largest one are not named beside it."""
_MOST_VALUES = 4
"""How many attribute values are tried per pair; each costs the target one more history."""
_LONGEST_VALUE = 30
"""Longer values are descriptions and are not recited."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A question: two items after a history, and the target's scores of them.

    Attributes:
        history: item ids, oldest first: what the target reads.
        preferred, other: ids of the item that the target scores higher, and of the other one.
        scores: the target's scores of these two after the whole history.
    """

    history: tuple[str, ...]
    preferred: str
    other: str
    scores: tuple[float, float]

    @property
    def lead(self) -> float:
        """How far the target prefers the preferred item, in the target's own unit."""
        return self.scores[0] - self.scores[1]


@dataclass(frozen=True, slots=True)
class Value:
    """A value that the preferred item has, the other one lacks, and some of the history has.

    Attributes:
        attribute, value: such as ``genre`` and ``Drama``.
        holders: items of the history that have it.
    """

    attribute: str
    value: str
    holders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What makes the target prefer one item to another.

    Attributes:
        pair: the question.
        causes: items of the history without which the lead is smaller, strongest first.
        decisive: the first of ``causes`` is enough: without it the target would prefer the other
            item.
        value: the value whose holders make the most difference, when they are removed together:
            at least half the lead; None where no value does.
        overturned: without the holders of ``value``, the target would prefer the other item.
    """

    pair: Pair
    causes: tuple[str, ...]
    decisive: bool
    value: Value | None
    overturned: bool


def negligible(*scores: float) -> float:
    """Return the difference between such scores that is the noise of single precision."""
    return _NOISE * max(1.0, *map(abs, scores))


def facts_of(
    pairs: Sequence[Pair], target: Target, catalogue: Catalogue, most_causes: int
) -> Iterator[Facts]:
    """Yield the facts of each pair, in order; the target is asked in bounded batches.

    Args:
        pairs: the questions.
        target: the recommender to be explained.
        catalogue: the items.
        most_causes: the most items that are named as causes.
    """
    values = [_distinguishing(pair, catalogue) for pair in pairs]
    removals = [
        (pair, removed)
        for pair, tried in zip(pairs, values, strict=True)
        for removed in [*((item,) for item in dict.fromkeys(pair.history)),
                        *(value.holders for value in tried)]
    ]  # fmt: skip
    leads = _leads_without(removals, target, catalogue)
    for pair, tried in zip(pairs, values, strict=True):
        alone = {item: next(leads) for item in dict.fromkeys(pair.history)}
        together = [next(leads) for _ in tried]
        yield _facts(pair, alone, list(zip(tried, together, strict=True)), most_causes)


def _facts(
    pair: Pair, alone: dict[str, float], together: list[tuple[Value, float]], most_causes: int
) -> Facts:
    least = negligible(*pair.scores)
    effects = {item: pair.lead - lead for item, lead in alone.items()}
    strongest = max(effects.values(), default=0.0)
    named = [item for item, effect in effects.items() if effect >= max(_MINOR * strongest, least)]
    causes = sorted(named, key=lambda item: -effects[item])[:most_causes]
    value, lead = min(together, key=lambda tried: tried[1], default=(None, pair.lead))
    telling = value is not None and pair.lead - lead >= max(_MINOR * pair.lead, least)
    return Facts(
        pair=pair,
        causes=tuple(causes),
        decisive=bool(causes) and alone[causes[0]] < -least,
        value=value if telling else None,
        overturned=telling and lead < -least,
    )


def _distinguishing(pair: Pair, catalogue: Catalogue) -> list[Value]:
    """Return the values worth trying: those held most often in the history, but not by all of it.

    A value of a single item is left out: removing its holder is removing that item.
    """
    preferred, other = catalogue.item(pair.preferred), catalogue.item(pair.other)
    history = [catalogue.item(item) for item in dict.fromkeys(pair.history)]
    found = []
    for attribute, own in preferred.attributes.items():
        for value in dict.fromkeys(own):
            holders = tuple(item.id for item in history if _has(item, attribute, value))
            fits = 1 < len(holders) < len(history) and len(value) <= _LONGEST_VALUE
            if fits and not _has(other, attribute, value):
                found.append(Value(attribute, value, holders))
    return sorted(found, key=lambda value: -len(value.holders))[:_MOST_VALUES]


def _has(item: Item, attribute: str, value: str) -> bool:
    return value in item.attributes.get(attribute, ())


def _leads_without(
    removals: Sequence[tuple[Pair, tuple[str, ...]]], target: Target, catalogue: Catalogue
) -> Iterator[float]:
    """Yield the lead of each pair once the given items are removed wherever they occur."""
    step = max(1, _SCORES_AT_ONCE // max(1, len(catalogue)))
    for start in range(0, len(removals), step):
        batch = removals[start : start + step]
        histories = [
            [item for item in pair.history if item not in removed] for pair, removed in batch
        ]
        rows = np.array([catalogue.rows((pair.preferred, pair.other)) for pair, _ in batch])
        scores = np.take_along_axis(target.scores(histories), rows, axis=1).astype(np.float64)
        yield from (scores[:, 0] - scores[:, 1]).tolist()
