"""Groups of users who are compared: by their histories, and by what the data say of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.subject import Subject

__all__ = ["Segment", "column_values", "given_segments", "numbers_of", "taste"]

_FEWEST = 20
"""Users on either side, for a group to be compared."""
_VALUES = 6
"""The most frequent values of a column that are looked at: each more makes all others less sure."""
_FEW_NUMBERS = 10
"""A column of so many different numbers or fewer holds codes rather than amounts."""
_Values = NDArray[np.float64]


class Segment(NamedTuple):
    """Some of the sampled users: what they share, in words, and who they are, ``(N,)``."""

    words: str
    within: NDArray[np.bool_]


def taste(subject: Subject) -> _Values:
    """Return the mean popularity rank of what each user had, 0 (rare) to 1 (popular), ``(N,)``."""
    from scipy.stats import rankdata

    ranks = rankdata(subject.split.popularity) / len(subject.catalogue)
    return np.array([float(ranks[had].mean()) for had in subject.seen])


def given_segments(subject: Subject) -> list[Segment]:
    """Return thirds of the users by the length and the taste of their history, and by columns."""
    lengths = np.array([len(subject.log.histories[one.user]) - 1 for one in subject.contexts])
    short, long = np.quantile(lengths, (1 / 3, 2 / 3))
    tastes = taste(subject)
    rare, popular = np.quantile(tastes, (1 / 3, 2 / 3))
    # Lengths are whole numbers: a border between two of them is the lower one, or the higher one.
    short, long = np.floor(short), np.ceil(long)
    return [
        Segment(f"Users with {short:.0f} items or fewer", lengths <= short),
        Segment(f"Users with {long:.0f} items or more", lengths >= long),
        Segment("The third of users with the rarest items", tastes <= rare),
        Segment("The third of users with the most popular items", tastes >= popular),
        *_column_segments(subject),
    ]


def column_values(subject: Subject, name: str) -> list[str | None]:
    """Return what a column says of each sampled user; None where it says nothing."""
    return [subject.log.users.get(one.user, {}).get(name) for one in subject.contexts]


def numbers_of(values: Sequence[str | None]) -> _Values | None:
    """Return a column's numbers, ``(N,)``, nan where there is none; None where they are no amounts.

    Amounts are many different numbers; a few may be codes of groups.
    """
    try:
        numbers = np.array([np.nan if one is None else float(one) for one in values])
    except ValueError:
        return None
    known = numbers[np.isfinite(numbers)]
    return numbers if len(np.unique(known)) > _FEW_NUMBERS else None


def _column_segments(subject: Subject) -> Iterator[Segment]:
    """Yield the groups of each column that have users enough, and others to compare them with."""
    names = {name: None for known in subject.log.users.values() for name in known}
    for name in names:
        values = column_values(subject, name)
        numbers = numbers_of(values)
        found = _thirds(name, numbers) if numbers is not None else _groups(name, values)
        for one in found:
            if _FEWEST <= one.within.sum() <= len(values) - _FEWEST:
                yield one


def _thirds(name: str, numbers: _Values) -> Iterator[Segment]:
    known = numbers[np.isfinite(numbers)]
    low, high = (float(f"{border:.4g}") for border in np.quantile(known, (1 / 3, 2 / 3)))
    yield Segment(f"Users whose {name} is {low:g} or less", numbers <= low)
    yield Segment(f"Users whose {name} is {high:g} or more", numbers >= high)


def _groups(name: str, values: Sequence[str | None]) -> Iterator[Segment]:
    counts = Counter(one for one in values if one is not None)
    frequent = [value for value, _ in counts.most_common(_VALUES)]
    # Of two values one says all: the other group is that of all others.
    for value in frequent[1:] if len(counts) == 2 else frequent:
        yield Segment(f"Users whose {name} is {value!r}", np.array([v == value for v in values]))
