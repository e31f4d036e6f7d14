"""Items that are read: whether what is put into a history changes an answer beyond rounding."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["Ask", "difference", "is_unread", "last_counts"]

_Floats = NDArray[np.float32]
Ask = Callable[[Sequence[Sequence[str]]], _Floats]
"""B histories to ``(B, I)`` or ``(B, d_rec)``."""


def difference(first: _Floats, second: _Floats) -> str:
    """Return how two answers differ beyond rounding, relative to the first; empty if they agree."""
    if first.shape != second.shape:
        return f"shape {first.shape}, then {second.shape}"
    if np.array_equal(first, second):  # also where both are infinite, which other rules refuse
        return ""
    allowed = 1e-4 * float(np.abs(first).max()) + 1e-6
    gap = float(np.abs(first.astype(np.float64) - second).max())
    # Negated, so that a gap that is not a number is one.
    return "" if gap <= allowed else f"largest difference {gap:.3g}, allowed {allowed:.1g}"


def is_unread(
    ask: Ask,
    item: str,
    items: Sequence[str],
    ends: Sequence[Literal["front", "back"]] = ("front", "back"),
) -> bool:
    """Return whether ``item`` added to the history of some other one changes no score.

    Args:
        ask: the target's scores.
        item: what is added.
        items: up to three others of these are asked about.
        ends: where it is added; it is unread if it changes nothing at any of them.
    """
    others = [other for other in items if other != item][:3]
    if not others:
        return False
    alone = ask([[other] for other in others])
    placed = {
        "front": [[item, other] for other in others],
        "back": [[other, item] for other in others],
    }
    return not any(difference(alone, ask(placed[end])) for end in ends)


def last_counts(ask: Ask, ids: Sequence[str], length: int) -> bool:
    """Return whether another last item changes the scores of a history of ``length``.

    Args:
        ask: the target's scores.
        ids: at least two more items than ``length``.
        length: items of the history, at least one.
    """
    first, second = list(ids[:length]), [*ids[: length - 1], ids[length + 1]]
    return bool(difference(ask([first]), ask([second])))
