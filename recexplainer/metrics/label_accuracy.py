"""Labels: was the offered label that f would give the one that was answered."""

from __future__ import annotations

from recexplainer.metrics.title_lists import same_title

__all__ = ["accuracy"]


def accuracy(reference: str, answered: str) -> float:
    """Return 1 if the answered label is the reference but for case and white space, else 0."""
    return float(same_title(reference, answered))
