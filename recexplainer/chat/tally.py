"""Tally of answers: tokens, seconds, and what the rest will take if it goes on like that."""

from __future__ import annotations

import statistics
import threading
import time

from recexplainer.chat.answers import Answer

__all__ = ["Tally"]


class Tally:
    """Counts the answers of one service; threads may share it."""

    def __init__(self) -> None:
        self._lock, self._began = threading.Lock(), 0.0
        self._seconds: list[float] = []
        self.tokens_in = self.tokens_out = self.tokens_cached = 0

    def start(self) -> None:
        """Begin to count the time."""
        self._began = time.monotonic()

    def add(self, answer: Answer) -> None:
        """Count an answer."""
        with self._lock:
            self._seconds.append(answer.seconds)
            self.tokens_in += answer.tokens_in
            self.tokens_out += answer.tokens_out
            self.tokens_cached += answer.tokens_cached

    def __len__(self) -> int:
        return len(self._seconds)

    def forecast(self, total: int) -> str:
        """Return in words what ``total`` answers will take, by those that are there."""
        with self._lock:
            count, elapsed = len(self._seconds), time.monotonic() - self._began
            share = total / count
            return (
                f"after {count} of {total:,} answers: about {_rounded(self.tokens_in * share)} "
                f"tokens in and {_rounded(self.tokens_out * share)} out in all{self._cached()}, "
                f"and {_duration(elapsed / count * (total - count))} more"
            )

    def __str__(self) -> str:
        with self._lock:
            elapsed, median = time.monotonic() - self._began, statistics.median(self._seconds)
            speed = f", {self.tokens_out / elapsed:.1f} tokens/s written" if elapsed else ""
            return (
                f"{self.tokens_in:,} tokens in{self._cached()} and {self.tokens_out:,} out, "
                f"{median:.1f} s an answer (median){speed}"
            )

    def _cached(self) -> str:
        if not self.tokens_cached or not self.tokens_in:
            return ""
        return f" ({self.tokens_cached / self.tokens_in:.0%} of those in kept by the service)"


def _rounded(count: float) -> str:
    """Return a count with two significant digits."""
    return f"{float(f'{count:.2g}'):,.0f}"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} minutes"
