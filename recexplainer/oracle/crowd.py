"""Decisions on an item for other users, which show whether one depends on the history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from recexplainer.oracle.draws import case_rng
from recexplainer.oracle.questions import Oracle
from recexplainer.oracle.standing import standing_of
from recexplainer.records import Case

__all__ = ["CROWD", "Crowd"]

CROWD = 100
"""How many users are asked about."""


class Crowd:
    """Users drawn at random, whose histories are put to the target beside the case's own.

    Args:
        oracle: asks the target.
        histories: user id to items, oldest first.
        seed: of the draw.
    """

    def __init__(self, oracle: Oracle, histories: Mapping[str, Sequence[str]], seed: int) -> None:
        self._oracle = oracle
        users = sorted(histories)
        drawn = case_rng(seed, "crowd").permutation(len(users))[:CROWD]
        self._histories = {users[place]: tuple(histories[users[place]]) for place in drawn}

    def alike(self, cases: Sequence[Case]) -> list[tuple[int, int]]:
        """Return for each case how many users get the same decision on its item, and of how many.

        Users who had the item, and the case's own user, are not counted.
        """
        catalogue = self._oracle.catalogue
        same, asked = np.zeros(len(cases), dtype=int), np.zeros(len(cases), dtype=int)
        rows = [catalogue.row(case.item) for case in cases]
        users, histories = list(self._histories), list(self._histories.values())
        found = self._oracle.rows_of_scores(histories) if cases else iter(())
        for user, history, scores in zip(users, histories, found, strict=False):
            seen = catalogue.rows(history)
            had = set(seen)
            for place, (case, row) in enumerate(zip(cases, rows, strict=True)):
                if row not in had and user != case.user:
                    asked[place] += 1
                    same[place] += standing_of(scores, row, seen).decision == case.decision
        return [(int(one), int(of)) for one, of in zip(same, asked, strict=True)]
