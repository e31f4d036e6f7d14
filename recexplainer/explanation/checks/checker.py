"""Puts what explanations claim to the data and to f."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from recexplainer.explanation.checks.confidence import Trials, trial_checks
from recexplainer.explanation.checks.erasure import Masking, masking_checks
from recexplainer.explanation.checks.faithfulness import Removal, removal_checks
from recexplainer.explanation.checks.what_ifs import bears_out
from recexplainer.oracle import Answer, Oracle, Question, question_without
from recexplainer.records import (
    Case,
    Check,
    Claim,
    Explanation,
    Progress,
    SilentProgress,
)

__all__ = [
    "check_drafts",
    "check_explanations",
    "decision_check",
    "grounding_check",
    "hallucination_check",
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

    All questions to f are gathered first, so f is asked in full batches and no history twice.

    Args:
        explanations: by any explainers, in any order.
        cases: the cases they are about, matched by id.
        oracle: asks f.
        seed: makes the random removals repeatable; they are the same in whatever order.
        progress: where the bar is shown.

    Raises:
        KeyError: an explanation is about a case that is not among ``cases``.
    """
    by_id = {case.id: case for case in cases}
    plans = [_Plan.of(explanation, by_id[explanation.case], seed) for explanation in explanations]
    return _asked(plans, oracle, progress or SilentProgress())


def check_drafts(
    drafts: Sequence[Explanation], cases: Sequence[Case], oracle: Oracle, seed: int
) -> list[Explanation]:
    """Return the drafts with what a choice among them needs: no masking, and no trials.

    A choice that saw the trials would flatter the confidence that is drawn from them.

    Args:
        drafts: by one explainer, several per case allowed.
        cases: the cases they are about, matched by id.
        oracle: asks f.
        seed: as of ``check_explanations``.
    """
    by_id = {case.id: case for case in cases}
    plans = [
        replace(_Plan.of(draft, by_id[draft.case], seed), masking=None, trials=None)
        for draft in drafts
    ]
    return _asked(plans, oracle, SilentProgress())


def _asked(plans: Sequence[_Plan], oracle: Oracle, progress: Progress) -> list[Explanation]:
    """Put the questions of all plans to f at once."""
    questions = [question for plan in plans for question in plan.questions]
    with progress.bar("asking the target", len(questions)) as bar:
        answers = iter(oracle.ask(questions, bar))
    return [plan.checked(answers) for plan in plans]


@dataclass(frozen=True)
class _Plan:
    """All that f is asked about one explanation; ``masking`` and ``trials`` may be left out."""

    explanation: Explanation
    removal: Removal
    masking: Masking | None
    what_ifs: tuple[Claim, ...]
    trials: Trials | None

    @classmethod
    def of(cls, explanation: Explanation, case: Case, seed: int) -> _Plan:
        removal = Removal.plan(case, explanation.cited, seed)
        what_ifs = tuple(claim for claim in explanation.claims if claim.outcome is not None)
        trials = Trials.plan(explanation, case, seed)
        return cls(explanation, removal, Masking(case, removal.cited), what_ifs, trials)

    @property
    def questions(self) -> list[Question]:
        case = self.removal.case
        stated = [question_without(case, claim.items) for claim in self.what_ifs]
        masked = self.masking.questions if self.masking else ()
        tried = self.trials.questions if self.trials else ()
        return [*self.removal.questions, *masked, *stated, *tried]

    def checked(self, answers: Iterator[Answer]) -> Explanation:
        """Return the explanation with its checks, taking as many answers as it has questions."""
        removal = [next(answers) for _ in self.removal.questions]
        masking: tuple[Check, ...] = ()
        if self.masking:
            masked = [next(answers) for _ in self.masking.questions]
            masking = masking_checks(self.masking, masked)
        told = [(claim, next(answers)) for claim in self.what_ifs]
        held = {claim: bears_out(claim, answer) for claim, answer in told}
        checks: tuple[Check, ...] = (
            decision_check(self.explanation, self.removal.case),
            grounding_check(self.explanation),
            hallucination_check(self.explanation),
            *removal_checks(self.removal, removal),
            *masking,
            _what_if_check(held),
        )
        if self.trials:
            tried = [next(answers) for _ in self.trials.questions]
            checks = (*checks, *trial_checks(self.trials, tried, checks))
        claims = tuple(
            claim.model_copy(update={"real": held.get(claim, claim.real)})
            for claim in self.explanation.claims
        )
        return self.explanation.model_copy(update={"checks": checks, "claims": claims})


def _what_if_check(held: dict[Claim, bool]) -> Check:
    """Return the share of stated counterfactuals that f bears out."""
    name = "counterfactual_validity"
    if not held:
        return Check(name=name, value=None, detail="states no counterfactual")
    failed = [claim.text for claim, holds in held.items() if not holds]
    detail = f"f does not bear out: {'; '.join(failed)}" if failed else ""
    return Check(name=name, value=sum(held.values()) / len(held), detail=detail)


def decision_check(explanation: Explanation, case: Case) -> Check:
    """Return 1 if the text states f's decision, else 0; None where f itself is undecided."""
    name, stated = "decision_agreement", explanation.decision or "no decision"
    if case.decision is None:
        return Check(name=name, value=None, detail=f"f is undecided; the text says {stated}")
    agrees = explanation.decision == case.decision
    return Check(name=name, value=float(agrees), detail=f"f: {case.decision}; text: {stated}")


def grounding_check(explanation: Explanation) -> Check:
    """Return the share of distinct cited titles and attribute values that are real.

    The same value said of others is another claim.
    """
    kinds = ("cause", "attribute")
    distinct = _distinct([claim for claim in explanation.claims if claim.kind in kinds])
    false = [_not_real(claim) for claim in distinct if not claim.real]
    return _share("grounding", len(distinct) - len(false), len(distinct), false)


def hallucination_check(explanation: Explanation) -> Check:
    """Return the share of distinct titles given as causes that are not in the history."""
    distinct = _distinct([claim for claim in explanation.claims if claim.kind == "cause"])
    false = [claim.text for claim in distinct if not claim.real]
    return _share("hallucinated", len(false), len(distinct), false)


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
