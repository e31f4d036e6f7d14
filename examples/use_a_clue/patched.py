"""Patched recommender: what runs have trained, and something that it lacks, with a weight."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

import recexplainer

WEIGHTS = (0.0, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0)
Histories = Sequence[Sequence[str]]


class Patched:
    """The mean of the recommenders of runs, plus ``weight`` times what a subclass adds.

    Args:
        item_ids: the data set's items, in its order.
        runs: folders of runs on the same data.
        weight: of what is added; all scores are standardized by history first.
    """

    def __init__(self, item_ids: Sequence[str], runs: Sequence[str], weight: float) -> None:
        loaded = [recexplainer.load(run) for run in runs]
        self.targets, self.weight = [run.target for run in loaded], weight
        self.columns = loaded[0].catalogue.rows(item_ids)
        self.row = {item: row for row, item in enumerate(item_ids)}
        # The last two items of a user validate and test: nobody may learn from them.
        self.learned = [self.rows(one[:-2]) for one in loaded[0].histories.values()]

    def added(self, histories: Histories) -> NDArray[np.float64]:
        """Return what is added to the scores, ``(B, I)``."""
        raise NotImplementedError

    def scores(self, histories: Histories) -> NDArray[np.float64]:
        """Return the scores of all items, ``(B, I)``."""
        own = [standardized(one.scores(histories)[:, self.columns]) for one in self.targets]
        return np.mean(own, axis=0) + self.weight * standardized(self.added(histories))

    def rows(self, history: Sequence[str]) -> list[int]:
        """Return the columns of a history's items."""
        return [self.row[item] for item in history]

    def marked(self, histories: Sequence[Sequence[int]]) -> NDArray[np.float64]:
        """Return a row of 0 and 1 for each history of columns, ``(B, I)``."""
        found = np.zeros((len(histories), len(self.row)))
        for place, history in enumerate(histories):
            found[place, list(history)] = 1.0
        return found


def standardized(scores: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return scores of mean 0 and deviation 1 after each history, or 0 where all are alike."""
    apart = scores - scores.mean(axis=1, keepdims=True, dtype=np.float64)
    return np.asarray(apart / np.maximum(apart.std(axis=1, keepdims=True), 1e-9))


def validation_hits(kind: type[Patched], runs: Sequence[str], window: int) -> dict[float, float]:
    """Return hit@10 on the second-last item of every user, by weight: never on what is tested.

    Args:
        kind: what is added.
        runs: whose recommenders are patched.
        window: how many items of a history are read.
    """
    own = recexplainer.load(runs[0])
    patched = kind(own.catalogue.ids, runs, weight=0.0)
    known = [history[:-2] for history in own.histories.values()]
    wanted = [patched.row[history[-2]] for history in own.histories.values()]
    read = [history[-window:] for history in known]
    before, added = patched.scores(read), standardized(patched.added(read))
    had = patched.marked([patched.rows(one) for one in known]).astype(bool)
    found = {}
    for weight in WEIGHTS:
        scores = np.where(had, -np.inf, before + weight * added)
        own_score = scores[np.arange(len(wanted)), wanted]
        found[weight] = float(((scores > own_score[:, None]).sum(axis=1) < 10).mean())
    return found


def print_validation(kind: type[Patched], runs: Sequence[str], window: int) -> None:
    """Print one line per weight, to choose it by."""
    for weight, hits in validation_hits(kind, runs, window).items():
        print(f"weight {weight:g}: hit@10 {hits:.3f}")
