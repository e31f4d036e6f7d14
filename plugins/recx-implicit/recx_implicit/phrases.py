"""Lists and numbers in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

__all__ = ["listed", "ordinal"]


def listed(parts: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield each part after what separates it from the one before: nothing, comma, ``and``."""
    for place, part in enumerate(parts):
        last = place == len(parts) - 1
        yield ("" if place == 0 else " and " if last else ", "), part


def ordinal(number: int) -> str:
    """Return ``1st``, ``12th``, ``1,003rd``."""
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number:,}{'th' if number % 100 in (11, 12, 13) else ending}"
