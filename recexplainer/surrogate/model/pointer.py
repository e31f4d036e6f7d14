"""Pointer of an answer at the words of its question.

What is said of a question is mostly named in it: titles that are offered, titles of the history. A
small model that has to find such a title among all it could say learns slowly which one is meant.
So each word of the question adds to its token's logit how well the answer's state agrees with the
word's, as in pointer networks (Vinyals et al., 2015). Which titles of a history speak for an item,
and which against it, depends on the item: what is agreed with is also the item last asked about, by
a weight of the state that may turn it round.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Self

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = [
    "Pointer",
    "Question",
    "keep_question",
    "kept_question",
    "repeat_question",
    "select_question",
]

_KEPT = "recx_question"
"""Attribute of a cache of keys and values that holds the question they were read from."""


_WEIGHTS = 4
"""By how many numbers a state weighs the item in question, each for as many places of its query."""


class Question(NamedTuple):
    """Words that an answer can point at, and the item that is asked about.

    Attributes:
        tokens: ``(B, T)``, of the words.
        keys: ``(B, T, width)``, theirs; 0 for all that is no word of a question, so that pointing
            there adds nothing.
        items: ``(B, T, width)``, of each place the item that was last asked about, 0 where none
            was; for an answer that goes on, ``(B, 1, width)``.
    """

    tokens: Tensor
    keys: Tensor
    items: Tensor

    def answered(self) -> Self:
        """Return it for an answer that goes on from its end."""
        return self._replace(items=self.items[:, -1:])

    def repeated(self, copies: int) -> Self:
        """Return each row ``copies`` times, one after another."""
        return type(self)(*(part.repeat_interleave(copies, 0) for part in self))

    def selected(self, rows: Tensor) -> Self:
        """Return ``rows`` alone, given by number."""
        return type(self)(*(part[rows] for part in self))


class Pointer(nn.Module):
    """Linear maps: of an answer's state to a query, of a word to a key, of an item to a query.

    Args:
        width: of queries and keys.
        d_llm: of the language model's states.
    """

    def __init__(self, width: int, d_llm: int) -> None:
        super().__init__()
        self.query, self.key = nn.Linear(d_llm, width), nn.Linear(d_llm, width)
        self.word = nn.Linear(d_llm, width, bias=False)
        self.item, self.weight = nn.Linear(d_llm, width), nn.Linear(d_llm, _WEIGHTS)

    def read(
        self, tokens: Tensor, asked: Tensor, items: Tensor, embedded: Tensor, states: Tensor
    ) -> Question:
        """Return what can be pointed at.

        Args:
            tokens: ``(B, T)``.
            asked: ``(B, T)``, which of them are words of a question.
            items: ``(B, T)``, which of them are slots of an item that is asked about.
            embedded: ``(B, T, d_llm)``, what enters the first layer.
            states: ``(B, T, d_llm)``, what enters the last layer.
        """
        words, states = (functional.rms_norm(x, x.shape[-1:]) for x in (embedded, states))
        keys = (self.key(states) + self.word(words)) * asked[..., None]
        places = torch.arange(tokens.shape[1], device=tokens.device).expand_as(tokens)
        latest = places.masked_fill(~items, -1).cummax(1).values[..., None]
        found = self.item(words).gather(1, latest.clamp_min(0).expand_as(keys))
        return Question(tokens.masked_fill(~asked, 0), keys, found * (latest >= 0))

    def scores(self, states: Tensor, question: Question) -> Tensor:
        """Return what each word adds to its token's logit, ``(B, K, T)``.

        Args:
            states: ``(B, K, d_llm)``, what the head reads at the last K places.
            question: of T words.
        """
        width = self.query.out_features
        weights = self.weight(states).repeat_interleave(width // _WEIGHTS, -1)
        queries = self.query(states) + weights * question.items[:, -states.shape[1] :]
        queries = queries * width**-0.5
        scores: Tensor = queries @ question.keys.mT
        return scores

    def labelled_scores(self, read: Tensor, question: Question, labelled: Tensor) -> Tensor:
        """Return what the words before P labelled positions add to theirs, ``(P, T)``.

        Args:
            read: ``(P, d_llm)``, what the head reads, row after row.
            question: of the whole conversations, ``(B, T)``.
            labelled: ``(B, T)``, which positions are meant.
        """
        states = read.new_zeros(*labelled.shape, read.shape[-1])
        states = states.masked_scatter(labelled[..., None], read)
        scores: Tensor = self.scores(states, question).tril()[labelled]
        return scores

    def added(self, logits: Tensor, states: Tensor, question: Question) -> Tensor:
        """Return ``logits`` ``(B, K, vocabulary)`` of ``states`` with what the words add."""
        scores = self.scores(states, question).to(logits.dtype)
        tokens = question.tokens[:, None].expand(-1, scores.shape[1], -1)
        return logits.scatter_add(2, tokens, scores)


def keep_question(cache: Any, question: Question) -> None:
    """Let a cache of keys and values hold the question that they were read from."""
    setattr(cache, _KEPT, question)


def kept_question(cache: Any) -> Question:
    """Return the question that a cache holds.

    Raises:
        ValueError: it holds none, as one that another model has filled.
    """
    question: Question | None = getattr(cache, _KEPT, None)
    if question is None:
        raise ValueError("past_key_values does not hold the question; give the whole conversation")
    return question


def repeat_question(cache: Any, copies: int) -> None:
    """Repeat the question of a cache whose rows are repeated; nothing where it holds none."""
    if hasattr(cache, _KEPT):
        keep_question(cache, kept_question(cache).repeated(copies))


def select_question(cache: Any, rows: Tensor) -> None:
    """Keep ``rows`` of the question of a cache; nothing where it holds none."""
    if hasattr(cache, _KEPT):
        keep_question(cache, kept_question(cache).selected(rows))
