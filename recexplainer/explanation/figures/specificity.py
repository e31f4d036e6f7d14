"""Specificity of texts: which of them would hold as well for a random other user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recexplainer.explanation.checks.settlement import settle_claims, untrue_words
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.oracle import Oracle, Question, case_rng, question_without
from recexplainer.records import (
    EXPLANATION_TASK,
    Case,
    Check,
    Explanation,
    Figure,
    Progress,
    SilentProgress,
)

__all__ = ["CHECKED", "put_to_others"]

_OTHERS = 5
"""How many other users each text is put to."""
_HOLDS = Figure(
    task=EXPLANATION_TASK,
    metric="holds_for_others",
    check="holds_for_others",
    note="share of random other users for whom a text that holds would hold as well",
    better="lower",
    order=116,
    given=True,
    shown="tables",
    sparse=True,
)
_ALIKE = Figure(
    task=EXPLANATION_TASK,
    metric="decided_alike_for_others",
    check="decided_alike",
    note="control: share of them for whom the recommender decides so, as a bare yes or no says",
    order=117,
    shown="tables",
    sparse=True,
)
CHECKED = (_HOLDS, _ALIKE)


def put_to_others(  # what is read, by whom, and who answers
    explanations: Sequence[Explanation],
    cases: Sequence[Case],
    oracle: Oracle,
    reader: ClaimReader,
    *,
    seed: int,
    progress: Progress | None = None,
) -> list[Explanation]:
    """Return the explanations, each with how often it would hold for somebody else, in order.

    A text that holds for its own user is read anew as one about the same item and the history of
    another user among the cases, and put to the same checks. Texts that do not hold are not scored:
    what is untrue of everybody is not specific.

    Args:
        explanations: with their checks filled in.
        cases: the cases they are about, matched by id.
        oracle: asks the target.
        reader: reads every text.
        seed: of the draw of users, the same for all texts about a case.
        progress: where the bar is shown.
    """
    by_id = {case.id: case for case in cases}
    true = [one for one in explanations if one.check("true_as_read") == 1.0]
    wanted = list(dict.fromkeys(one.case for one in true))
    others = _other_cases([by_id[case] for case in wanted], cases, oracle, seed)
    tried = [
        _Trial(row, _read_for(one, other, reader), other)
        for row, one in enumerate(explanations)
        if one.check("true_as_read") == 1.0
        for other in others[one.case]
        if _may_hold(one, by_id[one.case], other)
    ]
    told = settle_claims(
        [one.text for one in tried],
        list({one.case.id: one.case for one in tried}.values()),
        oracle,
        seed=seed,
        progress=progress or SilentProgress(),
    )
    held = [0] * len(explanations)
    for trial, text in zip(tried, told, strict=True):
        held[trial.row] += not untrue_words(text, trial.case)
    return [
        one.model_copy(
            update={"checks": (*one.checks, *_checks(one, by_id[one.case], others, held[row]))}
        )
        for row, one in enumerate(explanations)
    ]


@dataclass(frozen=True, slots=True)
class _Trial:
    """A text at ``row``, read as one about ``case``."""

    row: int
    text: Explanation
    case: Case


def _read_for(explanation: Explanation, case: Case, reader: ClaimReader) -> Explanation:
    """Return what the same words claim about another case."""
    reading = reader.read(explanation.text, case)
    return explanation.model_copy(
        update={
            "case": case.id,
            "decision": reading.decision,
            "cited": reading.cited,
            "claims": reading.claims,
            "checks": (),
        }
    )


def _may_hold(explanation: Explanation, case: Case, other: Case) -> bool:
    """Whether the cheap checks pass: the same decision, and every cause in the history."""
    return other.decision == case.decision and set(explanation.cited) <= set(other.history)


def _other_cases(
    asked: Sequence[Case], cases: Sequence[Case], oracle: Oracle, seed: int
) -> dict[str, list[Case]]:
    """Return for each case id the cases of its item with other users' histories."""
    users = {case.user: case for case in cases}
    drawn: list[tuple[str, Case, Question]] = []
    for case in asked:
        able = [
            one
            for user, one in users.items()
            if user != case.user and case.item not in one.history and case.item not in one.earlier
        ]
        places = case_rng(seed, f"{case.id}/others").permutation(len(able))[:_OTHERS]
        for place in places.tolist():
            other = able[place].model_copy(
                update={"id": f"{case.id}/{able[place].user}", "item": case.item}
            )
            drawn.append((case.id, other, question_without(other)))
    answers = oracle.ask([question for *_, question in drawn])
    found: dict[str, list[Case]] = {case.id: [] for case in asked}
    for (case_id, other, _), answer in zip(drawn, answers, strict=True):
        update = {
            "decision": answer.decision,
            "score": answer.score,
            "rank": answer.rank,
            "candidates": answer.candidates,
        }
        found[case_id].append(other.model_copy(update=update))
    return found


def _checks(
    explanation: Explanation, case: Case, others: dict[str, list[Case]], held: int
) -> tuple[Check, ...]:
    asked = others.get(case.id, [])
    reason = ""
    if explanation.check("true_as_read") != 1.0:
        reason = "it does not hold for its own user"
    elif not asked:
        reason = "no other user is left who has not had the item"
    if reason:
        return tuple(Check(name=one.check, value=None, detail=reason) for one in CHECKED)
    alike = sum(other.decision == case.decision for other in asked)
    detail = f"of {len(asked)} other users"
    return (
        Check(name=_HOLDS.check, value=held / len(asked), detail=detail),
        Check(name=_ALIKE.check, value=alike / len(asked), detail=detail),
    )
