"""Title mentions of a text, quoted or not, with the items they mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from recexplainer.explanation.claims.phrase_index import (
    Found,
    PhraseIndex,
    lowered,
    straightened,
    unaccented,
)
from recexplainer.explanation.claims.quotations import (
    Quote,
    find_quotes,
    looks_like_title,
    trimmed_ends,
)
from recexplainer.explanation.claims.title_index import TitleIndex, article_first
from recexplainer.records import Case, Catalogue, Claim

__all__ = ["NamedTitles", "masked", "named_masked"]

_GOES_ON = re.compile(r"[^\S\n](?:\d+|[IVX]+)\b|:\s[A-Z]")
_CAPITAL = re.compile(r"\s[A-Z0-9]")
_AFTER_CAPITAL = re.compile(r"(?P<before>.{0,2})\b[A-Z][\w']*\s$", re.DOTALL)
_EMPHASIS = re.compile(r"(?<!\w)_(?=[^\W_])|(?<=[^\W_])_(?!\w)")
_LIST_LINE = re.compile(r"(?:\A|\n)[^\S\n]*(?:[-*•+–]|\(?\d{1,2}[.)])[^\S\n]+\Z")
_LINE_GOES_ON = re.compile(r"[^\S\n]*(?:\Z|\n|[-–—:,;.(|])")
_LONGEST_MARKER = 16
_SHORTEST = 4
_SHORTEST_UNKNOWN = 8
"""Unquoted titles of items that this case is not about need to be this long."""
_SHORTEST_IN_LOWER_CASE = 9


def masked(text: str, claims: Iterable[Claim]) -> str:
    """Return ``text`` of the same length with each claim's span made a word without meaning."""
    for claim in claims:
        text = f"{text[: claim.start]}{'_' * (claim.end - claim.start)}{text[claim.end :]}"
    return text


def named_masked(text: str, claims: Iterable[Claim]) -> str:
    """Return ``text``, its titles and values masked: a full stop in one ends no sentence."""
    return masked(text, (one for one in claims if one.kind in ("cause", "item", "attribute")))


class NamedTitles:
    """The titles of one catalogue, to be found in texts.

    Args:
        catalogue: the items.
        is_plain_word: whether a span is known to be something else than a title.
    """

    def __init__(self, catalogue: Catalogue, is_plain_word: Callable[[str], bool]) -> None:
        self._titles = TitleIndex(catalogue)
        self._is_plain_word = is_plain_word
        self._written: dict[str, dict[str, str]] = {}
        for item in catalogue:
            for spelling in dict.fromkeys((item.title, article_first(item.title))):
                plain = straightened(spelling)
                self._written.setdefault(_searched(plain), {})[item.id] = plain
        self._index = PhraseIndex(self._written)
        self._marked = PhraseIndex(phrase for phrase in self._written if '"' in phrase)

    def find(self, text: str, case: Case) -> list[Claim]:
        """Return a claim for each title, in no order; a quoted name that is no item's is one too.

        Args:
            text: the words.
            case: its item and history are preferred where a title could mean several.
        """
        quoted = self._quoted(text, case)
        return quoted + self._unquoted(masked(text, quoted), case)

    def _quoted(self, text: str, case: Case) -> list[Claim]:
        claims: list[Claim] = []
        after = 0
        # A title that holds quotation marks may stand without any around it: The "Burbs".
        marked = list(self._marked.find(_searched(straightened(text)), lambda _: True))
        while (quote := next(find_quotes(text, after), None)) is not None:
            claim, after = self._resolve(text, quote, case, marked)
            if claim is not None:
                claims.append(claim)
        return claims

    def _resolve(
        self, text: str, quote: Quote, case: Case, marked: Sequence[Found]
    ) -> tuple[Claim | None, int]:
        """Return the claim of a quotation, if it names an item, and where to read on."""
        known = {case.item, *case.history}
        start = quote.start
        for end in reversed(quote.ends):
            for shorter in trimmed_ends(text, start, end):
                item = self._titles.strict(text[start:shorter])
                if item is not None:
                    return title_claim(text, start, shorter, item, case), end + 1
        for end in quote.likely_ends:
            shorter = trimmed_ends(text, start, end)[-1]
            item = self._titles.match(text[start:shorter], known)
            if item is not None:
                return title_claim(text, start, shorter, item, case), end + 1
        for hit in marked:
            if hit.start < start and quote.ends[0] < hit.end:
                item = self._meant(hit.phrase, known)
                return title_claim(text, hit.start, hit.end, item, case), hit.end
        if quote.emphasis:
            return None, start
        end = trimmed_ends(text, start, quote.ends[0], ".,;:")[-1]
        strictly = text[start - 1] == "'"
        if looks_like_title(text[start:end], strictly=strictly) and not self._is_plain_word(
            text[start:end].rstrip("!?")
        ):
            return title_claim(text, start, end, None, case), quote.ends[0] + 1
        return None, start

    def _unquoted(self, bare: str, case: Case) -> list[Claim]:
        known = {case.item, *case.history}
        text = straightened(_EMPHASIS.sub("*", bare))

        def accept(found: Found) -> bool:
            item = self._meant(found.phrase, known)
            title, written = self._written[found.phrase][item], text[found.start : found.end]
            return self._distinctive(title, written, item in known) and _ends_here(text, found)

        return [
            title_claim(bare, hit.start, hit.end, self._meant(hit.phrase, known), case)
            for hit in self._index.find(_searched(text), accept)
        ]

    def _meant(self, phrase: str, known: set[str]) -> str:
        items = self._written[phrase]
        return next((item for item in items if item in known), next(iter(items)))

    def _distinctive(self, title: str, written: str, known: bool) -> bool:
        """Return whether a title can do without quotation marks: it is hardly anything else."""
        several = len(title.split()) > 1
        if len(title) < _SHORTEST or title.isdigit() or self._is_plain_word(title):
            return False
        if written != title and written == written.lower():
            return known and several and len(title) >= _SHORTEST_IN_LOWER_CASE
        capitals = title != title.lower() and unaccented(written) == unaccented(title)
        return capitals and (known or (several and len(title) >= _SHORTEST_UNKNOWN))


def title_claim(text: str, start: int, end: int, item: str | None, case: Case) -> Claim:
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


def _searched(text: str) -> str:
    return lowered(unaccented(text))


def _ends_here(text: str, found: Found) -> bool:
    """Return whether an unquoted title is no part of a longer name, nor a word of a sentence.

    ``Alien`` is neither the start of ``Alien 3`` or ``Alien Nation`` nor the end of ``My Alien``;
    a title of one word that opens a sentence counts only where a comma follows, or in emphasis, and
    in a line of a list where nothing but what is said of it follows.
    """
    rest = text[found.end :]
    if _GOES_ON.match(rest):
        return False
    emphasized = text[found.start - 1 : found.start] in ("*", "_") and rest[:1] in ("*", "_")
    if emphasized or len(found.phrase.split()) > 1:
        return True
    if _LIST_LINE.search(text, max(0, found.start - _LONGEST_MARKER), found.start):
        return _LINE_GOES_ON.match(rest) is not None
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
