"""Trie of the catalogue's titles, by tokens: beams that walk it answer with real items only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from transformers import LogitsProcessor

__all__ = ["NothingTwice", "QuotedTitles", "TitleTrie"]


class TitleTrie:
    """Token sequences of all titles, each closed by the end token.

    Args:
        titles: tokens of each text that may be answered.
        end: the token that ends an answer.
    """

    def __init__(self, titles: Sequence[Sequence[int]], end: int) -> None:
        self._end = end
        self._root: dict[int, Any] = {}
        self.depth = 0
        """Tokens of the longest title, its end token included."""
        for ids in titles:
            node = self._root
            for token in (*ids, self._end):
                node = node.setdefault(token, {})
            self.depth = max(self.depth, len(ids) + 1)

    def next_of(self, ids: Sequence[int]) -> list[int]:
        """Return what may follow ``ids``; nothing where they are no beginning of a title."""
        node: dict[int, Any] | None = self._root
        for token in ids:
            node = node.get(token) if node else None
        return list(node) if node else []

    def allowed_after(self, start: int) -> Callable[[int, torch.Tensor], list[int]]:
        """Return ``prefix_allowed_tokens_fn`` after ``start`` tokens of question and padding."""

        def allowed(_: int, ids: torch.Tensor) -> list[int]:
            # Never empty: transformers refuses that.
            return self.next_of(ids[start:].tolist()) or [self._end]

        return allowed


class NothingTwice(LogitsProcessor):
    """Keeps an answer from saying a token twice, for vocabularies in which titles are tokens.

    Args:
        start: where the answer begins; what the question says may be said once more.
        repeated: tokens that may be repeated: those of the separator, and the end token.
    """

    def __init__(self, start: int, repeated: Sequence[int]) -> None:
        self._start, self._repeated = start, list(repeated)

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return ``scores`` ``(B, vocabulary)`` with what was said ruled out."""
        free = scores[:, self._repeated]
        guarded = scores.scatter(1, input_ids[:, self._start :], -torch.inf)
        guarded[:, self._repeated] = free
        return guarded


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

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return ``scores`` ``(B, vocabulary)``; an open quotation leaves titles alone."""
        rows = zip(input_ids.tolist(), self._items, self._histories, strict=True)
        for row, (said, items, history) in enumerate(rows):
            if self._opening not in said:
                continue
            opened = len(said) - said[::-1].index(self._opening)
            titles = TitleTrie(self._sayable(said[: opened - 1], items, history), self._closing)
            allowed = titles.next_of(said[opened:])
            if allowed:
                kept = scores[row, allowed]
                scores[row] = -torch.inf
                scores[row, allowed] = kept
        return scores

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
