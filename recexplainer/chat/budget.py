"""Budget of requests: what may still be asked, its cost so far, and its cost at most."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from recexplainer.chat.chat_server import ChatRequest
from recexplainer.config.chat_models import ChatModelConfig

__all__ = ["Bill", "CapReachedError", "Estimate", "Limits", "Spending"]

_BYTES_PER_TOKEN = 3
"""Fewer than any tokenizer in use needs on prose, so that counts are upper bounds."""
_MILLION = 1_000_000


class CapReachedError(Exception):
    """A request would go beyond the limits; it has not been made."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of requests and cost; without prices no cost is known.

    Attributes:
        max_requests: no more than this, further tries included; None for no limit.
        max_cost: no more dollars than this; None for no limit.
        price_in, price_out: dollars per million tokens read and written.
    """

    max_requests: int | None = None
    max_cost: float | None = None
    price_in: float | None = None
    price_out: float | None = None

    @classmethod
    def of(cls, chat: ChatModelConfig) -> Limits:
        """Return those of a chat model's section."""
        return cls(chat.max_requests, chat.max_cost, chat.price_in, chat.price_out)

    def price(self, tokens_in: int, tokens_out: int) -> float | None:
        """Return the dollars of an answer; None without prices."""
        if self.price_in is None or self.price_out is None:
            return None
        return (tokens_in * self.price_in + tokens_out * self.price_out) / _MILLION

    def estimate(self, requests: Sequence[ChatRequest]) -> Estimate:
        """Return what asking ``requests`` once each takes at most."""
        tokens_in = sum(_tokens(request) for request in requests)
        tokens_out = sum(request.max_tokens for request in requests)
        cost = self.price(tokens_in, tokens_out)
        return Estimate(len(requests), tokens_in, tokens_out, cost)


@dataclass(frozen=True, slots=True)
class Estimate:
    """Upper bounds of what questions take, when each is answered at its first try.

    Attributes:
        requests: how many there are.
        tokens_in, tokens_out: tokens read, and written when every answer is as long as it may be.
        cost: in dollars; None without prices.
    """

    requests: int
    tokens_in: int
    tokens_out: int
    cost: float | None

    def __str__(self) -> str:
        priced = "" if self.cost is None else f", at most ${self.cost:.2f}"
        return (
            f"{self.requests:,} requests, at most {self.tokens_in:,} tokens in and "
            f"{self.tokens_out:,} out{priced}"
        )


@dataclass(slots=True)
class Bill:
    """What one request cost, in dollars: the worst case until it is known better."""

    cost: float


class Spending:
    """Counts requests and money, and lets none through that could pass the limits.

    Money is set aside at the worst case before a request and settled by what the service says it
    took; a request that was never answered stays at its worst case. Threads may share it.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits, self._changed = limits, threading.Condition()
        self._aside, self._out = 0.0, 0
        self.requests = 0
        self.cost = 0.0
        """Dollars of the requests that are over; 0 without prices."""

    @contextmanager
    def request(self, request: ChatRequest) -> Iterator[Bill]:
        """Count one try at ``request``; yield its bill, to be settled before the block ends.

        Where only what is set aside for others stands in the way, this waits for their bills.

        Raises:
            CapReachedError: on entering; it could pass ``max_requests`` or ``max_cost``.
        """
        worst = self.price(_tokens(request), request.max_tokens)
        bill = Bill(worst)
        with self._changed:
            self._check(worst)
            self.requests += 1
            self._aside += worst
            self._out += 1
        try:
            yield bill
        finally:
            with self._changed:
                self.cost += bill.cost
                self._aside -= worst
                self._out -= 1
                self._changed.notify_all()

    def price(self, tokens_in: int, tokens_out: int) -> float:
        """Return the dollars of an answer; 0 without prices."""
        return self._limits.price(tokens_in, tokens_out) or 0.0

    def _check(self, worst: float) -> None:
        """Return when a request of ``worst`` dollars passes no cap; the lock is held."""
        most, requests = self._limits.max_cost, self._limits.max_requests
        while most is not None and self._out and self.cost + self._aside + worst > most:
            self._changed.wait()
        if requests is not None and self.requests >= requests:
            raise CapReachedError(f"max_requests of {requests:,} is reached")
        if most is not None and self.cost + worst > most:
            raise CapReachedError(f"max_cost of ${most:g} is reached")


def _tokens(request: ChatRequest) -> int:
    return -(-len(request.text.encode()) // _BYTES_PER_TOKEN)
