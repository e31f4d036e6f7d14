"""Titles where a question must have some, written loosely; each piece is an item's or unknown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from recexplainer.errors import UnknownNameError
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.claims.title_index import TitleIndex
from recexplainer.records import Case, Catalogue

__all__ = ["MARKS", "Span", "TitleSpans", "items_of", "without_spans"]

Span = tuple[int, int, str]
"""Where a title stands in the question, and the id of its item."""

MARKS = " \t\n“”\"'‘’«»*_.,;:!?"
_BETWEEN = re.compile(
    r"\s*(?:[,;/]|\b(?:and|or|vs\.?|then|not|instead\s+of|rather\s+than)(?=\s))\s*", re.IGNORECASE
)
_MOST_PIECES = 8
"""So many pieces of a list can be one title: ``The Good, the Bad and the Ugly``."""
_POINTING = re.compile(
    r"(?:it|this|that|them|one|these|was|is|made|decision|recommendation|score|ranking|choice"
    r"|the|an?|film|movie|book|game|title|item|next|please|too|as|well|more|rather|instead|at|all"
    r"|for|to|user|him|her|me|be|if|not|in|history|\W)+",
    re.IGNORECASE,
)
"""Words that name nothing by themselves: ``this item``."""
_KIND = re.compile(r"^(?:the\s+)?(?:film|movie|book|game|title|item)\s+", re.IGNORECASE)


class TitleSpans:
    """Finds titles in a stretch of a question.

    Args:
        reader: tells titles from attribute values.
        catalogue: the items.
    """

    def __init__(self, reader: ClaimReader, catalogue: Catalogue) -> None:
        self._reader, self._catalogue = reader, catalogue
        self._titles = TitleIndex(catalogue)

    def find(
        self, question: str, start: int, end: int, found: Sequence[Span], case: Case
    ) -> Iterator[Span]:
        """Yield the titles of a stretch: those found before, and what else stands there as one.

        Args:
            question: the words.
            start: where the stretch begins.
            end: where it ends.
            found: titles that were found in the question by themselves.
            case: its item and history are preferred where a title could mean several.

        Raises:
            UnknownNameError: a piece of the stretch is no item's title.
        """
        held = [one for one in found if start <= one[0] and one[1] <= end]
        place = start
        for first, last, item in [*held, (end, end, "")]:
            pieces = _pieces(question, place, first)
            while pieces:
                span, count = self._longest(question, pieces, case)
                if span is not None:
                    yield span
                pieces = pieces[count:]
            if item:
                yield first, last, item
            place = last

    def unknown(self, title: str) -> UnknownNameError:
        """Return the error that nothing is called so; it names the nearest."""
        return UnknownNameError("item", title, self._catalogue.titles, hint="Titles may be quoted.")

    def _longest(
        self, question: str, pieces: Sequence[tuple[int, int]], case: Case
    ) -> tuple[Span | None, int]:
        """Return the title that most of the first pieces are, and how many; else of the first."""
        start, known = pieces[0][0], {case.item, *case.history}
        for count in range(min(len(pieces), _MOST_PIECES), 1, -1):
            end = pieces[count - 1][1]
            item = self._titles.match(question[start:end], known)
            if item is not None:
                return (start, end, item), count
        end = pieces[0][1]
        item = self._resolved(question[start:end], known, case)
        return (None if item is None else (start, end, item)), 1

    def _resolved(self, piece: str, known: Collection[str], case: Case) -> str | None:
        """Return the item that a piece names; None where it names nothing by itself."""
        item = self._titles.match(piece, known)
        if item is None and self._catalogue.knows(piece):
            return piece
        if item is not None or _POINTING.fullmatch(piece):
            return item
        item = self._titles.match(_KIND.sub("", piece), known)
        if item is None and not self._reader.mentions(piece, case)[1]:
            raise self.unknown(piece)
        return item


def items_of(spans: Sequence[Span]) -> tuple[str, ...]:
    """Return the items in the order in which they are named, each once."""
    return tuple(dict.fromkeys(item for *_, item in sorted(spans)))


def without_spans(bare: str, spans: Sequence[Span]) -> str:
    """Return the words of the same length, each title replaced by underscores."""
    for start, end, _ in spans:
        bare = f"{bare[:start]}{'_' * (end - start)}{bare[end:]}"
    return bare


def _pieces(question: str, start: int, end: int) -> list[tuple[int, int]]:
    """Return where the pieces of a list stand, without marks around them."""
    pieces, place = [], start
    for between in [*_BETWEEN.finditer(question, start, end), None]:
        stop = end if between is None else between.start()
        piece = question[place:stop]
        if bare := piece.strip(MARKS):
            first = place + piece.index(bare)
            pieces.append((first, first + len(bare)))
        place = end if between is None else between.end()
    return pieces
