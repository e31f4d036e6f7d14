"""Title index: the catalogue item that a written title means, if any."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping

from recexplainer.explanation.claims.phrase_index import straightened
from recexplainer.records import Catalogue, Item

__all__ = ["TitleIndex", "article_first"]

_YEAR = re.compile(r"\d{4}")
_BRACKETED = re.compile(r"\s*\(([^()]*)\)\s*$")
_LATE_ARTICLE = re.compile(r"^(.+), (the|an?|les?|la|il|lo|der|die|das|el|l')$", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:the|an?) (?=\w)")
_INITIALS = re.compile(r"\b(?:\w\.){2,}")


def article_first(title: str) -> str:
    """Return ``The Usual Suspects`` for ``Usual Suspects, The``; other titles as they are."""
    return _LATE_ARTICLE.sub(r"\2 \1", title)


class TitleIndex:
    """Matches a title strictly; then but for case; then but for accents, signs, articles.

    The loosest level also lets one side leave out a bracketed end: ``Alien`` for ``Alien (1979)``.
    Two different endings never match, nor does a year that the item's attributes contradict.
    The leading article of a known item may be left out, but none may be added.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._exact = catalogue.id_of_title
        self._folded: dict[str, list[str]] = {}
        self._loose: dict[str, list[tuple[str, str]]] = {}
        self._bare: dict[str, list[str]] = {}
        self._years = {item.id: _years(item) for item in catalogue}
        for item in catalogue:
            self._folded.setdefault(_fold(item.title), []).append(item.id)
            base, ending = _loosen(item.title)
            if base:
                self._loose.setdefault(base, []).append((item.id, ending))
                self._bare.setdefault(_ARTICLE.sub("", base), []).append(item.id)

    def strict(self, title: str) -> str | None:
        """Return the id of the item called exactly ``title``, or None."""
        return self._exact.get(title)

    def match(self, title: str, prefer: Mapping[str, int] | Collection[str] = ()) -> str | None:
        """Return the id of the item that ``title`` means, or None where none or several fit.

        Args:
            title: as it was written.
            prefer: ids that win where several fit: the user's history and the item in question.
        """
        exact = self.strict(title)
        if exact is not None:
            return exact
        for fitting in (self._folded.get(_fold(title), []), self._fitting(title)):
            known = [item for item in fitting if item in prefer]
            if known or len(fitting) == 1:
                return (known or fitting)[0]
        bare = [item for item in self._bare.get(_loosen(title)[0], ()) if item in prefer]
        return bare[0] if len(bare) == 1 and not _loosen(title)[1] else None

    def _fitting(self, title: str) -> list[str]:
        base, ending = _loosen(title)
        fitting = []
        for item, own in self._loose.get(base, ()):
            years = self._years[item]
            contradicted = bool(_YEAR.fullmatch(ending)) and bool(years) and ending not in years
            if (not own or not ending or own == ending) and (own == ending or not contradicted):
                fitting.append(item)
        return fitting


def _fold(title: str) -> str:
    return " ".join(straightened(title).casefold().split())


def _loosen(title: str) -> tuple[str, str]:
    """Return the title's bare words, its article first, and what its last brackets hold."""
    folded = _fold(title)
    bracketed = _BRACKETED.search(folded)
    ending = bracketed.group(1).strip() if bracketed else ""
    body = folded[: bracketed.start()] if bracketed else folded
    body = article_first(body.strip())
    body = _INITIALS.sub(lambda initials: initials.group().replace(".", ""), body)
    plain = unicodedata.normalize("NFKD", body.replace("&", " and ").replace("'", ""))
    letters = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return " ".join(re.findall(r"\w+", letters)), ending


def _years(item: Item) -> frozenset[str]:
    values = (value for values in item.attributes.values() for value in values)
    return frozenset(value for value in values if _YEAR.fullmatch(value))
