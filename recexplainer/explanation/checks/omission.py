"""Omission of sentences from a text, such as false ones; the decision always stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.claims.statements import sentence_spans
from recexplainer.explanation.claims.title_mentions import named_masked
from recexplainer.explanation.claims.what_ifs import sentence_around
from recexplainer.records import Case, Claim, Explanation

__all__ = [
    "sentence_of",
    "without_fragments",
    "without_sentences",
    "without_untrue",
    "without_values",
]

_BACKWARD: Final = re.compile(r"\bthat title\b|\b(?:shared by|shares no .{1,40}? with) them\b")
"""Words of a sentence that is about titles named before it (``rationale_sentences``)."""


def without_untrue(settled: Explanation, case: Case, reader: ClaimReader) -> Explanation:
    """Return the text without the sentences of which anything does not hold, read anew.

    Args:
        settled: its claims have been put to the target.
        case: what it is about.
        reader: reads what is left.
    """
    first = next((one for one in settled.claims if one.kind == "decision"), None)
    untrue = (one for one in settled.claims if one is not first and one.kind != "meant")
    return without_sentences(settled, (one.start for one in untrue if not one.real), case, reader)


def without_fragments(explanation: Explanation, case: Case, reader: ClaimReader) -> Explanation:
    """Return the text without what is no sentence by itself, and so says nothing.

    That is the end of a quotation, or "it shares no genre with that title" where no title is named
    any more. It is not counted among the sentences left out.

    Args:
        explanation: its claims have been read.
        case: what it is about.
        reader: reads what is left.
    """
    whole = without_sentences(explanation, list(_fragments(explanation)), case, reader)
    return whole.model_copy(update={"left_out": explanation.left_out})


def _fragments(explanation: Explanation) -> Iterator[int]:
    """Yield a place in each sentence that lacks a quotation's end, a word, or what it means."""
    named = min((one.start for one in explanation.claims if one.kind == "cause"), default=None)
    bare = named_masked(explanation.text, explanation.claims)
    for start, end in sentence_spans(bare):
        sentence = explanation.text[start:end]
        words = any(sign.isalnum() for sign in sentence)
        whole = words and sentence.count("“") == sentence.count("”")
        back = _BACKWARD.search(bare, start, end)
        meant = back is None or (named is not None and named < back.start())
        if sentence.strip() and not (whole and meant):
            yield start + len(sentence) - len(sentence.lstrip())


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
    values = (claim for claim in explanation.claims if claim.kind == "attribute")
    return without_sentences(
        explanation, (one.start for one in values if unwanted(one)), case, reader
    )


def sentence_of(explanation: Explanation, place: int) -> tuple[int, int]:
    """Return where the sentence around ``place`` begins and ends."""
    return sentence_around(named_masked(explanation.text, explanation.claims), place)


def without_sentences(
    explanation: Explanation, places: Iterable[int], case: Case, reader: ClaimReader
) -> Explanation:
    """Return the explanation without the sentences around ``places``, read anew.

    They go from the end on, so that places before stay.

    Args:
        explanation: its claims have been read.
        places: characters of its text.
        case: what it is about.
        reader: reads what is left.
    """
    spans = sorted({sentence_of(explanation, place) for place in places}, reverse=True)
    for start, end in spans:
        left = f"{explanation.text[:start]}{explanation.text[end:]}".strip()
        reading = reader.read(left, case)
        # The decision stays, and so does what is all there is.
        if left and reading.decision == explanation.decision:
            explanation = explanation.model_copy(
                update={
                    "text": left,
                    "cited": reading.cited,
                    "claims": reading.claims,
                    "left_out": explanation.left_out + 1,
                }
            )
    return explanation
