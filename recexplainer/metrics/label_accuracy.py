"""Label accuracy: whether the answered label is the one that the target gives."""

from __future__ import annotations

from recexplainer.metrics.title_lists import same_title

__all__ = ["accuracy"]


def accuracy(reference: str, answered: str) -> float:
    """Return 1 if the answered label is the reference but for case and white space, else 0."""
    return float(same_title(reference, answered))
