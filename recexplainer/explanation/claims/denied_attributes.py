"""Attributes of which a text denies any value: none shared, none repeated, none recorded."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import chain

from recexplainer.explanation.claims.ownership import attribute_names, named_owners
from recexplainer.explanation.claims.ownership_patterns import THE_HISTORY, THE_ITEM, TITLES
from recexplainer.explanation.claims.what_ifs import titles_joined
from recexplainer.records import Case, Catalogue, Claim, frequent_values, spoken_attribute

__all__ = ["DeniedAttributes"]

_UNKNOWN = frozenset({"unknown", "none", "n/a"})


class DeniedAttributes:
    """Sentences about an attribute of one catalogue that name none of its values."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._names = {
            spoken_attribute(name).casefold(): name for name in catalogue.attribute_values
        }
        spoken = "|".join(sorted(attribute_names(catalogue), key=len, reverse=True))
        name = rf"(?P<name>{spoken})(?:s|es)?"
        self._unshared = _compiled(
            rf"\bshar(?:es?|ing)\sno\s{name}\swith\s(?:{TITLES}|{THE_HISTORY})",
            rf"\bhas\sno\s{name}\sin\scommon\swith\s(?:{TITLES}|{THE_HISTORY})",
        )
        self._unrepeated = _compiled(
            rf"\bno\s{name}\s(?:is\srepeated|repeats|recurs)\sin\s{THE_HISTORY}",
            rf"\b{THE_HISTORY}\shas\sno\s(?:repeated|recurring|frequent)\s{name}",
        )
        self._unrecorded = _compiled(
            rf"\bno\s{name}\sis\s(?:recorded|known|listed|given)\sfor\s{THE_ITEM}",
            rf"\bits\s{name}\sis\s(?:unknown|not\s(?:known|recorded|given|listed))",
        )

    def find(self, bare: str, named: Sequence[Claim], case: Case) -> Iterator[Claim]:
        """Yield a claim for each attribute denied, its span the attribute's name, real if so.

        Args:
            bare: the text, each title replaced by underscores.
            named: the titles that the text names.
            case: whose item and history are meant.
        """
        if not self._names:
            return
        text = titles_joined(bare)
        for attribute, hit in self._hits(self._unshared, text):
            yield _claim(bare, hit, self._shared(attribute, hit, named, case))
        for attribute, hit in self._hits(self._unrepeated, text):
            history = [self._catalogue.item(item) for item in case.history]
            repeated = frequent_values(attribute, history)
            yield _claim(bare, hit, f"{repeated[0]} does" if repeated else "")
        for attribute, hit in self._hits(self._unrecorded, text):
            values = sorted(self._values(case.item, attribute))
            yield _claim(bare, hit, f"it is {', '.join(values)}" if values else "")

    def _hits(
        self, patterns: Sequence[re.Pattern[str]], text: str
    ) -> Iterator[tuple[str, re.Match[str]]]:
        for pattern in patterns:
            for hit in pattern.finditer(text):
                yield self._names[hit["name"].casefold()], hit

    def _shared(
        self, attribute: str, hit: re.Match[str], named: Sequence[Claim], case: Case
    ) -> str:
        """Return what the item shares with the titles, or with the history; empty if nothing.

        A denial about nobody says nothing, which is no truth either.
        """
        own = self._values(case.item, attribute)
        others = case.history if hit["titles"] is None else tuple(named_owners(hit, named))
        if not others:
            return "no title of the catalogue is meant"
        theirs = chain.from_iterable(self._values(item, attribute) for item in others)
        common = sorted(own.intersection(theirs))
        return f"they share {', '.join(common)}" if common else ""

    def _values(self, item: str, attribute: str) -> set[str]:
        values = self._catalogue.item(item).attributes.get(attribute, ())
        return {value for value in values if value.casefold() not in _UNKNOWN}


def _compiled(*expressions: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(one, re.IGNORECASE) for one in expressions)


def _claim(bare: str, hit: re.Match[str], detail: str) -> Claim:
    start, end = hit.span("name")
    return Claim(
        kind="attribute", text=bare[start:end], start=start, end=end, real=not detail, detail=detail
    )
