"""What a judge may still ask, what it has cost, and what it would cost at most."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from recexplainer.judging.chat_options import ChatOptions

__all__ = ["Bill", "CapReachedError", "Estimate", "Spending", "estimate"]

_BYTES_PER_TOKEN = 3
"""Fewer than any tokenizer in use needs on prose, so that counts are upper bounds."""
_MILLION = 1_000_000


class CapReachedError(Exception):
    """A request would go beyond what the options allow; it has not been made."""


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


def estimate(options: ChatOptions, prompts: Sequence[str]) -> Estimate:
    """Return what asking ``prompts`` once each takes at most."""
    tokens_in = sum(_tokens(prompt) for prompt in prompts)
    tokens_out = len(prompts) * options.max_tokens
    return Estimate(len(prompts), tokens_in, tokens_out, _cost(options, tokens_in, tokens_out))


@dataclass(slots=True)
class Bill:
    """What one request cost, in dollars: the worst case until it is known better."""

    cost: float


class Spending:
    """Counts requests and money, and lets none through that could pass the caps.

    Money is set aside at the worst case before a request and settled by what the service says it
    took; a request that was never answered stays at its worst case. Threads may share it.
    """

    def __init__(self, options: ChatOptions) -> None:
        self._options, self._changed = options, threading.Condition()
        self._aside, self._out = 0.0, 0
        self.requests = 0
        self.cost = 0.0
        """Dollars of the requests that are over; 0 without prices."""

    @contextmanager
    def request(self, prompt: str) -> Iterator[Bill]:
        """Count one request of ``prompt``; yield its bill, to be settled before the block ends.

        Where only what is set aside for others stands in the way, this waits for their bills.

        Raises:
            CapReachedError: on entering; it could pass ``max_requests`` or ``max_cost``.
        """
        worst = _cost(self._options, _tokens(prompt), self._options.max_tokens) or 0.0
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
        return _cost(self._options, tokens_in, tokens_out) or 0.0

    def _check(self, worst: float) -> None:
        """Return when a request of ``worst`` dollars passes no cap; the lock is held."""
        most, requests = self._options.max_cost, self._options.max_requests
        while most is not None and self._out and self.cost + self._aside + worst > most:
            self._changed.wait()
        if self.requests >= requests:
            raise CapReachedError(f"max_requests of {requests:,} is reached")
        if most is not None and self.cost + worst > most:
            raise CapReachedError(f"max_cost of ${most:g} is reached")


def _tokens(text: str) -> int:
    return -(-len(text.encode()) // _BYTES_PER_TOKEN)


def _cost(options: ChatOptions, tokens_in: int, tokens_out: int) -> float | None:
    if options.price_in is None or options.price_out is None:
        return None
    return (tokens_in * options.price_in + tokens_out * options.price_out) / _MILLION
