"""Amounts: the numbers that a sentence writes, and which values a reader may take them for."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["AMOUNT", "Amount", "amount_of"]

AMOUNT = r"(?:under |over |-)*\d[\d,]*(?:\.\d+)?%?|[+-]\d[\d,]*(?:\.\d+)?|all"
"""Pattern of one amount: ``62%``, ``under 0.5%``, ``1,349``, ``+0.112``, ``all``."""
_NUMBER = re.compile(r"(?P<sign>[+-]?)(?P<whole>[\d,]+)(?P<part>\.\d+)?(?P<unit>%?)")
_EXACT = 1e-9


class Amount(NamedTuple):
    """What a written number may stand for: at least ``low`` and at most ``high``."""

    low: float
    high: float

    def holds(self, value: float) -> bool:
        """Return whether ``value`` would be written so."""
        return self.low - _EXACT <= value <= self.high + _EXACT


def amount_of(text: str) -> Amount:
    """Return what an amount stands for.

    A share is rounded to its last digit, but 0% and 100% say none and all. A number without a
    fraction counts, and is exact.

    Raises:
        ValueError: ``text`` is no amount.
    """
    if text == "all":
        return Amount(1.0, 1.0)
    minus = text.startswith("-")
    bare = text.removeprefix("-")
    limit = next((word for word in ("under ", "over ") if bare.startswith(word)), "")
    found = _NUMBER.fullmatch(bare.removeprefix(limit))
    if found is None:
        message = f"{text!r} is no amount"
        raise ValueError(message)
    digits = len(found["part"] or ".") - 1
    scale = 0.01 if found["unit"] else 1.0
    value = float(found["whole"].replace(",", "") + (found["part"] or "")) * scale
    half = 0.5 * 10.0**-digits * scale
    if limit:
        # percent() writes these of all that rounding would turn into 0% and 100%.
        own = Amount(_EXACT * 10, value) if limit == "under " else Amount(0.995, 1 - _EXACT * 10)
    elif not digits and (not found["unit"] or value in {0.0, 1.0}):
        own = Amount(value, value)
    else:
        own = Amount(value - half, value + half)
    return Amount(-own.high, -own.low) if minus else own
