"""Wording of a task's answers, for language models that were taught to answer in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

__all__ = ["ANY_TITLE", "About", "NextSentences", "Said", "Wording"]

ANY_TITLE = "“”"
"""Stands in a sentence for any title in quotation marks."""


class About(NamedTuple):
    """What an answer is about.

    Attributes:
        history: item ids, oldest first.
        item: the id of the item in question.
        question: the words of the question, without histories and titles.
        pulls: each distinct item of the history to how far the speaker estimates that it pulls the
            target's score of the item up, or down below 0; None where it has no estimate.
    """

    history: Sequence[str]
    item: str
    question: str
    pulls: Mapping[str, float] | None = None


class Said(NamedTuple):
    """A sentence that an answer has said.

    Attributes:
        sentence: as the wording gave it; as it stands there for one that is none of its own.
        titles: those in the places of ``ANY_TITLE``, in order.
    """

    sentence: str
    titles: tuple[str, ...]


class NextSentences(NamedTuple):
    """What an answer may say next.

    Attributes:
        inner: sentences that others have to follow. Each ends with a full stop.
        last: sentences that others may follow, or the answer's end.
        titles: what their open places take, one after another; None leaves that open: any titles of
            the history, each once in an answer.
    """

    inner: Sequence[str] = ()
    last: Sequence[str] = ()
    titles: Sequence[str] | None = None


class Wording(Protocol):
    """The sentences in which a task's answers speak of one item and one history."""

    def next_sentences(self, about: About, said: Sequence[Said]) -> NextSentences:
        """Return what may be said after ``said``, the sentences of the answer so far."""
        ...
