"""Edited histories of one case: what the target says of its item, within a budget of questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from recexplainer.oracle.aim import Aim
from recexplainer.oracle.questions import Oracle, question_without
from recexplainer.oracle.standing import Standing, standing_of
from recexplainer.plugins.interfaces import FloatArray
from recexplainer.records import Case

__all__ = ["EditAnswer", "EditedHistories"]


@dataclass(frozen=True, slots=True)
class EditAnswer:
    """What the target says of a case's item after an edited history.

    Attributes:
        history: the items that it read, oldest first.
        score: of the case's item.
        standing: where the item stands among the items that are neither of the old history nor of
            the new one.
        margin: how far it is past the border of the aim; above 0 the aim is met.
    """

    history: tuple[str, ...]
    score: float
    standing: Standing
    margin: float

    @property
    def met(self) -> bool:
        """Whether the item stands where it is wanted."""
        return self.margin > 0


class EditedHistories:
    """Asks the target about one case after edited histories, each once.

    What was removed stays out of the list, as everywhere, and so is what was added. The aim has to
    be met with the added items counted as rivals, too: taking them out of the list is no merit.

    Args:
        oracle: asks the target.
        case: the question.
        aim: where the item is wanted.
        whole: ``(I,)``, the target's scores after the case's own history: the first question.
        budget: how many histories may be put to the target, the first included.
    """

    def __init__(
        self, oracle: Oracle, case: Case, aim: Aim, *, whole: FloatArray, budget: int
    ) -> None:
        self.case, self.aim, self.budget = case, aim, budget
        self._oracle = oracle
        self._row = oracle.catalogue.row(case.item)
        self._seen = question_without(case).seen
        self.whole = self._answer(case.history, whole)
        self._answers = {case.history: self.whole}

    @property
    def asked(self) -> int:
        """How many histories were put to the target."""
        return len(self._answers)

    @property
    def left(self) -> int:
        """How many more may be."""
        return self.budget - self.asked

    @property
    def answers(self) -> Iterable[EditAnswer]:
        """All answers so far, in the order of the questions."""
        return self._answers.values()

    def ask(self, histories: Sequence[tuple[str, ...]]) -> list[EditAnswer]:
        """Return the answer to each history, in order, up to where the budget ends."""
        new = [one for one in dict.fromkeys(histories) if one not in self._answers]
        new = new[: max(0, self.left)]
        for history, scores in zip(new, self._oracle.rows_of_scores(new), strict=True):
            self._answers[history] = self._answer(history, scores)
        known = takewhile(self._answers.__contains__, histories)
        return [self._answers[one] for one in known]

    def _answer(self, history: tuple[str, ...], scores: FloatArray) -> EditAnswer:
        rows = self._oracle.catalogue.rows
        rivals = self._others(scores, rows(tuple(self._seen)))
        now_seen = rows(tuple(self._seen.union(history) - {self.case.item}))
        own, spread = float(scores[self._row]), float(np.std(scores, dtype=np.float64))
        margin = min(
            self.aim.margin(own, others, spread)
            for others in (rivals, self._others(scores, now_seen))
        )
        return EditAnswer(history, own, standing_of(scores, self._row, now_seen), margin)

    def _others(self, scores: FloatArray, seen: Sequence[int]) -> FloatArray:
        candidate = np.ones(len(scores), dtype=bool)
        candidate[[*seen, self._row]] = False
        return scores[candidate]
