"""Puts the what-ifs of a text to f: one that holds gets its ranks, one that fails is left out."""

from __future__ import annotations

from collections.abc import Sequence

from recexplainer.explanation.checks.omission import without_sentence
from recexplainer.explanation.claims.clauses import sentence_around
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.claims.title_mentions import masked
from recexplainer.explanation.sentences import re_scored
from recexplainer.oracle import Answer, Oracle, held_outcome, question_without
from recexplainer.records import Case, Claim, Explanation

__all__ = ["bears_out", "settle_what_ifs"]

_CLOSING = ".!? "


def settle_what_ifs(
    explanations: Sequence[Explanation],
    cases: Sequence[Case],
    oracle: Oracle,
    reader: ClaimReader,
) -> list[Explanation]:
    """Return the explanations with no what-if but those that f bears out, in order.

    f's rank and score before and after are written behind each of these; a writer cannot know them.
    A sentence with another one is dropped. Where it also holds the decision, or is all there is,
    the text is kept as it is, and its check fails.

    Args:
        explanations: by any explainers; their claims have been read.
        cases: the cases they are about, matched by id.
        oracle: asks f.
        reader: reads what is left.
    """
    by_id = {case.id: case for case in cases}
    stated = [_stated(explanation) for explanation in explanations]
    questions = [
        question_without(by_id[explanation.case], claim.items)
        for explanation, claims in zip(explanations, stated, strict=True)
        for claim in claims
    ]
    answers = iter(oracle.ask(questions))
    return [
        _settled(
            explanation,
            by_id[explanation.case],
            [(claim, next(answers)) for claim in claims],
            reader,
        )
        for explanation, claims in zip(explanations, stated, strict=True)
    ]


def _stated(explanation: Explanation) -> list[Claim]:
    return [claim for claim in explanation.claims if claim.outcome is not None]


def _settled(
    explanation: Explanation,
    case: Case,
    told: Sequence[tuple[Claim, Answer]],
    reader: ClaimReader,
) -> Explanation:
    if not told:
        return explanation
    for claim, answer in reversed(told):  # from the end on, so that places before stay true
        if bears_out(claim, answer):
            explanation = _with_ranks(
                explanation, claim, re_scored(case, answer.rank, answer.score)
            )
        else:
            explanation = without_sentence(explanation, claim.start, case, reader)
    reading = reader.read(explanation.text, case)
    return explanation.model_copy(update={"cited": reading.cited, "claims": reading.claims})


def _with_ranks(explanation: Explanation, claim: Claim, ranks: str) -> Explanation:
    """Return the explanation with ``ranks`` behind the claim's sentence; claims are not read."""
    text = explanation.text
    titles = [one for one in explanation.claims if one.kind in ("cause", "item")]
    bare = masked(text, titles)
    _, end = sentence_around(bare, claim.start)
    place = len(bare[:end].rstrip(_CLOSING))
    return explanation.model_copy(update={"text": f"{text[:place]} ({ranks}){text[place:]}"})


def bears_out(claim: Claim, answer: Answer) -> bool:
    """Whether a stated counterfactual is about real items and holds by f's answer without them."""
    return claim.real and claim.outcome is not None and held_outcome(claim.outcome, answer.decision)
