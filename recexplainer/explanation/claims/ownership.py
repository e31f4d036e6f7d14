"""Owners of an attribute value as the text assigns it: the item, titles, or the history."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recexplainer.explanation.claims.what_ifs import titles_joined
from recexplainer.records import Case, Catalogue, Claim

__all__ = ["Ascription", "AscriptionReader"]

# Titles are masked by underscores, values by a sign that no text holds; so a pattern that reads
# words never takes either for one, and a list of them is one run.
_SIGN = "\x1a"
_VALUE = rf"(?P<value>(?<!{_SIGN}){_SIGN}++)"
_QUOTED = re.compile(rf"[\"“”'‘’](?={_SIGN})|(?<={_SIGN})[\"“”'‘’]")
_LISTED = re.compile(rf"{_SIGN}(?:,|,?\s(?:and|or|as\swell\sas))\s(?:(?:an?|the)\s)?(?={_SIGN})")
_TITLES = (
    r"(?P<titles>(?<!_)_++|(?:(?:all|both|each|most|some)\s(?:of\s)?)?(?:them|these|those)\b"
    r"|that\s(?:title|one)\b|both\b)"
)
_KIND = r"(?:\s(?:films?|movies?|games?|books?|titles?|items?|songs?|stories|story|ones?))?"
_IS = r"(?:\sis|['’]s|\swas|\sare|\swere|['’]re)"
_ADVERB = r"(?:(?:also|too|again|both|all|each|mainly|mostly|clearly)\s)?"
_ITEM = r"(?:it|th(?:is|e)\s(?:item|title|film|movie|game|book|product|recommendation))"
_THE_HISTORY = r"(?:the|this|that|your|their|his|her|(?:the\s)?\w+['’]s)\s(?:\w+\s)?history"


@dataclass(frozen=True, slots=True)
class Ascription:
    """Whose a value is said to be; of nobody in particular where both are empty.

    Attributes:
        items: ids of the items that are said to have it.
        history: whether it is said to be frequent in the history.
    """

    items: tuple[str, ...] = ()
    history: bool = False


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A way to say it; ``titles`` in the expression are owners as well."""

    expression: re.Pattern[str]
    item: bool = False
    history: bool = False


class AscriptionReader:
    """Reads the values of one catalogue's attributes in texts about it."""

    def __init__(self, catalogue: Catalogue) -> None:
        spoken = (re.escape(name.replace("_", " ")) for name in catalogue.attribute_values)
        names = "|".join([*spoken, "genre", "category", "brand", "year", "kind", "type"])
        self._patterns = _patterns(rf"(?:{names})(?:s|es)?")

    def read(
        self, bare: str, values: Sequence[tuple[int, int]], named: Sequence[Claim], case: Case
    ) -> list[Ascription]:
        """Return whose each value is said to be.

        Args:
            bare: the text, each title replaced by underscores.
            values: where the values stand.
            named: the titles that the text names. ``all of them`` are the causes named before.
            case: whose item is meant.
        """
        text = _values_joined(bare, values)
        found = [(hit, pattern) for pattern in self._patterns for hit in _hits(pattern, text)]
        read = []
        for start, end in values:
            over = [
                (hit, pattern)
                for hit, pattern in found
                if hit.start("value") <= start and end <= hit.end("value")
            ]
            items: list[str] = [case.item] if any(pattern.item for _, pattern in over) else []
            for hit, _ in over:
                items.extend(_titled(hit, named))
            history = any(pattern.history for _, pattern in over)
            read.append(Ascription(tuple(dict.fromkeys(items)), history))
        return read


