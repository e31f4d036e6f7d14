"""Settlement: puts each claim to the target, by the rules of ``plain_reading``, and marks it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from recexplainer.explanation.checks.plain_reading import ASKED, PlainReading, moved_words
from recexplainer.oracle import (
    Answer,
    Oracle,
    Pulls,
    Question,
    held_outcome,
    pulls_of,
    question_without,
)
from recexplainer.records import Case, Claim, ClaimKind, Explanation, Progress, SilentProgress

__all__ = ["is_true_as_read", "settle_claims", "untrue_words"]

_SENTENCES: Mapping[ClaimKind, str] = {
    "together": "all of them together",
    "strongest": "what counts most",
    "order": "the order",
    "no_cause": "that no single title is the cause",
}


def settle_claims(
    explanations: Sequence[Explanation],
    cases: Sequence[Case],
    oracle: Oracle,
    *,
    seed: int,
    progress: Progress | None = None,
) -> list[Explanation]:
    """Return the explanations, each claim with whether it holds and what was found, in order.

    Args:
        explanations: by any explainers, in any order; their claims have been read.
        cases: the cases they are about, matched by id.
        oracle: asks the target.
        seed: makes random groups repeatable; they are the same for all texts about a case.
        progress: where the bar is shown.

    Raises:
        KeyError: an explanation is about a case that is not among ``cases``.
    """
    by_id = {case.id: case for case in cases}
    plans = [_Plan.of(one, by_id[one.case], oracle, seed) for one in explanations]
    pulled = {plan.case.id: plan.case for plan in plans if plan.needs_pulls}
    questions = [question for plan in plans for question in plan.questions]
    removals = sum(1 + len({*case.history} - {case.item}) for case in pulled.values())
    with (progress or SilentProgress()).bar("asking the target", removals + len(questions)) as bar:
        pulls = dict(zip(pulled, pulls_of(oracle, pulled.values(), bar), strict=True))
        answers = iter(oracle.ask(questions, bar))
    return [plan.settled(pulls.get(plan.case.id), answers) for plan in plans]


def is_true_as_read(explanation: Explanation, case: Case) -> bool:
    """Whether every claim of a settled text holds, and it states the target's decision."""
    return not untrue_words(explanation, case)


def untrue_words(explanation: Explanation, case: Case) -> str:
    """Return what in a settled text does not hold; empty where all does."""
    if explanation.decision != case.decision:
        stated = explanation.decision or "no decision"
        return f"the recommender decides {case.decision or 'neither'}; the text says {stated}"
    untrue = [claim for claim in explanation.claims if not claim.real]
    words = (": ".join(filter(None, (_named(claim), claim.detail))) for claim in untrue)
    return f"does not hold: {'; '.join(dict.fromkeys(words))}" if untrue else ""


def _named(claim: Claim) -> str:
    """Return what a claim is called; one of a whole sentence by what it says."""
    return _SENTENCES.get(claim.kind, claim.text)


@dataclass(frozen=True)
class _Plan:
    """What the target is asked about one text."""

    explanation: Explanation
    case: Case
    readings: dict[Claim, PlainReading]
    what_ifs: tuple[Claim, ...]

    @classmethod
    def of(cls, explanation: Explanation, case: Case, oracle: Oracle, seed: int) -> _Plan:
        reasons = {item for one in explanation.claims if one.kind == "reason" for item in one.items}
        readings = {
            claim: PlainReading(
                claim, case, oracle.catalogue, seed, as_reasons=reasons.issuperset(claim.items)
            )
            for claim in explanation.claims
            if claim.kind in ASKED and claim.real
        }
        what_ifs = tuple(claim for claim in explanation.claims if claim.outcome is not None)
        return cls(explanation, case, readings, what_ifs)

    @property
    def needs_pulls(self) -> bool:
        return bool(self.readings)

    @property
    def questions(self) -> list[Question]:
        groups = [question for one in self.readings.values() for question in one.questions]
        stated = [
            question_without(self.case, removed)
            for claim in self.what_ifs
            for removed in ((), claim.items)
        ]
        return [*groups, *stated]

    def settled(self, pulls: Pulls | None, answers: Iterator[Answer]) -> Explanation:
        found: dict[Claim, Claim] = {}
        for claim, reading in self.readings.items():
            own = [next(answers) for _ in reading.questions]
            if pulls is not None:
                found[claim] = reading.settled(pulls, own)
        for claim in self.what_ifs:
            found[claim] = _put(claim, next(answers), next(answers))
        claims = tuple(found.get(claim, claim) for claim in self.explanation.claims)
        return self.explanation.model_copy(update={"claims": claims})


def _put(claim: Claim, whole: Answer, left: Answer) -> Claim:
    """Return a stated counterfactual, marked as true or false by the two answers."""
    holds = claim.real and claim.outcome is not None and held_outcome(claim.outcome, left.decision)
    detail = moved_words(whole, left) if claim.real else claim.detail or "not in the history"
    return claim.model_copy(update={"real": holds, "detail": detail})
