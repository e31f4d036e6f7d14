"""Which way each item of a history pulls the target's decision: exact leave-one-out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from recexplainer.oracle.asking import Answer, Oracle, question_without
from recexplainer.oracle.decision import leaning, sign_of
from recexplainer.records import Bar, Case, Decision

__all__ = ["CAUSE_SHARE", "Pulls", "pulls_of"]

CAUSE_SHARE = 0.5
"""An item that pulls less than this part of the strongest is not called a cause beside it."""


@dataclass(frozen=True)
class Pulls:
    """What the target answers about a case without each single item of its history.

    Attributes:
        case: the question.
        whole: the answer after the whole history.
        without: distinct item of the history to the answer without it, in the history's order.
    """

    case: Case
    whole: Answer
    without: Mapping[str, Answer]

    def of(self, item: str, toward: Decision | None = None) -> float:
        """Return how far ``item`` pulls toward a decision, in units of the target's score.

        Args:
            item: of the history.
            toward: the decision; the target's own where none is given.
        """
        return self.moved(self.without[item], toward)

    def moved(self, without: Answer, toward: Decision | None = None) -> float:
        """Return how far what is removed in ``without`` pulls toward a decision."""
        sign = sign_of(toward or leaning(self.case))
        return sign * (self.whole.score - without.score)

    @property
    def noise(self) -> float:
        """The size below which a pull is rounding."""
        return self.whole.noise

    def strongest(self, toward: Decision | None = None) -> list[str]:
        """Return the items that pull toward a decision, the strongest first."""
        pulls = {item: self.of(item, toward) for item in self.without}
        return sorted((x for x in pulls if pulls[x] > self.noise), key=lambda x: -pulls[x])

    def causes(self, toward: Decision | None = None) -> list[str]:
        """Return the items that may be called causes, the strongest first.

        Those that pull toward the decision, and at least half as far as the strongest.
        """
        items = self.strongest(toward)
        if not items:
            return []
        least = CAUSE_SHARE * self.of(items[0], toward) - self.noise
        return [item for item in items if self.of(item, toward) >= least]


def pulls_of(oracle: Oracle, cases: Iterable[Case], bar: Bar | None = None) -> list[Pulls]:
    """Return the pulls of each case, in order; all are asked for together.

    Args:
        oracle: asks the target.
        cases: the questions.
        bar: advanced by one for every removal asked about.
    """
    cases = list(cases)
    removable: Sequence[tuple[str, ...]] = [tuple(dict.fromkeys(case.history)) for case in cases]
    questions = [
        question_without(case, removed)
        for case, items in zip(cases, removable, strict=True)
        for removed in ((), *((item,) for item in items))
    ]
    answers = iter(oracle.ask(questions, bar))
    return [
        Pulls(case, next(answers), {item: next(answers) for item in items})
        for case, items in zip(cases, removable, strict=True)
    ]
