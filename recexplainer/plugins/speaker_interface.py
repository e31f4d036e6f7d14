"""Language models, as explainers and measures see them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from recexplainer.records import Context, Turn

__all__ = ["Orders", "Speaker"]


class Orders(NamedTuple):
    """An order of offered titles, joined by ``"; "``, as one model gives it in two ways.

    Attributes:
        free: what it answers; it may name others, or not all (``answer`` with ``distinct``).
        kept: what it answers where only orders of the offered titles can be said.
    """

    free: str
    kept: str


class Speaker(Protocol):
    """A language model that answers questions about contexts, whatever its form or home."""

    name: str

    def answer(  # noqa: PLR0913  # how an answer is to be given, one keyword each
        self,
        questions: Sequence[tuple[Turn, ...]],
        contexts: Sequence[Context],
        *,
        max_new_tokens: int,
        beams: int = 1,
        constrained: bool = False,
        distinct: bool = False,
        quoting: bool = False,
        temperature: float = 0.0,
        top_p: float = 1.0,
    ) -> list[tuple[str, ...]]:
        """Return ``beams`` answers per question, best first.

        Args:
            questions: conversations that end with a user's turn, or with the beginning of an
                answer as an assistant's turn; what follows it is returned then.
            contexts: what ``HistorySlot.context`` counts into.
            max_new_tokens: where an answer is cut off.
            beams: 1 decodes greedily, more by beam search.
            constrained: allow only titles of the catalogue.
            distinct: the answer is a list that names nothing twice; a model that is prone to
                repeat itself is kept from it, others need not care.
            quoting: the answer quotes titles that the question names; a model that is prone to
                quote others is kept from it, others need not care.
            temperature: above 0, the answers are sampled at random instead, in no order; the same
                question samples the same ones.
            top_p: of drawn answers: tokens are drawn from the likeliest only, as few of them as
                reach this probability together.
        """
        ...

    def orders(
        self,
        questions: Sequence[tuple[Turn, ...]],
        contexts: Sequence[Context],
        offered: Sequence[Sequence[str]],
        *,
        max_new_tokens: int,
    ) -> list[Orders]:
        """Return the order that each question asks for, twice: both are decoded greedily.

        Args:
            questions: B conversations, as ``answer`` takes them.
            contexts: what ``HistorySlot.context`` counts into.
            offered: the item ids of each question, none twice.
            max_new_tokens: where a free answer is cut off.

        Returns:
            One pair for each question, of empty texts where it does not fit.
        """
        ...

    def likelihoods(
        self,
        questions: Sequence[tuple[Turn, ...]],
        contexts: Sequence[Context],
        labels: Sequence[Sequence[str]],
    ) -> list[NDArray[np.float32]]:
        """Return the log-probability of each label as what an answer says next.

        Args:
            questions: B conversations, as ``answer`` takes them.
            contexts: what ``HistorySlot.context`` counts into.
            labels: those of each question.

        Returns:
            For each question as many numbers as it has labels.
        """
        ...
