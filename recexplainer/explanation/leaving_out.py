"""Leaves sentences out of a text: those that have proved false, but never the decision."""

from __future__ import annotations

from recexplainer.explanation.claims import ClaimReader
from recexplainer.explanation.clauses import sentence_around
from recexplainer.explanation.named import masked
from recexplainer.records import Case, Explanation

__all__ = ["without_false_values", "without_sentence"]


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


def without_false_values(explanation: Explanation, case: Case, reader: ClaimReader) -> Explanation:
    """Return the explanation without the sentences that say an attribute value of whom has it not.

    Args:
        explanation: its claims have been read.
        case: what it is about.
        reader: reads what is left.
    """
    limit = len(explanation.text)
    while places := [place for place in _false_places(explanation) if place < limit]:
        limit = max(places)  # from the end on, so that places before stay true
        explanation = without_sentence(explanation, limit, case, reader)
    return explanation


def _false_places(explanation: Explanation) -> list[int]:
    return [
        claim.start for claim in explanation.claims if claim.kind == "attribute" and not claim.real
    ]
