"""Pull of each history item on the target's decision: exact leave-one-out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from recexplainer.oracle.decision import leaning, sign_of
from recexplainer.oracle.questions import Answer, Oracle, question_without
from recexplainer.records import Bar, Case, Decision

__all__ = ["CAUSE_SHARE", "Pulls", "causes_among", "longest_joint", "pulls_of"]

CAUSE_SHARE = 0.5
"""An item that pulls less than this part of the strongest is not called a cause beside it."""


@dataclass(frozen=True)
class Pulls:
    """What the target answers about a case without each single item of its history.

    Attributes:
        case: the question.
        whole: the answer after the whole history.
        without: distinct item of the history to the answer without it, in the history's order; an
            item that is itself in question is no reason and left out.
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
        pulls = self._pulls(toward)
        return sorted((x for x in pulls if pulls[x] > self.noise), key=lambda x: -pulls[x])

    def causes(self, toward: Decision | None = None) -> list[str]:
        """Return the items that may be called causes of a decision; see ``causes_among``."""
        return causes_among(self._pulls(toward), self.noise)

    def _pulls(self, toward: Decision | None) -> dict[str, float]:
        return {item: self.of(item, toward) for item in self.without}


def causes_among(pulls: Mapping[str, float], noise: float) -> list[str]:
    """Return the items that may be called causes, the strongest first.

    Those that pull that way, at least half as far as the strongest, and no less than the items of
    the history do on average: where all pull alike, none is more of a cause than the others.

    Args:
        pulls: each distinct item of the history to how far it pulls.
        noise: the size below which a pull is rounding.
    """
    if not pulls:
        return []
    mean = sum(pulls.values()) / len(pulls)
    least = max(CAUSE_SHARE * max(pulls.values()), mean) - noise
    named = [item for item, pull in pulls.items() if pull > noise and pull >= least]
    return sorted(named, key=lambda item: -pulls[item])


def longest_joint(
    oracle: Oracle, asked: Sequence[Pulls], named: Sequence[Sequence[str]]
) -> list[list[str]]:
    """Return of each list the longest beginning that, removed together, pulls as each does.

    Args:
        oracle: asks the target.
        asked: the pulls of each case.
        named: for each case items that pull toward its decision by themselves.
    """
    questions = [
        question_without(pulls.case, items[:count])
        for pulls, items in zip(asked, named, strict=True)
        for count in range(2, len(items) + 1)
    ]
    answers = iter(oracle.ask(questions))
    found = []
    for pulls, items in zip(asked, named, strict=True):
        joint = [pulls.moved(next(answers)) > pulls.noise for _ in items[1:]]
        longest = max((count for count, holds in enumerate(joint, 2) if holds), default=1)
        found.append(list(items[:longest]))
    return found


def pulls_of(
    oracle: Oracle,
    cases: Iterable[Case],
    bar: Bar | None = None,
    among: Sequence[Sequence[str]] | None = None,
) -> list[Pulls]:
    """Return the pulls of each case, in order; all are asked for together.

    Args:
        oracle: asks the target.
        cases: the questions.
        bar: advanced by one for every removal asked about.
        among: for each case the only items to ask about; all of its history where None.
    """
    cases = list(cases)
    offered = [case.history for case in cases] if among is None else among
    removable = [
        tuple(x for x in dict.fromkeys(items) if x != case.item)
        for case, items in zip(cases, offered, strict=True)
    ]
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
