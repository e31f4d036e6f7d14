"""Offline judge: the grade follows from the checks, by fixed rules and without a model.

    the first rule that holds                                          grade
    the target is undecided, or the checks were not run                none, with the reason
    the text states another decision than the target's, or none        1
    it gives no reason, or names a title that is not in the history    2
    less than ``min_grounding`` of what it names is real               2
    a claim in it does not hold as it is read                          3
    otherwise: every claim holds                                       4

It does not read style: it cannot tell a well-put explanation from a clumsy one.
"""

from __future__ import annotations

from pydantic import Field

from recexplainer.judging.rubric import Grade
from recexplainer.plugins.interfaces import JudgeKit, Options, RuleJudge
from recexplainer.records import REASON_KINDS, Case, Explanation

__all__ = ["OfflineJudge", "OfflineOptions", "build"]


class OfflineOptions(Options):
    """Thresholds of the rules."""

    min_grounding: float = Field(default=1.0, ge=0.0, le=1.0)
    """The least share of real titles and attributes that passes grade 2."""


class OfflineJudge(RuleJudge):
    """Grades by the rule table above; its verdicts are labelled ``offline``."""

    name = "offline"

    def __init__(self, options: OfflineOptions) -> None:
        self._options = options

    def decide(self, case: Case, explanation: Explanation) -> tuple[Grade | None, str]:
        """Return the grade of the first rule that holds; the explanation must be checked."""
        if case.decision is None:
            return None, "the recommender is undecided about this item"
        agreement = explanation.check("decision_agreement")
        if agreement is None:
            return None, "the explanation was not checked"
        if agreement < 1.0:
            stated = explanation.decision or "no decision"
            return 1, f"the text states {stated}, the recommender decides {case.decision}"
        return self._beyond_decision(explanation)

    def _beyond_decision(self, explanation: Explanation) -> tuple[Grade, str]:
        hallucinated, grounding = explanation.check("hallucinated"), explanation.check("grounding")
        if hallucinated:
            return 2, f"{hallucinated:.0%} of the cited titles are not in the history"
        if not any(claim.kind in REASON_KINDS for claim in explanation.claims):
            return 2, "right decision, but no reason that could be checked is given"
        if grounding is not None and grounding < self._options.min_grounding:
            return 2, f"only {grounding:.0%} of the titles and attributes named are real"
        if explanation.check("true_as_read") == 1.0:
            return 4, "right, and every claim holds"
        return 3, f"right and grounded, but {_untrue(explanation)}"


def _untrue(explanation: Explanation) -> str:
    details = (check.detail for check in explanation.checks if check.name == "true_as_read")
    return next(details, "whether its claims hold was not checked")


def build(options: OfflineOptions, kit: JudgeKit) -> OfflineJudge:
    """Return the offline judge; it needs nothing of the kit."""
    del kit
    return OfflineJudge(options)
