"""Guard of quotations: a text quotes the titles that its question names, and no others."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from transformers import LogitsProcessor

from recexplainer.records import Catalogue, Context, HistorySlot, ItemSlot, Turn
from recexplainer.surrogate.generation.title_trie import TitleTrie
from recexplainer.surrogate.model.token_encoder import Encoder

__all__ = ["QuotationGuard", "QuotedTitles"]

_MARKS = ("“", "”", ". ")
"""Titles are quoted between the first two; the last ends a sentence."""


class QuotationGuard:
    """Makes the guard of each batch of questions.

    Args:
        encoder: of the language model.
        catalogue: the items.
        said_again: the tokens at which its vocabulary cuts texts.
    """

    def __init__(self, encoder: Encoder, catalogue: Catalogue, said_again: Sequence[int]) -> None:
        self._encoder, self._catalogue = encoder, catalogue
        marks = [ids[0] for ids in encoder.words(_MARKS) if len(ids) == 1]
        self._marks = marks if len(marks) == len(_MARKS) and {*marks} <= {*said_again} else []

    def of(
        self, questions: Sequence[tuple[Turn, ...]], contexts: Sequence[Context]
    ) -> QuotedTitles | None:
        """Return the guard of B questions; None for a vocabulary that does not cut at marks."""
        if not self._marks:
            return None
        opening, closing, stop = self._marks
        items: list[list[list[int]]] = []
        histories: list[list[list[int]]] = []
        for question in questions:
            parts = [part for turn in question for part in turn.content]
            slots = [part.item for part in parts if isinstance(part, ItemSlot)]
            shown = [part.context for part in parts if isinstance(part, HistorySlot)]
            named = dict.fromkeys(item for row in shown for item in contexts[row].history)
            titles = self._encoder.words([self._catalogue.title(item) for item in (*slots, *named)])
            items.append(titles[: len(slots)])
            histories.append(titles[len(slots) :])
        return QuotedTitles((opening, closing, stop), items, histories)


class QuotedTitles(LogitsProcessor):
    """Keeps an answer from quoting what cannot be meant.

    Only titles that its question names are quoted: the item in question once, and none of the
    history twice in a sentence. For vocabularies in which marks and full stops are tokens of their
    own.

    Args:
        marks: the tokens of the two quotation marks, and the one that ends a sentence.
        items: for each row the tokens of each title in question.
        histories: for each row the tokens of each title of its history.
    """

    def __init__(
        self,
        marks: tuple[int, int, int],
        items: Sequence[Sequence[Sequence[int]]],
        histories: Sequence[Sequence[Sequence[int]]],
    ) -> None:
        self._opening, self._closing, self._stop = marks
        self._items, self._histories = items, histories
        self._tries: dict[int, tuple[list[int], TitleTrie]] = {}
        """For each row what was said when its latest quotation opened, and what may be quoted."""

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return ``scores`` ``(B, vocabulary)``; an open quotation leaves titles alone."""
        for row, said in enumerate(input_ids.tolist()):
            if self._opening not in said:
                continue
            opened = len(said) - said[::-1].index(self._opening)
            allowed = self._titles(row, said[: opened - 1]).next_of(said[opened:])
            if allowed:
                kept = scores[row, allowed]
                scores[row] = -torch.inf
                scores[row, allowed] = kept
        return scores

    def _titles(self, row: int, said: list[int]) -> TitleTrie:
        """Return the titles that may be quoted in a row after ``said``.

        They stay the same from one opening mark to the next, while tokens are added one by one.
        """
        known = self._tries.get(row)
        if known is not None and known[0] == said:
            return known[1]
        titles = self._sayable(said, self._items[row], self._histories[row])
        found = TitleTrie(titles, self._closing)
        self._tries[row] = (said, found)
        return found

    def _sayable(
        self,
        said: Sequence[int],
        items: Sequence[Sequence[int]],
        history: Sequence[Sequence[int]],
    ) -> list[Sequence[int]]:
        """Return the titles that may be quoted after ``said``, never none of those named."""
        quoted: list[list[int]] = []
        recent = 0  # of them before the sentence
        open_at: int | None = None
        for place, token in enumerate(said):
            if token == self._opening:
                open_at = place + 1
            elif token == self._closing and open_at is not None:
                quoted.append(list(said[open_at:place]))
                open_at = None
            elif token == self._stop and open_at is None:
                recent = len(quoted)
        left = [
            *(title for title in items if list(title) not in quoted),
            *(title for title in history if list(title) not in quoted[recent:]),
        ]
        return left or [*items, *history]
