"""Wording of counted notes on what was dropped or mended."""

from __future__ import annotations

__all__ = ["counted", "were"]


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return ``1 row`` or ``1,234 rows``; a noun that takes no plain s has its ``plural``."""
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"


def were(count: int) -> str:
    """Return ``was`` or ``were``."""
    return "was" if count == 1 else "were"
