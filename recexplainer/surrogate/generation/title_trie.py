"""Trie of the catalogue's titles, by tokens: beams that walk it answer with real items only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from transformers import LogitsProcessor

__all__ = ["NothingTwice", "TitleTrie"]


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
