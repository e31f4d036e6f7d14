"""Checker: all checks of an explanation as a whole, once ``settlement`` has marked its claims."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recexplainer.explanation.checks import confidence, erasure, faithfulness
from recexplainer.explanation.checks.confidence import Trials, trial_checks
from recexplainer.explanation.checks.erasure import Masking, masking_checks
from recexplainer.explanation.checks.faithfulness import Removal, removal_checks
from recexplainer.explanation.checks.settlement import settle_claims, untrue_words
from recexplainer.oracle import Answer, Oracle, Question
from recexplainer.records import (
    EXPLANATION_TASK,
    Case,
    Check,
    Claim,
    Explanation,
    Figure,
    Progress,
    SilentProgress,
)

__all__ = [
    "FIGURES",
    "check_explanations",
    "decision_check",
    "grounding_check",
    "hallucination_check",
    "true_as_read_check",
    "what_if_check",
]


def check_explanations(
    explanations: Sequence[Explanation],
    cases: Sequence[Case],
    oracle: Oracle,
    *,
    seed: int,
    progress: Progress | None = None,
) -> list[Explanation]:
    """Return the explanations with their checks filled in, in order.

    All questions to the target are gathered first, so the target is asked in full batches and no
    history twice.

    Args:
        explanations: by any explainers, in any order; their claims have been read.
        cases: the cases they are about, matched by id.
        oracle: asks the target.
        seed: makes the random removals repeatable; they are the same in whatever order.
        progress: where the bar is shown.

    Raises:
        KeyError: an explanation is about a case that is not among ``cases``.
    """
    shown = progress or SilentProgress()
    by_id = {case.id: case for case in cases}
    settled = settle_claims(explanations, cases, oracle, seed=seed, progress=shown)
    plans = [_Plan.of(explanation, by_id[explanation.case], seed) for explanation in settled]
    questions = [question for plan in plans for question in plan.questions]
    with shown.bar("asking the target", len(questions)) as bar:
        answers = iter(oracle.ask(questions, bar))
    return [plan.checked(answers) for plan in plans]


@dataclass(frozen=True)
class _Plan:
    """All that the target is asked about one explanation whose claims are settled."""

    explanation: Explanation
    removal: Removal
    masking: Masking
    trials: Trials

    @classmethod
    def of(cls, explanation: Explanation, case: Case, seed: int) -> _Plan:
        removal = Removal.plan(case, explanation.cited, seed)
        masking, trials = Masking(case, removal.cited), Trials.plan(explanation, case, seed)
        return cls(explanation, removal, masking, trials)

    @property
    def questions(self) -> list[Question]:
        return [*self.removal.questions, *self.masking.questions, *self.trials.questions]

    def checked(self, answers: Iterator[Answer]) -> Explanation:
        """Return the explanation with its checks, taking as many answers as it has questions."""
        removal, masked, tried = (
            [next(answers) for _ in part.questions]
            for part in (self.removal, self.masking, self.trials)
        )
        checks = (
            decision_check(self.explanation, self.removal.case),
            grounding_check(self.explanation),
            hallucination_check(self.explanation),
            true_as_read_check(self.explanation, self.removal.case),
            *removal_checks(self.removal, removal),
            *masking_checks(self.masking, masked),
            what_if_check(self.explanation),
            *trial_checks(self.trials, tried),
        )
        return self.explanation.model_copy(update={"checks": checks})


_TRUE_AS_READ = Figure(
    task=EXPLANATION_TASK,
    metric="true_as_read",
    check="true_as_read",
    note="share of texts of which every claim holds on the recommender, as a person reads it",
    better="higher",
    order=10,
    given=True,
    shown="claims",
    chart=1,
    headline=1,
)


def true_as_read_check(explanation: Explanation, case: Case) -> Check:
    """Return 1 if every claim of a settled text holds, else 0 and what does not."""
    untrue = untrue_words(explanation, case)
    return Check(name=_TRUE_AS_READ.check, value=float(not untrue), detail=untrue)


_COUNTERFACTUAL_VALIDITY = Figure(
    task=EXPLANATION_TASK,
    metric="counterfactual_validity",
    check="counterfactual_validity",
    note="share of stated what-ifs that hold on the recommender",
    better="higher",
    order=190,
    shown="claims",
    sparse=True,
)


def what_if_check(explanation: Explanation) -> Check:
    """Return the share of stated counterfactuals that hold on the target."""
    name = _COUNTERFACTUAL_VALIDITY.check
    stated = [claim for claim in explanation.claims if claim.kind == "counterfactual"]
    if not stated:
        return Check(name=name, value=None, detail="states no counterfactual")
    failed = [claim.text for claim in stated if not claim.real]
    detail = f"these do not hold: {'; '.join(failed)}" if failed else ""
    return Check(name=name, value=1 - len(failed) / len(stated), detail=detail)


_DECISION_AGREEMENT = Figure(
    task=EXPLANATION_TASK,
    metric="decision_agreement",
    check="decision_agreement",
    note="the text decides as the recommender does",
    better="higher",
    order=20,
    given=True,
    words="the recommender decides otherwise",
    holds="the recommender decides so",
    chart=3,
    headline=2,
)


def decision_check(explanation: Explanation, case: Case) -> Check:
    """Return 1 if the text states the target's decision, else 0; None where it is undecided."""
    name, stated = _DECISION_AGREEMENT.check, explanation.decision or "no decision"
    if case.decision is None:
        return Check(
            name=name, value=None, detail=f"the recommender is undecided; the text says {stated}"
        )
    agrees = explanation.decision == case.decision
    detail = f"both say {stated}" if agrees else f"{case.decision}; the text says {stated}"
    return Check(name=name, value=float(agrees), detail=detail)


