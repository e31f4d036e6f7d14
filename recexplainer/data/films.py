"""MovieLens' films in any of its layouts, with the known defects mended."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from recexplainer.data.plural_words import counted, were
from recexplainer.records import Item

__all__ = ["FilmRow", "film_items", "natural_title"]

FilmRow = tuple[str, str, str, Sequence[str]]
"""Id, title, year (empty where the title tells it) and genres."""

_NAMELESS = frozenset({"unknown", "unkonwn"})
"""The title of item 267 of MovieLens 100K; the second, and so its year, in RecBole's package."""
_NO_GENRE = frozenset({"unknown", "(no genres listed)", ""})
_ARTICLES = "The|A|An|La|Le|Les|L'|Il|Lo|Gli|El|Los|Las|Der|Die|Das|Det|O"
_TRAILING_ARTICLE = re.compile(rf"(^|\()([^()]+), ({_ARTICLES})(?=\s*(?:\(|\)|$))")
_TITLE_WITH_YEAR = re.compile(r"(.*\S)\s*\((\d{4})\)")


@dataclass(frozen=True, slots=True)
class _Film:
    id: str
    title: str
    year: str | None
    genres: tuple[str, ...]


def film_items(rows: Iterable[FilmRow]) -> tuple[list[Item], tuple[str, ...]]:
    """Return the films with ``genre`` and ``decade``, and the notes about what was mended.

    Films that share a title but not their year get the year behind their title.
    """
    films = [_film(row) for row in rows]
    years_of_title: dict[str, Counter[str | None]] = {}
    for film in films:
        years_of_title.setdefault(film.title, Counter())[film.year] += 1
    nameless = sum(1 for film in films if film.title in _NAMELESS)
    dated = 0
    items = []
    for film in films:
        years = years_of_title[film.title]
        if len(years) > 1 and film.year and years[film.year] == 1:
            items.append(_item(replace(film, title=f"{film.title} ({film.year})")))
            dated += 1
        else:
            items.append(_item(film))
    return items, _notes(dated, nameless)


def natural_title(title: str) -> str:
    """Return ``title`` with its articles in front, as people say it.

    >>> natural_title("Double vie de Véronique, La (Double Life of Veronique, The)")
    'La Double vie de Véronique (The Double Life of Veronique)'
    """

    def fronted(match: re.Match[str]) -> str:
        opening, name, article = match.groups()
        blank = "" if article.endswith("'") else " "
        return f"{opening}{article}{blank}{name}"

    return _TRAILING_ARTICLE.sub(fronted, title)


def _film(row: FilmRow) -> _Film:
    film, title, year, genres = row
    if not year.isdigit() and (dated := _TITLE_WITH_YEAR.fullmatch(title)):
        title, year = dated.groups()  # item 1412: the year is "V" and the title ends in "(1995)"
    return _Film(
        id=film,
        title=natural_title(title),
        year=year if year.isdigit() else None,
        genres=tuple(genre for genre in genres if genre not in _NO_GENRE),
    )


def _item(film: _Film) -> Item:
    attributes = {}
    if film.genres:
        attributes["genre"] = film.genres
    if film.year:
        attributes["decade"] = (f"{film.year[:3]}0s",)
    return Item(film.id, "Unknown film" if film.title in _NAMELESS else film.title, attributes)


def _notes(dated: int, nameless: int) -> tuple[str, ...]:
    notes = []
    if nameless:
        notes.append(
            f"{counted(nameless, 'film')} without title, year and genre in the source "
            f"{were(nameless)} kept as 'Unknown film'"
        )
    if dated:
        notes.append(f"{counted(dated, 'title')} of several films got the year of the film")
    return tuple(notes)
