"""Many removals of one case, asked together with the shared part prepared once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recexplainer.oracle.questions import Oracle, question_without
from recexplainer.oracle.standing import Standing
from recexplainer.records import Case

__all__ = ["CaseRemovals", "RemovalAnswers"]


@dataclass(frozen=True)
class RemovalAnswers:
    """What the target says after each of R removals.

    Attributes:
        removals: what is removed.
        scores: of the case's item, ``(R,)``.
        ahead, ties: candidates with a higher score, and others with the same, ``(R,)`` each.
        candidates: how many candidates there are, the item included.
    """

    removals: Sequence[tuple[str, ...]]
    scores: NDArray[np.float32]
    ahead: NDArray[np.int64]
    ties: NDArray[np.int64]
    candidates: int

    @classmethod
    def joined(cls, parts: Sequence[RemovalAnswers]) -> RemovalAnswers:
        """Return the answers of all parts about one case, one behind the other."""
        return cls(
            [removal for part in parts for removal in part.removals],
            np.concatenate([part.scores for part in parts]),
            np.concatenate([part.ahead for part in parts]),
            np.concatenate([part.ties for part in parts]),
            parts[0].candidates,
        )

    def standing(self, place: int) -> Standing:
        """Return where the item stands after the removal at ``place``."""
        return Standing(int(self.ahead[place]), int(self.ties[place]), self.candidates)


class CaseRemovals:
    """Asks the target about one case after removals from its history.

    Args:
        oracle: asks the target.
        case: the question; what is removed stays seen.
    """

    def __init__(self, oracle: Oracle, case: Case) -> None:
        self._oracle, self._case = oracle, case
        self._row = oracle.catalogue.row(case.item)
        seen = set(oracle.catalogue.rows(tuple(question_without(case).seen))) - {self._row}
        self._passed = np.array(sorted(seen), dtype=np.int64)

    def ask(self, removals: Sequence[tuple[str, ...]]) -> RemovalAnswers:
        """Return the answers, in order."""
        history = self._case.history
        histories = [[item for item in history if item not in removed] for removed in removals]
        scores = np.empty(len(removals), dtype=np.float32)
        ahead = np.empty(len(removals), dtype=np.int64)
        ties = np.empty(len(removals), dtype=np.int64)
        start = 0
        for batch in self._oracle.batches_of_scores(histories):
            part = slice(start, start + len(batch))
            own, passed = batch[:, self._row, None], batch[:, self._passed]
            scores[part] = own[:, 0]
            # Counting all and taking back the few that are no candidates copies no scores.
            ahead[part] = _count(batch > own) - _count(passed > own)
            ties[part] = _count(batch == own) - _count(passed == own) - 1  # the item itself
            start = part.stop
        candidates = len(self._oracle.catalogue) - len(self._passed)
        return RemovalAnswers(removals, scores, ahead, ties, candidates)


def _count(true: NDArray[np.bool_]) -> NDArray[np.int64]:
    counted: NDArray[np.int64] = np.count_nonzero(true, axis=1)
    return counted