_GROUNDING = Figure(
    task=EXPLANATION_TASK,
    metric="grounding",
    check="grounding",
    note="share of cited titles and attributes that are real",
    better="higher",
    order=30,
    given=True,
    words="{share} of what it cites is real",
    holds="all that it cites is real",
)


def grounding_check(explanation: Explanation) -> Check:
    """Return the share of distinct cited titles and attribute values that are real.

    The same value said of others is another claim.
    """
    kinds = ("cause", "attribute")
    distinct = _distinct([claim for claim in explanation.claims if claim.kind in kinds])
    false = [_not_real(claim) for claim in distinct if not claim.real]
    return _share(_GROUNDING.check, len(distinct) - len(false), len(distinct), false)


_HALLUCINATION_RATE = Figure(
    task=EXPLANATION_TASK,
    metric="hallucination_rate",
    check="hallucinated",
    note="share of titles given as causes that are not in the history",
    better="lower",
    order=40,
    given=True,
    shown="claims",
    chart=4,
    headline=3,
)


def hallucination_check(explanation: Explanation) -> Check:
    """Return the share of distinct titles given as causes that are not in the history."""
    distinct = _distinct([claim for claim in explanation.claims if claim.kind == "cause"])
    false = [claim.text for claim in distinct if not claim.real]
    return _share(_HALLUCINATION_RATE.check, len(false), len(distinct), false)


FIGURES = (
    _TRUE_AS_READ,
    _DECISION_AGREEMENT,
    _GROUNDING,
    _HALLUCINATION_RATE,
    *faithfulness.FIGURES,
    *erasure.ERASED,
    _COUNTERFACTUAL_VALIDITY,
    *confidence.FIGURES,
    *erasure.FIRST_CITED,
)
"""The figures that are means of checks: those of this module, and of the checks that it makes."""


def _distinct(claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims without repeats: one for each item, else for each wording and meaning."""
    first: dict[tuple[str, ...], Claim] = {}
    for claim in claims:
        named = claim.item if claim.kind == "cause" and claim.item else claim.text.casefold()
        first.setdefault((claim.kind, named, claim.detail, *claim.items), claim)
    return list(first.values())


def _not_real(claim: Claim) -> str:
    return f"{claim.text} ({claim.detail})" if claim.detail else claim.text


def _share(name: str, part: int, whole: int, false: Sequence[str]) -> Check:
    if whole == 0:
        return Check(name=name, value=None, detail="the text names nothing that can be checked")
    unreal = f"; not real here: {', '.join(false)}" if false else ""
    return Check(name=name, value=part / whole, detail=f"{part} of {whole}{unreal}")
