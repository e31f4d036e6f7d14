"""Confidence of an explanation: the share of shortened histories on which it holds.

Confidence and risk are two shares of one kind of trial, on questions of their own: the risk is
measured on trials that the confidence has not seen. A text of which anything is false on the very
case has confidence 0. See docs/decisions/0008 and 0012.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from recexplainer.explanation.checks.settlement import untrue_words
from recexplainer.oracle import Answer, Question, case_rng, direction_of, leaning, question_without
from recexplainer.records import EXPLANATION_TASK, REASON_KINDS, Case, Check, Explanation, Figure

__all__ = ["FIGURES", "LATER", "TRIALS", "Trials", "refutation", "trial_checks"]

TRIALS = 10
"""How many trials the confidence is the share of."""
LATER = 5
"""How many more trials the risk is measured on."""
_LEFT_OUT = 0.25
"""Share of the items that are not called causes that is missing from the history of a trial."""


@dataclass(frozen=True)
class Trials:
    """Questions behind one explanation's confidence, in the order of their answers.

    Attributes:
        case: what is explained.
        causes: distinct items of the history that the text says pull toward the target's decision.
        refuted: what in the text is false of this very case; the target is then asked nothing.
        draws: what is left out of the history in each trial; none where there is nothing to.
    """

    case: Case
    causes: tuple[str, ...]
    refuted: str
    draws: tuple[tuple[str, ...], ...]

    @classmethod
    def plan(cls, explanation: Explanation, case: Case, seed: int) -> Trials:
        """Return the trials of a settled text; the draws depend on seed, case and causes only."""
        named = (
            item
            for claim in explanation.claims
            if claim.kind in REASON_KINDS and claim.toward == leaning(case)
            for item in claim.items
        )
        causes = tuple(dict.fromkeys(named))
        refuted = refutation(explanation, case)
        return cls(case, causes, refuted, () if refuted else _draws(case, causes, seed))

    @cached_property
    def questions(self) -> list[Question]:
        """For each trial the shortened history, and where causes are named, without them too."""
        removals = ((), self.causes) if self.causes else ((),)
        return [
            question_without(self.case, (*gone, *removed))
            for gone in self.draws
            for removed in removals
        ]


def refutation(explanation: Explanation, case: Case) -> str:
    """Return why a settled text is no explanation of the case; empty if it is one."""
    if case.decision is None:
        return "the recommender is undecided about this item"
    untrue = untrue_words(explanation, case)
    if untrue or any(claim.kind in REASON_KINDS for claim in explanation.claims):
        return untrue
    return "it gives no reason that could be checked"


FIGURES = (
    Figure(
        task=EXPLANATION_TASK,
        metric="refuted",
        check="refuted",
        note="share of texts that decide otherwise, claim what does not hold, or give no reason",
        better="lower",
        order=60,
        shown="tables",
    ),
    Figure(
        task=EXPLANATION_TASK,
        metric="confidence",
        check="confidence",
        note="mean share of shortened histories on which the text still holds",
        better="higher",
        order=70,
        sparse=True,
        words="confidence {value:.2f}",
    ),
    Figure(
        task=EXPLANATION_TASK,
        metric="risk",
        check="risk",
        note="share of further shortened histories on which the text does not hold",
        better="lower",
        order=80,
        given=True,
        shown="tables",
        chart=2,
    ),
)


def trial_checks(trials: Trials, answers: Sequence[Answer]) -> tuple[Check, Check, Check]:
    """Return the checks ``refuted``, ``confidence`` and ``risk`` of one explanation.

    Args:
        trials: the plan.
        answers: the target's answers to ``trials.questions``.
    """
    refuted = trials.refuted
    fact = Check(name="refuted", value=float(bool(refuted)), detail=refuted)
    if refuted:
        confidence = Check(name="confidence", value=0.0, detail=refuted)
        return fact, confidence, Check(name="risk", value=1.0, detail=refuted)
    if not trials.draws:
        reason = "no other item of the history is left to leave out"
        confidence = Check(name="confidence", value=None, detail=reason)
        return fact, confidence, Check(name="risk", value=None, detail=reason)
    decided, moved = _outcomes(trials, answers)
    held = [first and second for first, second in zip(decided, moved, strict=True)]
    detail = (
        f"of {TRIALS} shortened histories, the recommender decides so on {sum(decided[:TRIALS])}"
    )
    if trials.causes:
        detail += f" and the causes named pull that way on {sum(moved[:TRIALS])}"
    return (
        fact,
        Check(name="confidence", value=sum(held[:TRIALS]) / TRIALS, detail=detail),
        Check(name="risk", value=1.0 - sum(held[TRIALS:]) / LATER, detail=f"of {LATER} others"),
    )


def _draws(case: Case, causes: Sequence[str], seed: int) -> tuple[tuple[str, ...], ...]:
    others = [item for item in dict.fromkeys(case.history) if item not in causes]
    if not others or len(others) + len(causes) == 1:
        return ()
    rng = case_rng(seed, f"{case.id}/trials")
    gone = max(1, round(_LEFT_OUT * len(others)))
    return tuple(
        tuple(others[place] for place in rng.permutation(len(others))[:gone])
        for _ in range(TRIALS + LATER)
    )


def _outcomes(trials: Trials, answers: Sequence[Answer]) -> tuple[list[bool], list[bool]]:
    """Return, for each trial, whether the decision stays, and whether the causes pull its way."""
    step = 2 if trials.causes else 1
    whole = answers[::step]
    decided = [answer.decision == trials.case.decision for answer in whole]
    if not trials.causes:
        return decided, [True] * len(decided)
    sign = direction_of(trials.case)
    pairs = zip(whole, answers[1::step], strict=True)
    return decided, [sign * (one.score - left.score) > one.noise for one, left in pairs]
