"""Marks in place of titles and attribute values, so that a language model never reads those.

A title that gives orders gives none to a model that is shown ``[T1]``, and a model that does not
know which film is meant has nothing to add to what it is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from recexplainer.explanation.sentences import quoted
from recexplainer.records import Case, Catalogue

__all__ = ["ITEM", "TitleMarks"]

ITEM = "[T0]"
"""The mark of the item in question."""
_NAME = r"\[?\b(?P<{0}>[TV]\d{{1,3}})\b\]?"
_QUOTES = r"[\"“”„«»‘’'*`]{1,2}"
_MARK = re.compile(
    rf"{_QUOTES}{_NAME.format('quoted')}{_QUOTES}|{_NAME.format('bare')}", re.IGNORECASE
)


class TitleMarks:
    """The marks of one case, given out as they are asked for.

    Args:
        case: whose item and history are marked.
        catalogue: where titles come from.
    """

    def __init__(self, case: Case, catalogue: Catalogue) -> None:
        self._case, self._catalogue = case, catalogue
        self._items: dict[str, str] = {case.item: "T0"}
        self._values: dict[str, str] = {}

    def title(self, item: str) -> str:
        """Return the mark of an item."""
        return f"[{self._items.setdefault(item, f'T{len(self._items)}')}]"

    def value(self, value: str) -> str:
        """Return the mark of an attribute value."""
        return f"[{self._values.setdefault(value, f'V{len(self._values) + 1}')}]"

    def hide(self, sentence: str) -> str:
        """Return a sentence of ours with marks in place of the titles that it quotes."""
        items = dict.fromkeys((self._case.item, *self._case.history))
        by_title = {quoted(self._catalogue.title(item)): item for item in items}
        longest_first = sorted(by_title, key=len, reverse=True)
        pattern = "|".join(map(re.escape, longest_first))
        return re.sub(pattern, lambda hit: self.title(by_title[hit.group()]), sentence)

    def show(self, text: str) -> str:
        """Return the text with titles, quoted, and values in place of marks; others stay."""
        words = {mark: quoted(self._catalogue.title(item)) for item, mark in self._items.items()}
        words |= {mark: value for value, mark in self._values.items()}
        return _MARK.sub(lambda hit: words.get(_name(hit), hit.group()), text)

    def known(self) -> frozenset[str]:
        """Return the names of the marks given out so far, without brackets."""
        return frozenset((*self._items.values(), *self._values.values()))

    @staticmethod
    def found(text: str) -> Iterator[str]:
        """Yield the name of each mark in ``text``, known or not."""
        return map(_name, _MARK.finditer(text))

    @staticmethod
    def without(text: str) -> str:
        """Return the text without its marks."""
        return _MARK.sub(" ", text)


def _name(hit: re.Match[str]) -> str:
    return (hit["quoted"] or hit["bare"]).upper()
