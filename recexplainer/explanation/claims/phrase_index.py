"""Phrase index: finds known phrases verbatim, at word boundaries, longest first, in any text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

__all__ = ["Found", "PhraseIndex", "lowered", "straightened", "unaccented"]

_WORD = re.compile(r"\w+")
_STRAIGHT = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " "}
)


@dataclass(frozen=True, slots=True)
class Found:
    """Where a phrase stands in a text."""

    start: int
    end: int
    phrase: str


def straightened(text: str) -> str:
    """Return ``text`` of the same length with typographic quotes and dashes made plain."""
    return text.translate(_STRAIGHT)


def lowered(text: str) -> str:
    """Return ``text`` in lower case and of the same length, so that spans stay true."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(letter.lower() if len(letter.lower()) == 1 else letter for letter in text)


def unaccented(text: str) -> str:
    """Return ``text`` of the same length, its letters without their accents."""
    if text.isascii():
        return text
    return "".join(unicodedata.normalize("NFD", letter)[0] for letter in text)


class PhraseIndex:
    """Looks phrases up by first word, so that reading a text costs its length."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._starting: dict[str, list[tuple[int, str]]] = {}
        for phrase in sorted(set(phrases), key=len, reverse=True):
            first = _WORD.search(phrase)
            if first is not None:
                entry = (first.start(), phrase)
                self._starting.setdefault(first.group(), []).append(entry)

    def find(self, text: str, accept: Callable[[Found], bool]) -> Iterator[Found]:
        """Yield phrases from left to right, no two overlapping, the longest of each place.

        Args:
            text: where to look.
            accept: whether a verbatim hit counts; a shorter phrase is tried where it does not.
        """
        past = 0
        for word in _WORD.finditer(text):
            if word.start() < past:
                continue
            for lead, phrase in self._starting.get(word.group(), ()):
                start = word.start() - lead
                found = Found(start, start + len(phrase), phrase)
                if start >= past and _stands_alone(text, found) and accept(found):
                    yield found
                    past = found.end
                    break


def _stands_alone(text: str, found: Found) -> bool:
    """Return whether the phrase is there and is no part of a longer or hyphenated word."""
    if not text.startswith(found.phrase, found.start):
        return False
    before, after = text[max(0, found.start - 2) : found.start], text[found.end : found.end + 2]
    joined_before = re.search(r"\w$|\w-$", before) and re.match(r"\w", found.phrase)
    joined_after = re.match(r"\w|-\w", after) and re.search(r"\w$", found.phrase)
    return not joined_before and not joined_after
