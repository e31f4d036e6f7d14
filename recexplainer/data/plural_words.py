"""Wording of counted notes on what was dropped or mended."""

from __future__ import annotations

__all__ = ["counted", "were"]


def counted(count: int, noun: str) -> str:
    """Return ``1 row`` or ``1,234 rows``; nouns here all take a plain s."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def were(count: int) -> str:
    """Return ``was`` or ``were``."""
    return "was" if count == 1 else "were"
