"""History reconstruction: share of a history that an answer names (the paper's HCR)."""

from __future__ import annotations

from collections.abc import Sequence

from recexplainer.metrics.title_lists import fold

__all__ = ["coverage"]


def coverage(reference: Sequence[str], answered: Sequence[str]) -> float | None:
    """Return the part of the true titles that the answer names; order does not matter.

    Each true title counts once, however often it is answered, and only as many answered titles are
    read as the history has, so that a longer list buys nothing.

    Args:
        reference: the history's titles.
        answered: the titles of the answer, in its order.

    Returns:
        A number in [0, 1], or None for an empty history.
    """
    true = {fold(title) for title in reference}
    if not true:
        return None
    named = {fold(title) for title in answered[: len(reference)]}
    return len(true & named) / len(true)
