"""Orders of offered titles, by tokens: an answer that walks them names each title once.

An order is written as it is learned, titles joined by ``"; "`` and cut into tokens as a whole, so
that the language model meets no token that it has not seen there. Of the many orders only those are
cut that an answer has come upon.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from transformers import LogitsProcessor, LogitsProcessorList

from recexplainer.surrogate.model.token_encoder import Encoder

__all__ = ["FreeAndKept", "OfferedOrders"]

_SEPARATOR = "; "
_SPARE = 2
"""Tokens a title may have in a list beyond those that it has alone and its separator's."""


@dataclass(slots=True)
class _Place:
    """A place in an order: what may be said next, and the orders that are begun exactly so far."""

    next: dict[int, _Place] = field(default_factory=dict)
    begun: list[tuple[str, ...]] = field(default_factory=list)


class OfferedOrders:
    """All orders of a few titles.

    Args:
        titles: each once.
        encoder: of the language model.
    """

    def __init__(self, titles: Sequence[str], encoder: Encoder) -> None:
        self._titles, self._encoder = tuple(titles), encoder
        self._root = _Place(begun=[()])

    def next_of(self, ids: Sequence[int]) -> list[int]:
        """Return what may follow ``ids``; nothing where they begin no order, or are a whole one."""
        place = self._grown(self._root)
        for token in ids:
            if token not in place.next:
                return []
            place = self._grown(place.next[token])
        return list(place.next)

    def longest(self) -> int:
        """Return a number of tokens that no order exceeds, the end token included."""
        alone = self._encoder.words([_SEPARATOR + title for title in self._titles])
        return 1 + sum(len(ids) + _SPARE for ids in alone)

    def _grown(self, place: _Place) -> _Place:
        """Return ``place`` with what may come after the orders that end there."""
        while place.begun:
            said = place.begun.pop()
            left = [title for title in self._titles if title not in said]
            written = [_written((*said, title, *_another(left, title))) for title in left]
            for title, pieces in zip(left, self._encoder.pieces(written), strict=True):
                self._put(place, pieces[len(said)], (*said, title))
        return place

    def _put(self, place: _Place, ids: Sequence[int], order: tuple[str, ...]) -> None:
        whole = len(order) == len(self._titles)
        for token in (*ids, self._encoder.end_id) if whole else ids:
            place = place.next.setdefault(token, _Place())
        if not whole:
            place.begun.append(order)


class FreeAndKept(LogitsProcessor):
    """Decodes each question twice, in rows that follow each other: freely, and among its orders.

    Args:
        start: where the answers begin.
        free: what the free answers are guarded by.
        walks: of B questions, the orders that the second of their rows is kept to.
        most: where the free answers are cut off.
        end: the token that ends an answer.
    """

    def __init__(
        self,
        start: int,
        free: LogitsProcessorList,
        walks: Sequence[OfferedOrders],
        most: int,
        end: int,
    ) -> None:
        self._start, self._free, self._walks = start, free, walks
        self._most, self._end = most, end

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """Return ``scores`` ``(2 * B, vocabulary)``."""
        guarded = torch.full_like(scores, -torch.inf)
        if input_ids.shape[1] - self._start < self._most:
            guarded[::2] = self._free(input_ids[::2], scores[::2])
        else:
            guarded[::2, self._end] = 0.0
        for row, walk in enumerate(self._walks):
            place = 2 * row + 1
            # Never nothing, or a row that has ended would say whatever comes first.
            allowed = walk.next_of(input_ids[place, self._start :].tolist()) or [self._end]
            guarded[place, allowed] = scores[place, allowed]
        return guarded


def _written(titles: Sequence[str]) -> list[str]:
    """Return the pieces of a list, each title with the separator before it."""
    first, *others = titles
    return [first, *(_SEPARATOR + title for title in others)]


def _another(titles: Sequence[str], title: str) -> Sequence[str]:
    """Return one of the other titles, if any: what follows may decide how a title ends."""
    return [other for other in titles if other != title][:1]
