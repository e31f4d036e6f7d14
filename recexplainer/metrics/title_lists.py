"""Title lists read from answers, and the rule by which two titles are the same."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["fold", "join_titles", "same_title", "split_titles"]

_SEPARATOR = "; "


def fold(title: str) -> str:
    """Return ``title`` as titles are compared: outer white space and case left out."""
    return title.strip().casefold()


def same_title(one: str, other: str) -> bool:
    """Return whether two titles match strictly: equal but for case and outer white space."""
    return fold(one) == fold(other)


def join_titles(titles: Iterable[str]) -> str:
    """Return titles as one answer, joined by ``"; "``."""
    return _SEPARATOR.join(titles)


def split_titles(text: str, catalogue_titles: Iterable[str] | None = None) -> list[str]:
    """Return the titles of an answer, which are joined by ``"; "``.

    Args:
        text: the answer.
        catalogue_titles: every title; where given, a title that holds the separator itself is kept
            whole, the longest such title first, and one that ends with ``;`` keeps it.

    Returns:
        The titles in the answer's order, outer white space and empty pieces left out.
    """
    whole = {fold(title) for title in catalogue_titles or () if _SEPARATOR in f"{title.strip()} "}
    closed = text.strip()
    if not (_SEPARATOR + fold(closed)).endswith(_last_words(whole)):
        closed = closed.removesuffix(";")
    pieces = [piece for raw in closed.split(_SEPARATOR) if (piece := raw.strip())]
    longest = max((title.count(_SEPARATOR) + 1 for title in whole), default=1)
    titles: list[str] = []
    start = 0
    while start < len(pieces):
        width = _width(pieces[start : start + longest], whole)
        titles.append(_SEPARATOR.join(pieces[start : start + width]))
        start += width
    return titles


def _last_words(whole: set[str]) -> tuple[str, ...]:
    """Return how an answer ends whose last title ends with ``;``, for each such title."""
    return tuple(_SEPARATOR + title for title in whole if title.endswith(";"))


def _width(pieces: list[str], whole: set[str]) -> int:
    """Return how many of the first ``pieces`` make up the longest title of ``whole``; else 1."""
    for width in range(len(pieces), 1, -1):
        if fold(_SEPARATOR.join(pieces[:width])) in whole:
            return width
    return 1
