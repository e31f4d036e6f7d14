"""Facts of a rationale: decision, causes, and how attributes agree or differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from recexplainer.oracle import NOISE, causes_among, sign_of
from recexplainer.records import Catalogue, Decision, Item, frequent_values

__all__ = [
    "AttributeFacts",
    "Facts",
    "attribute_facts",
    "causes_of",
    "common_values",
    "speakable_attributes",
    "tells_something",
]

_COMMON = 0.5
"""A value that so many of the items have is shared by chance."""
_LONGEST_VALUES = 30.0
"""Attributes with longer values on average are descriptions; a rationale does not recite them."""
_MOST_LEANINGS = 2
"""How many values a history is said to lean to."""


@dataclass(frozen=True, slots=True)
class AttributeFacts:
    """One attribute of the item in question, beside the history.

    Attributes:
        name: the attribute.
        own: the item's values.
        leaning: the one or two values most frequent in the history, each in two items or more.
        fitting: the item's values that are frequent in the history, named by ``leaning`` or not.
        shared: values that the item shares with every one of ``holders``.
        holders: the causes that have ``shared``, in the causes' order; as many as possible.
    """

    name: str
    own: tuple[str, ...]
    leaning: tuple[str, ...]
    fitting: tuple[str, ...]
    shared: tuple[str, ...]
    holders: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is said of one (history, item) question.

    Attributes:
        decision: f's.
        item: the item in question.
        causes: ids of the history's items whose removal moves the target's score of the item most
            against the decision, strongest first; empty when none does.
        others: ids of further ones that move it that way, but too little to be called causes.
        attribute: the one attribute that is spoken of, or None where none is.
        decisive: whether the target decides otherwise without the first of the causes.
    """

    decision: Decision
    item: str
    causes: tuple[str, ...]
    others: tuple[str, ...] = ()
    attribute: AttributeFacts | None = None
    decisive: bool = False


def causes_of(
    decision: Decision, score: float, without: dict[str, float], count: int
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return up to ``count`` items on which the target's decision rests most, strongest first.

    First those that may be called its causes, then others that still pull that way.

    Args:
        decision: ``Yes`` rests on items whose removal lowers the target's score, ``No`` on those
            whose removal raises it.
        score: the target's score of the item in question, after the whole history.
        without: each item of the history, with the target's score once it is removed.
        count: the most that are returned in all.
    """
    sign, noise = sign_of(decision), NOISE * max(1.0, abs(score))
    pulls = {item: sign * (score - other) for item, other in without.items()}
    causes = tuple(causes_among(pulls, noise)[:count])
    rest = (item for item, pull in pulls.items() if pull > noise and item not in causes)
    others = sorted(rest, key=lambda item: -pulls[item])
    return causes, tuple(others[: count - len(causes)])


def common_values(catalogue: Catalogue) -> Mapping[str, frozenset[str]]:
    """Return the values of each attribute that half of the items have, or more.

    To share one of these with an item says next to nothing.
    """
    counts = {
        name: Counter(value for item in catalogue for value in item.attributes.get(name, ()))
        for name in catalogue.attribute_values
    }
    least = _COMMON * len(catalogue)
    return {
        name: frozenset(value for value, count in seen.items() if count >= least)
        for name, seen in counts.items()
    }


def attribute_facts(
    name: str, item: Item, causes: Sequence[Item], history: Sequence[Item]
) -> AttributeFacts:
    """Return what is true of the attribute ``name`` of ``item``, beside causes and history."""
    own = item.attributes.get(name, ())
    holders: dict[str, tuple[str, ...]] = {}
    for value in own:
        having = tuple(cause.id for cause in causes if value in cause.attributes.get(name, ()))
        if having:
            holders[value] = having
    widest = max(holders.values(), key=len, default=())
    shared = tuple(value for value in holders if holders[value] == widest)
    frequent = frequent_values(name, history)
    return AttributeFacts(
        name=name,
        own=own,
        leaning=frequent[:_MOST_LEANINGS],
        fitting=tuple(value for value in own if value in frequent),
        shared=shared,
        holders=widest,
    )


def speakable_attributes(catalogue: Catalogue) -> tuple[str, ...]:
    """Return the attributes that can link items: short values, and one at least that two have."""
    return tuple(
        name
        for name, values in catalogue.attribute_values.items()
        if sum(map(len, values)) <= _LONGEST_VALUES * len(values)
        and sum(values[0] in item.attributes.get(name, ()) for item in catalogue) > 1
    )


def tells_something(attribute: AttributeFacts, common: Mapping[str, frozenset[str]]) -> bool:
    """Return whether what is said of it is more than chance: none of its values is common."""
    return not {*attribute.own, *attribute.leaning}.intersection(common[attribute.name])
