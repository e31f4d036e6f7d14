"""Titles fit for prompts: one line, no marks of ours in them, and one title for one item."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from recexplainer.data.markup import listed_texts, plain_text
from recexplainer.records import Item

__all__ = ["clean_item", "clean_text", "clean_title", "with_distinct_titles"]

_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs"})
"""Control, format, private-use (``USER_MARK`` and ``ITEM_MARK`` among them) and surrogates."""
_JOINERS = frozenset("\u200c\u200d")
"""Format characters that spelling needs, in Persian, Indic scripts and emoji."""
_STRAIGHT_QUOTES = str.maketrans({"\u201c": '"', "\u201d": '"'})
"""Explanations cite titles between curly quotes."""
_LIST_SEPARATOR = "; "
"""Prompts list titles with this between them."""

_LONGEST_ADDITION = 20


def clean_text(text: str) -> str:
    """Return ``text`` on one line, composed (NFC), without markup and characters nobody sees.

    Entities and tags come first: a later step would cut what they are known by.
    """
    spaced = " ".join(unicodedata.normalize("NFC", plain_text(text)).split())
    if spaced.isascii() and spaced.isprintable():
        return spaced
    kept = "".join(
        mark
        for mark in spaced
        if mark in _JOINERS or unicodedata.category(mark) not in _DROPPED_CATEGORIES
    )
    return " ".join(kept.split())


def clean_title(title: str) -> str:
    """Return ``title`` as clean text that can stand in a list or between curly quotes."""
    return clean_text(title).translate(_STRAIGHT_QUOTES).replace(_LIST_SEPARATOR, ", ")


def clean_item(item: Item) -> Item:
    """Return ``item`` with clean title and attributes; values left empty or twice are dropped."""
    attributes: dict[str, tuple[str, ...]] = {}
    for name, values in item.attributes.items():
        single = (one for value in values for one in listed_texts(value) or (value,))
        cleaned = dict.fromkeys(map(clean_text, single))
        if kept := tuple(value for value in cleaned if value):
            attributes[clean_text(name)] = kept
    return replace(item, title=clean_title(item.title), attributes=attributes)


def with_distinct_titles(items: Sequence[Item]) -> tuple[list[Item], int, int]:
    """Make every title name one item, also for readers that ignore upper and lower case.

    Items that share a title get, in parentheses, the first attribute that tells all of them apart
    by one short value each, and else their id in brackets.

    Returns:
        The items in their order, how many titles got an attribute, and how many an id.
    """
    distinct = list(items)
    by_attribute: set[int] = set()
    by_id: set[int] = set()
    # An extended title may be another item's own, hence more than one round.
    while shared := _rows_that_share(distinct):
        for rows in shared:
            group = [distinct[row] for row in rows]
            additions = _telling_values(group)
            (by_attribute if additions else by_id).update(rows)
            for row, item, addition in zip(rows, group, additions or _ids(group), strict=True):
                distinct[row] = replace(item, title=f"{item.title} {addition}")
    return distinct, len(by_attribute - by_id), len(by_id)


def _rows_that_share(items: Sequence[Item]) -> list[list[int]]:
    rows_of: defaultdict[str, list[int]] = defaultdict(list)
    for row, item in enumerate(items):
        rows_of[item.title.casefold()].append(row)
    return [rows for rows in rows_of.values() if len(rows) > 1]


def _telling_values(group: Sequence[Item]) -> list[str]:
    """Return each item's value of the first attribute that differs throughout, or nothing."""
    for name in group[0].attributes:
        values = [item.attributes.get(name, ()) for item in group]
        single = {clean_title(value[0]).casefold() for value in values if len(value) == 1}
        if len(single) == len(group) and max(map(len, single)) <= _LONGEST_ADDITION:
            return [f"({clean_title(value[0])})" for value in values]
    return []


def _ids(group: Sequence[Item]) -> list[str]:
    ids = [clean_title(item.id) for item in group]
    if len({name.casefold() for name in ids}) < len(group):  # ids that only look different
        ids = [str(number) for number in range(1, len(group) + 1)]
    return [f"[{name}]" for name in ids]
