"""Next-item retrieval: rank of the target's first choice among the answers (H@k, N@k)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from recexplainer.metrics.title_lists import same_title

__all__ = ["hit", "ndcg_single"]


def hit(reference: str, answers: Sequence[str], k: int = 5) -> float:
    """Return 1 if the title ``reference`` is among the first ``k`` of ``answers``, else 0."""
    return float(_rank(reference, answers, k) is not None)


def ndcg_single(reference: str, answers: Sequence[str], k: int = 5) -> float:
    """Return NDCG with one relevant title: 1 / log2(rank + 1), or 0 beyond rank ``k``.

    Args:
        reference: the one title that is right.
        answers: titles, best first; a repeated one keeps its place.
        k: how many answers count.
    """
    rank = _rank(reference, answers, k)
    return 0.0 if rank is None else 1.0 / math.log2(rank + 1)


def _rank(reference: str, answers: Sequence[str], k: int) -> int | None:
    for rank, answer in enumerate(answers[:k], start=1):
        if same_title(reference, answer):
            return rank
    return None
