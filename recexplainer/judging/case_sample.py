"""Sample of cases for judges that cost time or money, and how sure a mean over it can be."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence

import numpy as np

from recexplainer.records import Case

__all__ = ["expected_intervals", "sample_cases"]

_SPREADS = (0.5, 1.0)
"""Standard deviations of grades from 1 to 4: of judges who differ little, and much."""
_Z = 1.96


def sample_cases(
    cases: Sequence[Case], count: int, seed: int, stratum: Callable[[Case], Hashable]
) -> list[Case]:
    """Return ``count`` of the cases that can be graded, of each stratum its share.

    The first cases of the sample are a stratified sample as well, so that a judge who is stopped
    half-way has asked about all kinds; and a larger sample goes on from a smaller one as far as
    rounding lets it. What the recommender is undecided about nobody grades, and is left out.

    Args:
        cases: all that were explained.
        count: how many; all of them where there are no more.
        seed: makes the sample repeatable.
        stratum: which kind a case is of, such as its decision and its split.
    """
    strata: dict[str, list[Case]] = {}
    for case in cases:
        if case.decision is not None:
            strata.setdefault(repr(stratum(case)), []).append(case)
    ranked: list[tuple[float, str, Case]] = []
    for place, name in enumerate(sorted(strata)):
        members = strata[name]
        order = np.random.default_rng([seed, place]).permutation(len(members))
        # The middle of each member's share of 0 to 1: sorted, the strata mix in proportion.
        ranked += [
            ((rank + 0.5) / len(members), name, members[row]) for rank, row in enumerate(order)
        ]
    ranked.sort(key=lambda one: one[:2])
    return [case for _, _, case in ranked[:count]]


def expected_intervals(cases: Sequence[Case]) -> str:
    """Return in words how far a mean grade over ``cases`` may be off, by split.

    It is 1.96 standard errors over users, for grades whose means of users spread by 0.5 and by 1.
    """
    users: dict[str, set[str]] = {}
    for case in cases:
        users.setdefault(case.split, set()).add(case.user)
    return "; ".join(
        f"{split}, {sum(case.split == split for case in cases)} cases of {len(own)} users: "
        + " to ".join(f"{_Z * spread / len(own) ** 0.5:.2f}" for spread in _SPREADS)
        for split, own in sorted(users.items())
    )
