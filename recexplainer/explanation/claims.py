"""Reads what a text claims: its decision, the titles it cites, the attributes it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from recexplainer.explanation.cases import leaning
from recexplainer.explanation.decisions import read_decision
from recexplainer.explanation.phrases import Found, PhraseIndex, lowered, straightened
from recexplainer.explanation.quotes import Quote, find_quotes, looks_like_title, trimmed_end
from recexplainer.explanation.titles import TitleIndex
from recexplainer.records import Case, Catalogue, Claim, Decision

__all__ = ["ClaimReader", "Reading", "read_claims"]

_SAYS_NOTHING = frozenset({"unknown", "other", "others", "none", "n/a", "various", "yes", "no"})
_GOES_ON = re.compile(r"\s(?:\d+|[IVX]+)\b|:\s[A-Z]")
_CAPITAL = re.compile(r"\s[A-Z0-9]")
_AFTER_CAPITAL = re.compile(r"(?P<before>.{0,2})\b[A-Z][\w']*\s$", re.DOTALL)


class Reading(NamedTuple):
    """What was read: the decision, the cited items of the history, every claim by position."""

    decision: Decision | None
    cited: tuple[str, ...]
    claims: tuple[Claim, ...]


def read_claims(text: str, case: Case, catalogue: Catalogue) -> Reading:
    """Return what ``text`` claims about ``case``; for many texts, keep one ``ClaimReader``."""
    return ClaimReader(catalogue).read(text, case)


class ClaimReader:
    """Reads texts about one catalogue; built once, used for every text."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._titles = TitleIndex(catalogue)
        self._plain_titles = {straightened(item.title): item.id for item in catalogue}
        self._title_phrases = PhraseIndex(self._plain_titles)
        self._spellings: dict[str, set[str]] = {}
        for values in catalogue.attribute_values.values():
            for value in values:
                if _says_something(value):
                    self._spellings.setdefault(lowered(value), set()).add(value)
        self._values = PhraseIndex(self._spellings)
        names = (name.casefold() for name in catalogue.attribute_values)
        self._plain_words = _SAYS_NOTHING.union(names)

    def read(self, text: str, case: Case) -> Reading:
        """Return what ``text`` claims about ``case``; spans slice back to their claim's text."""
        titles = self._quoted(text, case)
        titles += self._unquoted(_masked(text, titles), case)
        bare = _masked(text, titles)
        stated = read_decision(bare)
        claims = [*titles, *self._attributes(bare, text, case)]
        if stated is not None:
            start, end = stated.start, stated.end
            real = stated.decision == leaning(case)
            claim = Claim(kind="decision", text=text[start:end], start=start, end=end, real=real)
            claims.append(claim)
        claims.sort(key=lambda claim: (claim.start, claim.end))
        causes = (claim.item for claim in claims if claim.kind == "cause" and claim.real)
        cited = tuple(dict.fromkeys(item for item in causes if item is not None))
        return Reading(stated.decision if stated else None, cited, tuple(claims))

    def _quoted(self, text: str, case: Case) -> list[Claim]:
        claims: list[Claim] = []
        after = 0
        while (quote := next(find_quotes(text, after), None)) is not None:
            claim, after = self._resolve(text, quote, case)
            if claim is not None:
                claims.append(claim)
        return claims

    def _resolve(self, text: str, quote: Quote, case: Case) -> tuple[Claim | None, int]:
        """Return the claim of a quotation, if it names an item, and where to read on."""
        known = {case.item, *case.history}
        for end in reversed(quote.ends):
            item = self._titles.strict(text[quote.start : end])
            if item is not None:
                return _title_claim(text, quote.start, end, item, case), end + 1
        for end in quote.likely_ends:
            shorter = trimmed_end(text, quote.start, end)
            item = self._titles.match(text[quote.start : shorter], known)
            if item is not None:
                return _title_claim(text, quote.start, shorter, item, case), end + 1
        end = trimmed_end(text, quote.start, quote.ends[0])
        span = text[quote.start : end]
        strictly = text[quote.start - 1] == "'"
        if looks_like_title(span, strictly=strictly) and not self._is_plain_word(span):
            return _title_claim(text, quote.start, end, None, case), quote.ends[0] + 1
        return None, quote.start

    def _is_plain_word(self, span: str) -> bool:
        """Return whether a span is an attribute, its value or a decision; so, no title."""
        return lowered(span) in self._spellings or span.casefold() in self._plain_words

    def _unquoted(self, text: str, case: Case) -> list[Claim]:
        known = {case.item, *case.history}

        def accept(found: Found) -> bool:
            item = self._plain_titles[found.phrase]
            return self._distinctive(found.phrase, item in known) and _ends_here(text, found)

        hits = self._title_phrases.find(straightened(text), accept)
        return [
            _title_claim(text, hit.start, hit.end, self._plain_titles[hit.phrase], case)
            for hit in hits
        ]

    def _distinctive(self, title: str, known: bool) -> bool:
        """Return whether a title can do without quotation marks: it is hardly anything else."""
        words = len(title.split())
        if len(title) < 4 or title.isdigit() or self._is_plain_word(title):
            return False
        capitals = title != title.lower()
        return capitals and (known or (words > 1 and len(title) >= 10))

    def _attributes(self, bare: str, text: str, case: Case) -> Iterator[Claim]:
        owner = self._owners(case)

        def accept(found: Found) -> bool:
            written = text[found.start : found.end]
            return len(written) >= 4 or written in self._spellings[found.phrase]

        for hit in self._values.find(lowered(bare), accept):
            if not _part_of_number(bare, hit):
                item = owner.get(hit.phrase)
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


