"""Sentences that know which of their words can be checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from recexplainer.records import Claim

__all__ = ["Sentence", "listed", "ordinal"]


class Sentence:
    """Words in the order in which they are said, with the claims among them."""

    def __init__(self) -> None:
        self.text = ""
        self._claims: list[Claim] = []

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The claims, by position."""
        return tuple(self._claims)

    def say(self, words: str) -> None:
        """Append words that claim nothing."""
        self.text += words

    def claim(
        self, kind: Literal["decision", "cause", "item"], words: str, item: str | None = None
    ) -> None:
        """Append words that can be checked, and are true: the target itself said so."""
        start = len(self.text)
        self.text += words
        end = len(self.text)
        self._claims.append(
            Claim(kind=kind, text=words, start=start, end=end, item=item, real=True)
        )


def listed(parts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each part after what separates it from the one before: nothing, comma, ``and``."""
    for place, part in enumerate(parts):
        last = place == len(parts) - 1
        yield ("" if place == 0 else " and " if last else ", "), part


def ordinal(number: int) -> str:
    """Return ``1st``, ``12th``, ``1,003rd``."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{'th' if number % 100 in (11, 12, 13) else ending}"
