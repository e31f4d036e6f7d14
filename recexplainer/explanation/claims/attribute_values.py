"""Attribute values named outside of titles, and the items they are assigned to."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

from recexplainer.explanation.claims.ownership import Ascription, AscriptionReader
from recexplainer.explanation.claims.phrase_index import Found, PhraseIndex, lowered
from recexplainer.records import (
    Case,
    Catalogue,
    Claim,
    frequent_values,
    spoken_attribute,
    without_full_stop,
)

__all__ = ["NamedValues"]

_SAYS_NOTHING = frozenset({"unknown", "other", "others", "none", "n/a", "various", "yes", "no"})
_COUNTED = re.compile(
    r"\s+(?:\w+\s+)?(?:others?|items?|users?|people|titles?|ratings?|times|votes?|candidates?|of)\b"
)
_SHORTEST_PLURAL = 5
_NEXT_SENTENCE = re.compile(r"\s*\Z|\s+(?![a-z])\S")


class NamedValues:
    """The attribute values of one catalogue, to be found in texts in any case and in the plural.

    A full stop at a value's end, as of "Inc.", may be left out.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._spellings: dict[str, set[str]] = {}
        self._singular: dict[str, str] = {}
        self._attributes: dict[str, set[str]] = {}
        stopped: set[str] = set()
        for name, values in catalogue.attribute_values.items():
            for value in values:
                if _says_something(without_full_stop(value)):
                    self._spellings.setdefault(_plain(value), set()).add(without_full_stop(value))
                    self._attributes.setdefault(_plain(value), set()).add(name)
                    stopped.add(lowered(value))
        for value in self._spellings:
            plural = _plural(value)
            if plural is not None and plural not in self._spellings:
                self._singular[plural] = value
        self._index = PhraseIndex((*self._spellings, *self._singular, *stopped))
        self._names = {lowered(spoken_attribute(name)): name for name in catalogue.attribute_values}
        self._ascriptions = AscriptionReader(catalogue)
        self._plain_words = _SAYS_NOTHING.union(
            name.casefold() for name in catalogue.attribute_values
        )

    def is_plain_word(self, span: str) -> bool:
        """Return whether a span is an attribute, its value or a decision; so, no title."""
        return _plain(span) in self._spellings or span.casefold() in self._plain_words

    def attributes_of(self, span: str) -> frozenset[str]:
        """Return the attributes that have the value, or the name, which a claim was read from."""
        value = _plain(span)
        if value in self._names:
            return frozenset({self._names[value]})
        return frozenset(self._attributes.get(self._singular.get(value, value), ()))

    def find(self, bare: str, text: str, named: Sequence[Claim], case: Case) -> list[Claim]:
        """Return a claim for each value named, real if those have it whom the text ascribes it to.

        Those of whom the text denies it must not have it. A value that is said of nobody in
        particular is real if the item or an item of the history has it.

        Args:
            bare: the text, each title replaced by underscores.
            text: the text itself, of the same length.
            named: the titles.
            case: whose item and history are meant.
        """

        def accept(found: Found) -> bool:
            if found.phrase.endswith(".") and _NEXT_SENTENCE.match(text, found.end):
                return False  # the full stop is the sentence's; the value is found without it
            written = without_full_stop(text[found.start : found.end])
            return len(written) >= 4 or written in self._spellings[_plain(found.phrase)]

        lower = lowered(bare)
        hits = [hit for hit in self._index.find(lower, accept) if not _counts(lower, hit)]
        whose = self._ascriptions.read(bare, [(hit.start, hit.end) for hit in hits], named, case)
        return [
            self._claim(text, hit, ascribed, case)
            for hit, ascribed in zip(hits, whose, strict=True)
        ]

    def _claim(self, text: str, hit: Found, said: Ascription, case: Case) -> Claim:
        value = _plain(self._singular.get(hit.phrase, hit.phrase))
        having = [
            item
            for item in said.items or (case.item, *reversed(case.history))
            if self._has(item, value)
        ]
        detail = self._untrue(value, said, having, case)
        return Claim(
            kind="attribute",
            text=text[hit.start : hit.end],
            start=hit.start,
            end=hit.end,
            item=next(iter(having), None),
            real=not detail,
            items=said.items,
            detail=detail,
        )

    def _untrue(self, value: str, said: Ascription, having: Sequence[str], case: Case) -> str:
        """Return what does not hold of what is said of a value; empty where all does."""
        lacking = [item for item in said.items if item not in having]
        if lacking:
            return f"not of {self._titles(lacking)}"
        denied = [item for item in said.lacking if self._has(item, value)]
        if denied:
            return f"it is of {self._titles(denied)}"
        frequent = self._is_frequent(value, case)
        if said.history and not frequent:
            return "not frequent in the history"
        if said.infrequent and frequent:
            return "frequent in the history"
        denies = said.lacking or said.infrequent
        return "" if having or denies else "neither of the item nor of the history"

    def _titles(self, items: Sequence[str]) -> str:
        return ", ".join(self._catalogue.title(item) for item in items)

    def _has(self, item: str, value: str) -> bool:
        values = chain.from_iterable(self._catalogue.item(item).attributes.values())
        return any(_plain(one) == value for one in values)

    def _is_frequent(self, value: str, case: Case) -> bool:
        history = [self._catalogue.item(item) for item in case.history]
        return any(
            _plain(one) == value
            for name in self._attributes[value]
            for one in frequent_values(name, history)
        )


def _plain(value: str) -> str:
    """Return a value as it is looked up, in whatever case, with or without a full stop."""
    return lowered(without_full_stop(value))


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


def _counts(text: str, found: Found) -> bool:
    """Return whether digits are part of a longer number, a price, a share or a count."""
    around = text[max(0, found.start - 2) : found.start], text[found.end : found.end + 2]
    if re.search(r"\d[.,]$|[$#]$", around[0]) or re.match(r"[.,]\d|%", around[1]):
        return True
    return found.phrase.isdigit() and _COUNTED.match(text, found.end) is not None
