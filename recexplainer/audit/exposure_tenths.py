"""Exposure by tenths of popularity: what each tenth of the items gets, beside what users took."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recexplainer.audit.estimate import estimated, percent
from recexplainer.audit.finding import Finding
from recexplainer.audit.subject import PLACES, Subject

__all__ = ["exposure_by_tenths"]

_TENTHS = 10


def exposure_by_tenths(subject: Subject) -> list[Finding]:
    """Return the share of places that each tenth of the items has; none of fewer than ten items.

    Tenths are of items, from the most to the least frequent in the training data; each share is
    held against that of what users took next, by its interval over users.
    """
    counts = subject.split.popularity
    if len(counts) < _TENTHS:
        return []
    tenth = np.empty(len(counts), dtype=np.int64)
    order = np.argsort(-counts, kind="stable")
    for place, rows in enumerate(np.array_split(order, _TENTHS)):
        tenth[rows] = place
    taken = np.bincount(tenth[subject.nexts], minlength=_TENTHS) / len(subject.nexts)
    lists = [tenth[row[row >= 0]] for row in subject.answers.lists if (row >= 0).any()]
    shares = np.array([np.bincount(row, minlength=_TENTHS) / len(row) for row in lists])
    found = [estimated(shares[:, place], seed=subject.seed) for place in range(_TENTHS)]
    beside = [one.beside(float(share)) for one, share in zip(found, taken, strict=True)]
    sentence = (
        f"From the most to the least popular, the tenths of the items hold "
        f"{_listed([percent(one.mean) for one in found])} of the first {PLACES} places, and "
        f"{_listed([percent(float(one)) for one in taken])} of what users took next: more than "
        f"that in {_tenths(beside, 1)}, and less in {_tenths(beside, -1)}."
    )
    others = {"places": float(PLACES)}
    for place, one in enumerate(found, 1):
        others |= {f"list_{place}": one.mean, f"taken_{place}": float(taken[place - 1])}
        others |= {f"list_{place}_low": one.low, f"list_{place}_high": one.high}
    first = found[0]
    return [
        Finding(
            probe="exposure by tenths",
            chapter="reliance",
            sentence=sentence,
            control=float(taken[0]),
            control_words="share of the most popular tenth in what users took next",
            others=others,
        ).with_estimate(first)
    ]


def _tenths(beside: Sequence[int], sign: int) -> str:
    """Return which tenths are beside what was taken on one side, in words."""
    places = [str(place) for place, one in enumerate(beside, 1) if one == sign]
    if not places:
        return "no tenth"
    return f"tenth {places[0]}" if len(places) == 1 else f"tenths {_listed(places)}"


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])} and {words[-1]}"
