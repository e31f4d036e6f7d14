"""Quotations in a text, also around titles that hold quotation marks of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

__all__ = ["Quote", "find_quotes", "looks_like_title", "trimmed_ends"]

_CLOSERS = {"“": "”", "„": "“”", "«": "»", '"': '"', "‘": "’", "'": "'’", "''": "'", "「": "」"}
_CLOSERS |= {"*": "*", "**": "*", "`": "`"}
_OPENING = re.compile(
    r"[“„«「]\s?|(?<![\w*])\*{1,2}(?=[^\s*])|(?<!\w)(?:''|[\"‘'`])(?=[^\s,;:!?)])"
)
_APOSTROPHES = "'’"
_TRAILING = ".,;:!?"
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Quote:
    """A quotation's inner start and every place where it may end, the nearest first."""

    start: int
    ends: tuple[int, ...]
    emphasis: bool = False
    """Whether the marks are those of Markdown, by which much else than titles is set off."""

    @property
    def likely_ends(self) -> list[int]:
        """The ends, the nearest first, but the outer one of two marks in a row before the inner."""
        return sorted(self.ends, key=lambda end: end + 1 in self.ends)


def find_quotes(text: str, after: int = 0) -> Iterator[Quote]:
    """Yield each opening mark from ``after`` on that has a closing mark on the same line."""
    for opening in _OPENING.finditer(text, after):
        start = opening.end()
        line = text.find("\n", start)
        stop = min(start + LONGEST, len(text) if line < 0 else line)
        marks = opening.group().strip()
        closers = _CLOSERS[marks]
        ends = tuple(place for place in range(start + 1, stop) if _closes(text, place, closers))
        if ends:
            yield Quote(start, ends, marks[0] in "*`")


def _closes(text: str, place: int, closers: str) -> bool:
    mark = text[place]
    if mark not in closers:
        return False
    if mark in '"*' or mark in _APOSTROPHES:  # the same mark opens or is an apostrophe elsewhere
        return not text[place - 1].isspace() and not text[place + 1 : place + 2].isalnum()
    return True


def trimmed_ends(text: str, start: int, end: int, marks: str = _TRAILING) -> list[int]:
    """Return where a span ends without its closing space, and each end with one mark less.

    American usage puts punctuation before a closing mark, where titles may have some of their own.

    Args:
        text: the words.
        start: the span's start; at least one character stays.
        end: the span's end.
        marks: what is taken off.
    """
    while end > start + 1 and text[end - 1].isspace():
        end -= 1
    ends = [end]
    while end > start + 1 and text[end - 1] in marks:
        end -= 1
        ends.append(end)
    return ends


def looks_like_title(span: str, *, strictly: bool = False) -> bool:
    """Return whether a quoted span could name an item: short, and begun with a capital or digit.

    Args:
        span: what stands between the marks.
        strictly: no long word may be in lower case; for marks that may have been apostrophes.
    """
    words = span.split()
    if not 1 <= len(words) <= 12 or len(span) > 100:
        return False
    if strictly and any(len(word) > 3 and word[0].islower() for word in words):
        return False
    return span[0].isupper() or span[0].isdigit()
