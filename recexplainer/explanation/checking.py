"""Puts what explanations claim to the data and to f."""

from __future__ import annotations

from collections.abc import Sequence

from recexplainer.explanation.asking import Answer, ask_target
from recexplainer.explanation.removal import Removal, removal_checks
from recexplainer.plugins.interfaces import Target
from recexplainer.records import (
    Case,
    Catalogue,
    Check,
    Claim,
    Explanation,
    Progress,
    SilentProgress,
)

__all__ = ["check_explanations", "decision_check", "grounding_check", "hallucination_check"]


def check_explanations(
    explanations: Sequence[Explanation],
    cases: Sequence[Case],
    target: Target,
    catalogue: Catalogue,
    *,
    seed: int,
    progress: Progress | None = None,
) -> list[Explanation]:
    """Return the explanations with their checks filled in, in order.

    All questions to f are gathered first, so f is asked in full batches and no history twice.

    Args:
        explanations: by any explainers, in any order.
        cases: the cases they are about, matched by id.
        target: f.
        catalogue: the items.
        seed: makes the random removals repeatable; they are the same in whatever order.
        progress: where the bar is shown.

    Raises:
        KeyError: an explanation is about a case that is not among ``cases``.
    """
    by_id = {case.id: case for case in cases}
    removals = [
        Removal.plan(by_id[explanation.case], explanation.cited, seed)
        for explanation in explanations
    ]
    questions = [question for removal in removals for question in removal.questions]
    shown = progress if progress is not None else SilentProgress()
    with shown.bar("asking the target", len(questions)) as bar:
        answers = iter(ask_target(target, catalogue, questions, bar))
    return [
        _checked(explanation, removal, [next(answers) for _ in removal.questions])
        for explanation, removal in zip(explanations, removals, strict=True)
    ]


def _checked(explanation: Explanation, removal: Removal, answers: Sequence[Answer]) -> Explanation:
    checks = (
        decision_check(explanation, removal.case),
        grounding_check(explanation),
        hallucination_check(explanation),
        *removal_checks(removal, answers),
    )
    return explanation.model_copy(update={"checks": checks})


def decision_check(explanation: Explanation, case: Case) -> Check:
    """Return 1 if the text states f's decision, else 0; None where f itself is undecided."""
    name, stated = "decision_agreement", explanation.decision or "no decision"
    if case.decision is None:
        return Check(name=name, value=None, detail=f"f is undecided; the text says {stated}")
    agrees = explanation.decision == case.decision
    return Check(name=name, value=float(agrees), detail=f"f: {case.decision}; text: {stated}")


def grounding_check(explanation: Explanation) -> Check:
    """Return the share of distinct cited titles and attribute values that are real."""
    kinds = ("cause", "attribute")
    distinct = _distinct([claim for claim in explanation.claims if claim.kind in kinds])
    false = [claim.text for claim in distinct if not claim.real]
    return _share("grounding", len(distinct) - len(false), len(distinct), false)


def hallucination_check(explanation: Explanation) -> Check:
    """Return the share of distinct titles given as causes that are not in the history."""
    distinct = _distinct([claim for claim in explanation.claims if claim.kind == "cause"])
    false = [claim.text for claim in distinct if not claim.real]
    return _share("hallucinated", len(false), len(distinct), false)


def _distinct(claims: Sequence[Claim]) -> list[Claim]:
    """Return the claims without repeats: one for each item, else for each wording."""
    first: dict[tuple[str, str], Claim] = {}
    for claim in claims:
        named = claim.item if claim.kind == "cause" and claim.item else claim.text.casefold()
        first.setdefault((claim.kind, named), claim)
    return list(first.values())


def _share(name: str, part: int, whole: int, false: Sequence[str]) -> Check:
    if whole == 0:
        return Check(name=name, value=None, detail="the text names nothing that can be checked")
    unreal = f"; not real here: {', '.join(false)}" if false else ""
    return Check(name=name, value=part / whole, detail=f"{part} of {whole}{unreal}")
