"""How sure one can be of an explanation: how often f bears it out on histories like this one.

Confidence and risk are two shares of one kind of trial, on questions of their own: neither reads
the checks by which drafts are chosen, and the risk is measured on trials that the confidence has
not seen. See docs/decisions/0008.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from recexplainer.oracle import Answer, Question, case_rng, question_without
from recexplainer.records import Case, Check, Explanation

__all__ = ["LATER", "TRIALS", "Trials", "refutation", "trial_checks"]

TRIALS = 10
"""How many trials the confidence is the share of."""
LATER = 5
"""How many more trials the risk is measured on."""
_LEFT_OUT = 0.25
"""Share of the uncited items that is missing from the history of a trial."""
_NOISE = 1e-5
"""In standard deviations of f's scores: smaller differences are rounding in single precision."""


@dataclass(frozen=True, slots=True)
class Trial:
    """Uncited items that are ``left_out`` throughout, and ``others`` to compare the cited with."""

    left_out: tuple[str, ...]
    others: tuple[str, ...]


@dataclass(frozen=True)
class Trials:
    """The questions behind one explanation's confidence, in the order in which f answers them.

    Attributes:
        case: what is explained.
        cited: distinct items of the history that the explanation names.
        refuted: what in the text is false of this very case; f is then asked nothing.
        draws: the trials; none where the text names nothing, or too much to compare it with.
    """

    case: Case
    cited: tuple[str, ...]
    refuted: str
    draws: tuple[Trial, ...]

    @classmethod
    def plan(cls, explanation: Explanation, case: Case, seed: int) -> Trials:
        """Return the trials; the draws depend on seed, case and cited items only."""
        cited = tuple(dict.fromkeys(item for item in explanation.cited if item in case.history))
        refuted = refutation(explanation, case)
        if refuted:
            return cls(case, cited, refuted, ())
        return cls(case, cited, "", _draws(case, cited, seed))

    @cached_property
    def questions(self) -> list[Question]:
        """For each trial: the shortened history, without the cited items, without the others."""
        return [
            question_without(self.case, (*trial.left_out, *removed))
            for trial in self.draws
            for removed in ((), self.cited, trial.others)
        ]


def refutation(explanation: Explanation, case: Case) -> str:
    """Return what in the text is false whatever f is asked further; empty if nothing is."""
    if case.decision is None:
        return "f is undecided about this item"
    if explanation.decision != case.decision:
        return f"f decides {case.decision}; the text says {explanation.decision or 'no decision'}"
    named = [claim for claim in explanation.claims if claim.kind in {"cause", "attribute"}]
    made_up = dict.fromkeys(claim.text for claim in named if not claim.real)
    return f"not real here: {', '.join(made_up)}" if made_up else ""


def trial_checks(
    trials: Trials, answers: Sequence[Answer], checks: Sequence[Check]
) -> tuple[Check, Check, Check]:
    """Return the checks ``refuted``, ``confidence`` and ``risk`` of one explanation.

    Args:
        trials: the plan.
        answers: f's answers to ``trials.questions``.
        checks: what was checked on the case itself.
    """
    refuted = trials.refuted or _contradicted(checks)
    fact = Check(name="refuted", value=float(bool(refuted)), detail=refuted)
    if refuted:
        confidence = Check(name="confidence", value=0.0, detail=refuted)
        return fact, confidence, Check(name="risk", value=1.0, detail=refuted)
    if not trials.draws:
        reason = "more than half of the history is cited" if trials.cited else "names no cause"
        confidence = Check(name="confidence", value=None, detail=reason)
        return fact, confidence, Check(name="risk", value=None, detail=reason)
    decided, moved = _outcomes(trials, answers)
    held = [first and second for first, second in zip(decided, moved, strict=True)]
    detail = (
        f"of {TRIALS} shortened histories, f decides so on {sum(decided[:TRIALS])} and leans on "
        f"what is cited on {sum(moved[:TRIALS])}"
    )
    return (
        fact,
        Check(name="confidence", value=sum(held[:TRIALS]) / TRIALS, detail=detail),
        Check(name="risk", value=1.0 - sum(held[TRIALS:]) / LATER, detail=f"of {LATER} others"),
    )


def _contradicted(checks: Sequence[Check]) -> str:
    """Return what f's answers about the case itself have shown to be false; empty if nothing."""
    values = {check.name: check.value for check in checks}
    valid, drop = values.get("counterfactual_validity"), values.get("faithfulness_drop")
    if valid is not None and valid < 1.0:
        return "f does not bear out what it says would change the decision"
    if drop is not None and drop <= _NOISE:
        return "f leans no more on what is cited than on as many others"
    return ""


def _draws(case: Case, cited: Sequence[str], seed: int) -> tuple[Trial, ...]:
    """Return the trials; none without as many uncited items as are cited."""
    others = [item for item in dict.fromkeys(case.history) if item not in cited]
    size = len(cited)
    if not size or size > len(others):
        return ()
    rng = case_rng(seed, f"{case.id}/trials")
    gone = min(max(1, round(_LEFT_OUT * len(others))), len(others) - size)
    draws = []
    for _ in range(TRIALS + LATER):
        order = [others[place] for place in rng.permutation(len(others))]
        draws.append(Trial(tuple(order[:gone]), tuple(order[gone : gone + size])))
    return tuple(draws)


def _outcomes(trials: Trials, answers: Sequence[Answer]) -> tuple[list[bool], list[bool]]:
    """Return, for each trial, whether f decides as on the case, and leans on what is cited."""
    direction = 1.0 if trials.case.decision == "Yes" else -1.0
    decided, moved = [], []
    for whole, without, others in zip(answers[::3], answers[1::3], answers[2::3], strict=True):
        decided.append(whole.decision == trials.case.decision)
        moved.append(direction * (others.score - without.score) > _NOISE * whole.spread)
    return decided, moved
