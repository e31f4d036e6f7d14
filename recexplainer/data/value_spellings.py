"""One spelling for one attribute value: readers see no difference between "Capcom" and "CAPCOM"."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from recexplainer.records import Item, without_full_stop

__all__ = ["with_one_spelling"]


def with_one_spelling(items: Sequence[Item]) -> tuple[list[Item], dict[str, str]]:
    """Spell values of one attribute that differ in case, or in a last full stop, as most items do.

    Else a text would say of an item that its genre is "Free To Play" and that of the history "Free
    to Play", as if these were two.

    Returns:
        The items in their order, and each spelling that was replaced with the one it is now.
    """
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for item in items:
        for name, values in item.attributes.items():
            counts[name].update(values)
    usual = {name: changed for name, seen in counts.items() if (changed := _respelled(seen))}
    replaced = {old: new for changed in usual.values() for old, new in changed.items()}
    return [_spelled(item, usual) for item in items] if usual else list(items), replaced


def _respelled(counts: Counter[str]) -> dict[str, str]:
    """Return the rarer spellings of one attribute's values with the most frequent of each."""
    chosen: dict[str, str] = {}
    for value, _ in counts.most_common():  # of equally many, the first that was seen
        chosen.setdefault(_key(value), value)
    return {value: chosen[_key(value)] for value in counts if chosen[_key(value)] != value}


def _key(value: str) -> str:
    return without_full_stop(value).casefold()


def _spelled(item: Item, usual: Mapping[str, Mapping[str, str]]) -> Item:
    if usual.keys().isdisjoint(item.attributes):
        return item
    attributes = {
        name: tuple(dict.fromkeys(usual.get(name, {}).get(value, value) for value in values))
        for name, values in item.attributes.items()
    }
    return replace(item, attributes=attributes)
