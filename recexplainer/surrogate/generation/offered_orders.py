"""Orders of offered titles, by tokens: an answer that walks them names each title once.

An order is written as it is learned, titles joined by ``"; "`` and cut into tokens as a whole, so
that the language model meets no token that it has not seen there. Of the many orders only those are
cut that an answer has come upon.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch

from recexplainer.surrogate.generation.answer_wish import Allowed
from recexplainer.surrogate.model.token_encoder import Encoder

__all__ = ["OfferedOrders", "orders_after"]

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


def orders_after(start: int, offered: Sequence[OfferedOrders], end: int) -> Allowed:
    """Return ``prefix_allowed_tokens_fn`` of B questions, ``start`` tokens long with padding."""

    def allowed(row: int, ids: torch.Tensor) -> list[int]:
        # Never empty: transformers refuses that.
        return offered[row].next_of(ids[start:].tolist()) or [end]

    return allowed


def _written(titles: Sequence[str]) -> list[str]:
    """Return the pieces of a list, each title with the separator before it."""
    first, *others = titles
    return [first, *(_SEPARATOR + title for title in others)]


def _another(titles: Sequence[str], title: str) -> Sequence[str]:
    """Return one of the other titles, if any: what follows may decide how a title ends."""
    return [other for other in titles if other != title][:1]
