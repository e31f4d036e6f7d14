"""Item ranking: agreement of an answered order with the target's order of the candidates."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from recexplainer.metrics.title_lists import fold

__all__ = ["PAPER_GAINS", "kendall_tau", "ndcg_ranking"]

PAPER_GAINS = (1000.0, 100.0, 10.0, 1.0, 0.0)
"""Gains by the target's order. The paper does not state them; they are those of its code,
and the expectation of a random order under them, 0.6131, is what its Random rows show."""


def ndcg_ranking(
    reference: Sequence[str], answered: Sequence[str], gains: Sequence[float] = PAPER_GAINS
) -> float:
    """Return the NDCG of an answered order.

    Args:
        reference: titles in the target's order, best first.
        answered: titles as answered, best first; as many as there are ``gains`` are read. A title
            that is not in ``reference`` gains 0, and so does a repeated one after its first time;
            both take up their place.
        gains: gain of each place of ``reference``; titles beyond them gain 0.

    Returns:
        Discounted gain divided by that of the target's own order, in [0, 1].
    """
    gain_of = dict(zip(map(fold, reference), gains, strict=False))
    ideal = _discounted(list(gain_of.values()))
    gained = [gain_of.pop(fold(title), 0.0) for title in answered[: len(gains)]]
    return _discounted(gained) / ideal if ideal else 0.0


def kendall_tau(reference: Sequence[str], answered: Sequence[str]) -> float | None:
    """Return Kendall's rank correlation over the titles in both lists, in [-1, 1].

    There are no ties, so it is (pairs in the target's order - pairs against it) / pairs. A repeated
    title counts at its first place. None when fewer than two titles match.
    """
    place = {title: position for position, title in enumerate(map(fold, reference))}
    matched = [place[title] for title in dict.fromkeys(map(fold, answered)) if title in place]
    pairs = list(itertools.combinations(matched, 2))
    if not pairs:
        return None
    kept = sum(first < second for first, second in pairs)
    return (2 * kept - len(pairs)) / len(pairs)


def _discounted(gained: Sequence[float]) -> float:
    return sum(gain / math.log2(place + 1) for place, gain in enumerate(gained, start=1))
