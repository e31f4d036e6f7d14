"""Moves: the single changes that a search puts together, by item or by attribute value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from recexplainer.explanation.edits.changes import Change, Kind
from recexplainer.records import Catalogue

__all__ = ["attribute_moves", "item_moves"]

_MOST_ALIKE = 3
"""So many items of one value are added at most."""
_LOOKED_AT = 60
"""The values of so many of the items to add, the most promising, are tried."""
_VALUES = 12
"""So many values are tried for what comes."""

Value = tuple[str, str]
"""An attribute's name and one of its values."""


def item_moves(
    history: Sequence[str], additions: Sequence[str], kinds: Collection[Kind]
) -> list[Change]:
    """Return the changes of one item: removals, additions, then replacements.

    Args:
        history: oldest first; the latest items are tried first.
        additions: the items that may come, the most promising first.
        kinds: those that are allowed.
    """
    latest = list(reversed(history))
    removals = [Change("remove", (old,)) for old in latest]
    added = [Change("add", new=(new,)) for new in additions]
    replaced = [Change("replace", (old,), (new,)) for old in latest for new in additions]
    return _allowed([*removals, *added, *replaced], history, kinds)


def attribute_moves(
    history: Sequence[str],
    additions: Sequence[str],
    catalogue: Catalogue,
    kinds: Collection[Kind],
) -> list[Change]:
    """Return the changes by attribute value: all that have one go, some come, or take their place.

    Args:
        history: oldest first.
        additions: the items that may come, the most promising first.
        catalogue: knows the items' attributes.
        kinds: those that are allowed.
    """
    held = _by_value(history, catalogue)
    offered = _by_value(additions, catalogue)
    wanted = _frequent_values(additions[:_LOOKED_AT], catalogue)
    smallest = sorted(held, key=lambda value: len(held[value]))
    removals = [Change("remove", held[one], (), one[0], old_value=one[1]) for one in smallest]
    added = [
        Change("add", (), offered[one][:count], one[0], new_value=one[1])
        for count in range(1, _MOST_ALIKE + 1)
        for one in wanted
        if len(offered[one]) >= count
    ]
    replaced = [
        change
        for one in smallest
        for other in wanted
        if one[0] == other[0] and one != other
        for change in _exchanged(held[one], one, offered[other], other[1], catalogue)
    ]
    return _allowed([*removals, *added, *replaced], history, kinds)


def _exchanged(
    old: Sequence[str], value: Value, offered: Sequence[str], new_value: str, catalogue: Catalogue
) -> Iterator[Change]:
    """Yield the change that puts items of another value in the place of all that have one."""
    name, old_value = value
    fresh = [item for item in offered if old_value not in _values(catalogue, item, name)]
    new = tuple(fresh[: len(old)])
    if len(new) == len(old):
        yield Change("replace", tuple(old), new, name, old_value, new_value)


def _allowed(
    changes: Sequence[Change], history: Sequence[str], kinds: Collection[Kind]
) -> list[Change]:
    """Return those of the kinds that are allowed, and that can leave something of a history.

    What removes all of it needs another change that adds something.
    """
    whole = len(set(history))
    return [
        change
        for change in changes
        if change.kind in kinds
        and not (change.kind == "remove" and len(change.old) == whole and "add" not in kinds)
    ]


def _by_value(items: Sequence[str], catalogue: Catalogue) -> dict[Value, tuple[str, ...]]:
    """Return each attribute value to the items that have it, in their order."""
    found: dict[Value, dict[str, None]] = {}
    for item in items:
        for name in catalogue.item(item).attributes:
            for value in _values(catalogue, item, name):
                found.setdefault((name, value), {})[item] = None
    return {value: tuple(members) for value, members in found.items()}


def _frequent_values(items: Sequence[str], catalogue: Catalogue) -> list[Value]:
    counts = Counter(value for value, ones in _by_value(items, catalogue).items() for _ in ones)
    return [value for value, _ in counts.most_common(_VALUES)]


def _values(catalogue: Catalogue, item: str, name: str) -> tuple[str, ...]:
    return catalogue.item(item).attributes.get(name, ())
