"""A judge without a language model: the grade follows from what was checked, by fixed rules.

    the first rule that holds                                          grade
    f itself is undecided, or the checks were not run                  none, with the reason
    the text states another decision than f's, or none                 1
    it cites no item of the history, or one that is not there          2
    less than ``min_grounding`` of what it names is real               2
    removing what it cites costs f no more than removing as much else  3
    otherwise                                                          4

It does not read style: it cannot tell a well-put explanation from a clumsy one.
"""

from __future__ import annotations

from pydantic import Field

from recexplainer.judging.rubric import Grade
from recexplainer.plugins.interfaces import JudgeKit, Options, RuleJudge
from recexplainer.records import Case, Explanation

__all__ = ["OfflineJudge", "OfflineOptions", "build"]


class OfflineOptions(Options):
    """Where the lines are drawn."""

    min_grounding: float = Field(default=1.0, ge=0.0, le=1.0)
    """The least share of real titles and attributes that passes grade 2."""
    min_drop: float = 0.0
    """The ``faithfulness_drop`` that grade 4 must exceed, in standard deviations of f's scores."""


class OfflineJudge(RuleJudge):
    """Grades by the rule table above; its verdicts are labelled ``offline``."""

    name = "offline"

    def __init__(self, options: OfflineOptions) -> None:
        self._options = options

    def decide(self, case: Case, explanation: Explanation) -> tuple[Grade | None, str]:
        """Return the grade of the first rule that holds; the explanation must be checked."""
        if case.decision is None:
            return None, "f is undecided about this item"
        agreement = explanation.check("decision_agreement")
        if agreement is None:
            return None, "the explanation was not checked"
        if agreement < 1.0:
            stated = explanation.decision or "no decision"
            return 1, f"the text states {stated}, f decides {case.decision}"
        return self._beyond_decision(explanation)

    def _beyond_decision(self, explanation: Explanation) -> tuple[Grade, str]:
        hallucinated = explanation.check("hallucinated")
        grounding = explanation.check("grounding")
        drop = explanation.check("faithfulness_drop")
        if hallucinated:
            return 2, f"{hallucinated:.0%} of the cited titles are not in the history"
        if not explanation.cited:
            return 2, "right decision, but no item of the history is cited"
        if grounding is not None and grounding < self._options.min_grounding:
            return 2, f"only {grounding:.0%} of the titles and attributes named are real"
        if drop is None:
            return 3, "right and grounded; the faithfulness of what is cited could not be scored"
        if drop <= self._options.min_drop:
            return 3, f"right and grounded, but f does not lean on what is cited (drop {drop:.2f})"
        return 4, f"right, grounded, and f leans on what is cited (drop {drop:.2f})"


def build(options: OfflineOptions, kit: JudgeKit) -> OfflineJudge:
    """Return the offline judge; it needs nothing of the kit."""
    del kit
    return OfflineJudge(options)
