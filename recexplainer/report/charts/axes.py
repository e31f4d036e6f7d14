"""Axes of the charts: where a value lies, and which round values are written beside it."""

from __future__ import annotations

import math
from dataclasses import dataclass

__all__ = ["Scale", "Tick", "round_values"]


@dataclass(frozen=True, slots=True)
class Tick:
    """A label on an axis and its place along it."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps values from ``low..high`` onto ``start..end``; what lies outside is put on the edge."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return where ``value`` lies."""
        inside = min(max(value, self.low), self.high)
        share = (inside - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)


def round_values(low: float, high: float, wanted: int = 4) -> list[float]:
    """Return round values that reach from ``low`` or below to ``high`` or above."""
    rough = (high - low) / wanted
    if rough <= 0:
        return [low, low + 1.0]
    magnitude = 10.0 ** math.floor(math.log10(rough))
    step = next(magnitude * m for m in (1, 2, 2.5, 5, 10) if magnitude * m >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [round(step * count, 10) for count in range(first, last + 1)]
