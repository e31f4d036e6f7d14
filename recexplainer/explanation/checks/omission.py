"""Leaves sentences out of a text, such as those that have proved false; never the decision."""

from __future__ import annotations

from collections.abc import Callable

from recexplainer.explanation.claims.clauses import sentence_around
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.claims.title_mentions import masked
from recexplainer.records import Case, Claim, Explanation

__all__ = ["without_sentence", "without_values"]


def without_sentence(
    explanation: Explanation, place: int, case: Case, reader: ClaimReader
) -> Explanation:
    """Return the explanation without the sentence around ``place``, its claims read anew.

    Where the sentence also holds the decision, or is all there is, nothing is left out.
    """
    titles = [claim for claim in explanation.claims if claim.kind in ("cause", "item")]
    start, end = sentence_around(masked(explanation.text, titles), place)
    left = f"{explanation.text[:start]}{explanation.text[end:]}".strip()
    reading = reader.read(left, case)
    if not left or reading.decision != explanation.decision:
        return explanation
    return explanation.model_copy(
        update={"text": left, "cited": reading.cited, "claims": reading.claims}
    )


def without_values(
    explanation: Explanation, case: Case, reader: ClaimReader, unwanted: Callable[[Claim], bool]
) -> Explanation:
    """Return the explanation without the sentences that name an unwanted attribute value.

    Args:
        explanation: its claims have been read.
        case: what it is about.
        reader: reads what is left.
        unwanted: whether a claim of an attribute value is to go, such as one that is not real.
    """
    limit = len(explanation.text)
    while places := [
        claim.start
        for claim in explanation.claims
        if claim.kind == "attribute" and claim.start < limit and unwanted(claim)
    ]:
        limit = max(places)  # from the end on, so that places before stay true
        explanation = without_sentence(explanation, limit, case, reader)
    return explanation
