"""Strangers: for each case one of another user, whose text takes its place in a control."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recexplainer.oracle import case_rng
from recexplainer.records import Case

__all__ = ["strangers"]


def strangers(cases: Sequence[Case], seed: int) -> list[int]:
    """Return for each case the row of another user's, of the same decision where there is one.

    Args:
        cases: of at least two users.
        seed: of the draws, which depend on it and the case.
    """
    users = np.array([case.user for case in cases])
    decisions = np.array([case.decision or "" for case in cases])
    rows = []
    for case in cases:
        others = users != case.user
        alike = others & (decisions == (case.decision or ""))
        pool = np.flatnonzero(alike if alike.any() else others)
        rng = case_rng(seed, f"{case.id}/shuffled")
        rows.append(int(pool[int(rng.integers(len(pool)))]))
    return rows
