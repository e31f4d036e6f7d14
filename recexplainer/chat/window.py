"""Window: how many questions are out at a time, as the service bears it."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["Window"]

_SLOW, _SLOWER = 1 / 3, 2.0
"""An answer says that questions wait in the service when it takes more than this share of the
timeout, and so many times as long as the fastest."""


class Window:
    """Places for questions that are out; threads may share it.

    The first question goes out alone: it finds out what the service takes, and lets it keep what
    all questions begin with. Each answer opens a further place, so the window doubles with every
    round; a rate limit, a failing server or a timeout halves it, and then it opens by one a round.
    Answers that take long, and far longer than the fastest did, open none: questions are then
    waiting in the service already.

    Args:
        most: it is never wider.
        timeout: seconds that one try may take.
    """

    def __init__(self, most: int, timeout: float) -> None:
        self._most, self._slow = most, _SLOW * timeout
        self._changed = threading.Condition()
        self._size, self._out, self._cut = 1.0, 0, 0.0
        self._shut, self._fastest = False, math.inf
        self.widest = 0
        """How many were out at once at most."""

    @contextmanager
    def place(self) -> Iterator[None]:
        """Wait for a place, and hold it until the block ends."""
        with self._changed:
            self._changed.wait_for(lambda: self._shut or self._out < int(self._size))
            self._out += 1
            self.widest = max(self.widest, self._out)
        try:
            yield
        finally:
            with self._changed:
                self._out -= 1
                self._changed.notify()

    def open(self, seconds: float) -> None:
        """Note an answer that took so long."""
        with self._changed:
            self._fastest = min(self._fastest, seconds)
            if seconds > max(self._slow, _SLOWER * self._fastest):
                return
            self._size = min(self._most, self._size + (1 / self._size if self._cut else 1.0))
            self._changed.notify(2)

    def narrow(self, began: float) -> None:
        """Note trouble with what was sent at ``began``, by ``time.monotonic``.

        What was sent before the last cut says nothing of the window as it is now.
        """
        with self._changed:
            if began >= self._cut:
                self._size, self._cut = max(1.0, self._size / 2), time.monotonic()

    def shut(self) -> None:
        """Let nobody wait any more; what is sent then is up to those who waited."""
        with self._changed:
            self._shut = True
            self._changed.notify_all()
