"""Guards of explanations: what keeps a surrogate to what it was taught, or to what can be meant."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from transformers import LogitsProcessor

from recexplainer.plugins.wording_interface import Wording
from recexplainer.records import HIDE_HISTORY, Catalogue, Context, Form, Text, Turn
from recexplainer.surrogate.generation.answer_wish import Wish
from recexplainer.surrogate.generation.estimated_pulls import EstimatedPulls
from recexplainer.surrogate.generation.question_inputs import split_opening
from recexplainer.surrogate.generation.quoted_titles import QuotationGuard
from recexplainer.surrogate.generation.taught_sentences import (
    TaughtSentences,
    Vocabulary,
    asked_about,
)
from recexplainer.surrogate.model.token_bytes import token_bytes
from recexplainer.surrogate.model.token_encoder import Encoder

__all__ = ["ExplanationGuards"]


class ExplanationGuards:
    """Makes the guard of each batch of questions.

    Args:
        encoder: of the language model.
        catalogue: the items.
        form: in which it is asked.
        said_again: the tokens at which its vocabulary cuts texts; none for a pretrained model.
        wording: the sentences that it was taught to explain in; None leaves it free.
        pulls: estimates, for questions that name the titles of a history, which of them pull.
    """

    def __init__(
        self,
        encoder: Encoder,
        catalogue: Catalogue,
        form: Form,
        said_again: Sequence[int],
        wording: Wording | None,
        pulls: EstimatedPulls | None = None,
    ) -> None:
        self._encoder, self._catalogue, self._form = encoder, catalogue, form
        self._said_again, self._wording = said_again, wording
        self.pulls = None if form in HIDE_HISTORY else pulls

    def with_vectors(self, item_vectors: NDArray[np.float32]) -> ExplanationGuards:
        """Return the same guards, whose estimates read other vectors ``(I, d_rec)``."""
        other = copy(self)
        if self.pulls is not None:
            other.pulls = self.pulls.with_vectors(item_vectors)
        return other

    def going_on(self, question: tuple[Turn, ...]) -> tuple[tuple[Turn, ...], str]:
        """Return a question whose answer is to go on, and what stands before the words it adds.

        An answer that begins with whole sentences goes on behind a space. A vocabulary that cuts
        at ends of sentences has one token for a full stop that others follow, and after the other
        full stop it would end; others have words with the space before them.
        """
        _, begun = split_opening(question)
        if self._taught is None or not begun.endswith("."):
            return question, ""
        if not self._said_again:
            return question, " "
        return (*question[:-1], Turn("assistant", (Text(f"{begun} "),))), " "

    def of(
        self,
        questions: Sequence[tuple[Turn, ...]],
        contexts: Sequence[Context],
        start: int,
        wish: Wish,
    ) -> LogitsProcessor | None:
        """Return what keeps answers to taught sentences, or else to titles of the question.

        Beams that compete are not kept to anything.

        Args:
            questions: B of them.
            contexts: what they count into.
            start: where the answers begin.
            wish: how they are to be given.
        """
        if wish.beams > 1 and wish.temperature == 0:
            return None
        if self._taught is not None:
            asked = [asked_about(question, contexts, self._catalogue) for question in questions]
            if self.pulls is not None:
                asked = self.pulls.told(asked)
            rows = [one for one in asked for _ in range(wish.beams)]
            return TaughtSentences(start, rows, *self._taught)
        if self._form in HIDE_HISTORY or wish.beams > 1:  # its prompts name no title
            return None
        return self._quotations.of(questions, contexts)

    @cached_property
    def _quotations(self) -> QuotationGuard:
        return QuotationGuard(self._encoder, self._catalogue, self._said_again)

    @cached_property
    def _taught(self) -> tuple[Wording, Vocabulary] | None:
        """The sentences it is kept to, and its tokens; None where it is free, or these unknown."""
        if self._wording is None:
            return None
        written = token_bytes(self._encoder.tokenizer)
        if written is None:
            return None
        return self._wording, Vocabulary(written, self._encoder.end_id)
