"""Clues of an audit, used: trained recommenders, and neighbors that count every item alike.

The audit of SASRec says that the last items of a history decide. Here the items that the same users
took add to its scores, wherever in the history they stand. Of two trainings that agree on half of a
list, the mean of both is asked.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

import recexplainer

WINDOW = 50
"""Items of a history that are counted; ``dataset.max_history`` of the patched run."""
WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.5, 1.0)


class WithNeighbors:
    """Recommenders of runs, and EASE (Steck, Embarrassingly Shallow Autoencoders, 2019).

    Args:
        item_ids: the data set's items, in its order.
        runs: folders of runs on the same data; the mean of their recommenders is patched.
        weight: of the neighbors; all scores are standardized by history before they are added.
        ridge: how far EASE shrinks.
    """

    def __init__(
        self, item_ids: Sequence[str], runs: Sequence[str], weight: float, ridge: float = 200.0
    ) -> None:
        loaded = [recexplainer.load(run) for run in runs]
        self.targets, self.weight = [run.target for run in loaded], weight
        self.columns = loaded[0].catalogue.rows(item_ids)
        self.row = {item: row for row, item in enumerate(item_ids)}
        # The last two items of a user validate and test: nobody may learn from them.
        taken = self.counted([history[:-2] for history in loaded[0].histories.values()])
        inverse = np.linalg.inv(taken.T @ taken + ridge * np.eye(len(item_ids)))
        self.pulls = -inverse / np.diag(inverse)
        np.fill_diagonal(self.pulls, 0.0)

    def scores(self, histories: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Return the scores of all items, ``(B, I)``."""
        own = [standardized(one.scores(histories)[:, self.columns]) for one in self.targets]
        neighbors = standardized(self.counted(histories) @ self.pulls)
        return np.mean(own, axis=0) + self.weight * neighbors

    def counted(self, histories: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Return a row of 0 and 1 for each history, ``(B, I)``."""
        rows = np.zeros((len(histories), len(self.row)))
        for place, history in enumerate(histories):
            rows[place, [self.row[item] for item in history]] = 1.0
        return rows


def standardized(scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return scores of mean 0 and deviation 1 after each history, or 0 where all are alike."""
    apart = scores - scores.mean(axis=1, keepdims=True, dtype=np.float64)
    return np.asarray(apart / np.maximum(apart.std(axis=1, keepdims=True), 1e-9))


def validation_hits(runs: Sequence[str], weights: Sequence[float] = WEIGHTS) -> dict[float, float]:
    """Return hit@10 on the second-last item of every user, by weight: never on what is tested."""
    own = recexplainer.load(runs[0])
    patched = WithNeighbors(own.catalogue.ids, runs, weight=0.0)
    known = [history[:-2] for history in own.histories.values()]
    rows = [patched.row[history[-2]] for history in own.histories.values()]
    read = [history[-WINDOW:] for history in known]
    before, neighbors = patched.scores(read), standardized(patched.counted(read) @ patched.pulls)
    had = patched.counted(known).astype(bool)
    found = {}
    for weight in weights:
        scores = np.where(had, -np.inf, before + weight * neighbors)
        wanted = scores[np.arange(len(rows)), rows]
        found[weight] = float(((scores > wanted[:, None]).sum(axis=1) < 10).mean())
    return found


if __name__ == "__main__":
    for weight, hits in validation_hits(sys.argv[1:]).items():
        print(f"weight {weight:g}: hit@10 {hits:.3f}")
