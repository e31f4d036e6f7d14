"""Wording of a task's answers, for language models that know no other sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

__all__ = ["ANY_TITLE", "NextSentences", "Said", "Wording"]

ANY_TITLE = "“”"
"""Stands in a sentence for any title in quotation marks."""


class Said(NamedTuple):
    """A sentence that an answer has said.

    Attributes:
        sentence: as the wording gave it; empty for one that is none of its own.
        titles: those in the places of ``ANY_TITLE``, in order.
    """

    sentence: str
    titles: tuple[str, ...]


class NextSentences(NamedTuple):
    """What an answer may say next.

    Attributes:
        sentences: each ends with a full stop; one of them, followed by a space or by the end.
        may_end: whether the answer may also end after one of them.
    """

    sentences: Sequence[str]
    may_end: bool


class Wording(Protocol):
    """The sentences in which a task's answers speak of one item and one history."""

    def next_sentences(
        self, history: Sequence[str], item: str, said: Sequence[Said]
    ) -> NextSentences:
        """Return what may be said after ``said``.

        Args:
            history: item ids, oldest first.
            item: the id of the item in question.
            said: the sentences of the answer so far.
        """
        ...
