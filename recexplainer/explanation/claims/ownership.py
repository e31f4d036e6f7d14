"""Owners of an attribute value, as a text says or denies it: the item, titles, or the history."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from recexplainer.explanation.claims.ownership_patterns import (
    SIGN,
    OwnershipPattern,
    denials,
    statements_of_ownership,
)
from recexplainer.explanation.claims.what_ifs import titles_joined
from recexplainer.records import Case, Catalogue, Claim, spoken_attribute

__all__ = ["Ascription", "AscriptionReader", "attribute_names", "named_owners"]

_QUOTED = re.compile(rf"[\"“”'‘’](?={SIGN})|(?<={SIGN})[\"“”'‘’]")
_LISTED = re.compile(rf"{SIGN}(?:,|,?\s(?:and|or|nor|as\swell\sas))\s(?:(?:an?|the)\s)?(?={SIGN})")


@dataclass(frozen=True, slots=True)
class Ascription:
    """Whose a value is said to be, and whose not; of nobody in particular where all are empty.

    Attributes:
        items: ids of the items that are said to have it.
        history: whether it is said to be frequent in the history.
        lacking: ids of the items that are said not to have it.
        infrequent: whether it is said not to be frequent in the history.
    """

    items: tuple[str, ...] = ()
    history: bool = False
    lacking: tuple[str, ...] = ()
    infrequent: bool = False


class AscriptionReader:
    """Reads the values of one catalogue's attributes in texts about it."""

    def __init__(self, catalogue: Catalogue) -> None:
        spoken = attribute_names(catalogue)
        names = "|".join([*spoken, "genre", "category", "brand", "year", "kind", "type"])
        attribute = rf"(?:{names})(?:s|es)?"
        self._said = statements_of_ownership(attribute)
        self._denied = denials(attribute)

    def read(
        self, bare: str, values: Sequence[tuple[int, int]], named: Sequence[Claim], case: Case
    ) -> list[Ascription]:
        """Return whose each value is said to be, and whose not.

        Args:
            bare: the text, each title replaced by underscores.
            values: where the values stand.
            named: the titles that the text names. ``all of them`` are the causes named before.
            case: whose item and history are meant.
        """
        text = _values_joined(bare, values)
        said, denied = (_found(patterns, text) for patterns in (self._said, self._denied))
        read = []
        for place in values:
            here, against = (
                [one for one in found if _covers(one[0], place)] for found in (said, denied)
            )
            read.append(
                Ascription(
                    _owners(here, named, case),
                    any(pattern.history for _, pattern in here),
                    _owners(against, named, case),
                    any(pattern.history for _, pattern in against),
                )
            )
        return read


def attribute_names(catalogue: Catalogue) -> list[str]:
    """Return the attributes' names as a text says them, ready for an expression."""
    return [re.escape(spoken_attribute(name)) for name in catalogue.attribute_values]


def named_owners(hit: re.Match[str], named: Sequence[Claim]) -> Iterator[str]:
    """Yield the items that the titles of ``hit`` mean, or its pronoun."""
    if hit.groupdict().get("titles") is None:
        return
    start, end = hit.span("titles")
    if not hit["titles"].startswith("_"):
        start, end = 0, start
        named = [claim for claim in named if claim.kind == "cause"]
    for claim in named:
        if claim.item is not None and start <= claim.start and claim.end <= end:
            yield claim.item


_Found = tuple[re.Match[str], OwnershipPattern]


def _found(patterns: Iterable[OwnershipPattern], text: str) -> list[_Found]:
    return [(hit, one) for one in patterns for hit in one.expression.finditer(text)]


def _covers(hit: re.Match[str], place: tuple[int, int]) -> bool:
    return hit.start("value") <= place[0] and place[1] <= hit.end("value")


def _owners(found: Sequence[_Found], named: Sequence[Claim], case: Case) -> tuple[str, ...]:
    items = [case.item] if any(pattern.item for _, pattern in found) else []
    for hit, pattern in found:
        items.extend(named_owners(hit, named))
        items.extend(case.history if pattern.all_history else ())
    return tuple(dict.fromkeys(items))


def _values_joined(bare: str, values: Sequence[tuple[int, int]]) -> str:
    """Return the text, of the same length, with values and lists of them masked."""
    for start, end in values:
        bare = f"{bare[:start]}{SIGN * (end - start)}{bare[end:]}"
    for pattern in (_QUOTED, _LISTED):
        bare = pattern.sub(lambda hit: SIGN * len(hit.group()), bare)
    return titles_joined(bare)