def _patterns(attribute: str) -> tuple[_Pattern, ...]:
    """Return the ways to say it; ``attribute`` matches the name of one."""
    name = rf"(?:(?:the|an?)\s)?(?:{attribute}\s(?:of\s)?)?"
    value, titles = rf"{name}{_VALUE}", _TITLES

    def said(expression: str, *, item: bool = False, history: bool = False) -> _Pattern:
        return _Pattern(re.compile(expression, re.IGNORECASE), item, history)

    return (
        said(rf"\bits(?:\sown)?(?:\s{attribute})?(?:\sis|\sare|,|:)?\s{_VALUE}", item=True),
        said(rf"\b{_ITEM}(?:{_IS}(?:\sfrom)?|\shas|\sbelongs\sto)\s{_ADVERB}{value}", item=True),
        said(rf"\bshar(?:es?|ing)\s{value}\swith\s{titles}", item=True),
        said(rf"\bshar(?:es?|ing)\s{value}\swith\s{_THE_HISTORY}", item=True, history=True),
        said(rf"\bwith\s{titles},?\s(?:it|the\sitem)\s(?:has|shares)\s{value}", item=True),
        said(rf"{_VALUE}\s(?:links?|ties?|connects?)\sit\s(?:to|with)\s{titles}", item=True),
        said(rf"\bconsistent\swith\s{titles}:\s{name}(?:is|are)\s{_VALUE}", item=True),
        said(rf"\blike\s{titles},?\s(?:it|the\sitem)(?:{_IS}|\shas)\s{value}", item=True),
        said(rf"\bsame\s{attribute}[\s,(]{{1,2}}{_VALUE}[\s,)]{{1,2}}as\s{titles}", item=True),
        said(rf"{_VALUE}{_KIND},?\s(?:just\s)?(?:like|such\sas|as(?:\sis|\sare)?)\s{titles}"),
        said(rf"{_VALUE}{_KIND}\s{titles}"),
        said(rf"{titles}\s?\({value}[^()]*\)"),
        said(rf"{titles}(?:{_IS}\s{_ADVERB}|,\s(?=an?\s|the\s)){value}"),
        said(rf"\bleans?\s(?:to|towards?)\s{value}", history=True),
        said(rf"\bmost\sfrequent\s{name}in\sthe\shistory(?::|\sis|\sare)\s{value}", history=True),
        said(rf"\bin\s(?:the|your|their)\shistory:\s{_VALUE}", history=True),
        said(rf"\bpattern\sof\sthe\shistory\sis\s{value}", history=True),
        said(rf"{_VALUE},?\s(?:is|are)\s(?:\w+\s)?(?:frequent|common)\b", history=True),
        said(rf"\bconsistent\swith\s{_THE_HISTORY},\swhere\s{value}", item=True),
        said(rf"{_VALUE}\sfits?\s{_THE_HISTORY}", history=True),
        said(rf"{_VALUE}\s(?:most\soften|above\sall)\b", history=True),
        said(rf"{_VALUE}\sis\swhat\s[^.!?,;]{{1,40}}\smost\b", history=True),
        said(rf"\bboth\sit\sand\s{titles}{_IS}\s{_ADVERB}{value}", item=True),
    )


def _hits(pattern: _Pattern, text: str) -> Iterator[re.Match[str]]:
    return pattern.expression.finditer(text)


def _values_joined(bare: str, values: Sequence[tuple[int, int]]) -> str:
    """Return the text, of the same length, with values and lists of them masked."""
    for start, end in values:
        bare = f"{bare[:start]}{_SIGN * (end - start)}{bare[end:]}"
    for pattern in (_QUOTED, _LISTED):
        bare = pattern.sub(lambda hit: _SIGN * len(hit.group()), bare)
    return titles_joined(bare)


def _titled(hit: re.Match[str], named: Sequence[Claim]) -> Iterator[str]:
    """Yield the items that the titles of ``hit`` mean, or its pronoun."""
    if "titles" not in hit.groupdict():
        return
    start, end = hit.span("titles")
    if not hit["titles"].startswith("_"):
        start, end = 0, start
        named = [claim for claim in named if claim.kind == "cause"]
    for claim in named:
        if claim.item is not None and start <= claim.start and claim.end <= end:
            yield claim.item