def _title_claim(text: str, start: int, end: int, item: str | None, case: Case) -> Claim:
    """Return a claim about the item, or a cause that is real if the history has it."""
    own = item == case.item
    return Claim(
        kind="item" if own else "cause",
        text=text[start:end],
        start=start,
        end=end,
        item=item,
        real=own or item in case.history,
    )


def _masked(text: str, claims: list[Claim]) -> str:
    """Return ``text`` of the same length with each claim's span made a word without meaning."""
    for claim in claims:
        text = f"{text[: claim.start]}{'_' * (claim.end - claim.start)}{text[claim.end :]}"
    return text


def _ends_here(text: str, found: Found) -> bool:
    """Return whether an unquoted title is no part of a longer name, nor a word of a sentence.

    ``Alien`` is neither the start of ``Alien 3`` or ``Alien Nation`` nor the end of ``My Alien``;
    a title of one word that opens a sentence counts only where a comma follows, or in emphasis.
    """
    rest = text[found.end :]
    if _GOES_ON.match(rest):
        return False
    emphasized = text[found.start - 1 : found.start] in ("*", "_") and rest[:1] in ("*", "_")
    if emphasized or len(found.phrase.split()) > 1:
        return True
    if _CAPITAL.match(rest):
        return False
    before = text[: found.start].rstrip(" \t(")
    if not before or before[-1] in ".!?\n":
        return rest.startswith(",")
    capital = _AFTER_CAPITAL.search(text[: found.start])
    return capital is None or _opens_sentence(text, capital.start() + len(capital["before"]))


def _opens_sentence(text: str, place: int) -> bool:
    before = text[:place].rstrip()
    return not before or before[-1] in ".!?:;\n"


def _says_something(value: str) -> bool:
    """Return whether a value in a text is a claim: numbers of under four digits are anything."""
    if value.casefold() in _SAYS_NOTHING or len(value) < 2:
        return False
    return not re.fullmatch(r"[\d.,]+", value) or len(value) >= 4


def _part_of_number(text: str, found: Found) -> bool:
    around = text[max(0, found.start - 2) : found.start], text[found.end : found.end + 2]
    return bool(re.search(r"\d[.,]$|[$#]$", around[0]) or re.match(r"[.,]\d|%", around[1]))
