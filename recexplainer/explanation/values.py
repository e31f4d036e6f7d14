"""Finds the attribute values that a text names outside of titles, and whose they are."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recexplainer.explanation.phrases import Found, PhraseIndex, lowered
from recexplainer.records import Case, Catalogue, Claim

__all__ = ["NamedValues"]

_SAYS_NOTHING = frozenset({"unknown", "other", "others", "none", "n/a", "various", "yes", "no"})
_COUNTED = re.compile(
    r"\s+(?:\w+\s+)?(?:others?|items?|users?|people|titles?|ratings?|times|votes?|candidates?|of)\b"
)
_SHORTEST_PLURAL = 5


class NamedValues:
    """The attribute values of one catalogue, to be found in texts in any case and in the plural."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._spellings: dict[str, set[str]] = {}
        self._singular: dict[str, str] = {}
        self._attributes: dict[str, set[str]] = {}
        for name, values in catalogue.attribute_values.items():
            for value in values:
                if _says_something(value):
                    self._spellings.setdefault(lowered(value), set()).add(value)
                    self._attributes.setdefault(lowered(value), set()).add(name)
        for value in self._spellings:
            plural = _plural(value)
            if plural is not None and plural not in self._spellings:
                self._singular[plural] = value
        self._index = PhraseIndex((*self._spellings, *self._singular))
        names = (name.casefold() for name in catalogue.attribute_values)
        self._plain_words = _SAYS_NOTHING.union(names)

    def is_plain_word(self, span: str) -> bool:
        """Return whether a span is an attribute, its value or a decision; so, no title."""
        return lowered(span) in self._spellings or span.casefold() in self._plain_words

    def attributes_of(self, span: str) -> frozenset[str]:
        """Return the attributes that have the value which a claim was read from."""
        value = lowered(span)
        return frozenset(self._attributes.get(self._singular.get(value, value), ()))

    def find(self, bare: str, text: str, case: Case) -> Iterator[Claim]:
        """Yield a claim for each value named, real if the item or an item of the history has it.

        Args:
            bare: the text, each title replaced by underscores.
            text: the text itself, of the same length.
            case: whose item and history are meant.
        """
        owner = self._owners(case)

        def accept(found: Found) -> bool:
            written = text[found.start : found.end]
            return len(written) >= 4 or written in self._spellings[found.phrase]

        for hit in self._index.find(lowered(bare), accept):
            if not _is_number_of_something(bare, hit):
                item = owner.get(self._singular.get(hit.phrase, hit.phrase))
                yield Claim(
                    kind="attribute",
                    text=text[hit.start : hit.end],
                    start=hit.start,
                    end=hit.end,
                    item=item,
                    real=item is not None,
                )

    def _owners(self, case: Case) -> dict[str, str]:
        """Return the attribute values of item and history, each with an item that has it."""
        owner: dict[str, str] = {}
        for item in (case.item, *reversed(case.history)):
            for values in self._catalogue.item(item).attributes.values():
                for value in values:
                    owner.setdefault(lowered(value), item)
        return owner


def _says_something(value: str) -> bool:
    """Return whether a value in a text is a claim: numbers of under four digits are anything."""
    if value.casefold() in _SAYS_NOTHING or len(value) < 2:
        return False
    return not re.fullmatch(r"[\d.,]+", value) or len(value) >= 4


def _plural(value: str) -> str | None:
    """Return the plural of a value of one longer word, such as ``comedies``."""
    if len(value) < _SHORTEST_PLURAL or not value.isalpha() or value.endswith("s"):
        return None
    return f"{value[:-1]}ies" if re.search(r"[^aeiou]y$", value) else f"{value}s"


def _is_number_of_something(text: str, found: Found) -> bool:
    """Return whether digits are part of a longer number, a price, a share or a count."""
    around = text[max(0, found.start - 2) : found.start], text[found.end : found.end + 2]
    if re.search(r"\d[.,]$|[$#]$", around[0]) or re.match(r"[.,]\d|%", around[1]):
        return True
    return found.phrase.isdigit() and _COUNTED.match(text, found.end) is not None
