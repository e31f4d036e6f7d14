"""Claim marks: a text in pieces, each with what the target said of the claims that cover it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from recexplainer.records import Explanation
from recexplainer.report.check_words import spans

__all__ = ["Mark", "marks"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A piece of a text.

    Attributes:
        text: its words.
        real: whether what it claims is true; None where it claims nothing.
        told: what the target said of it: scores and ranks before and after.
    """

    text: str
    real: bool | None = None
    told: tuple[str, ...] = ()


def marks(explanation: Explanation) -> Iterator[Mark]:
    """Yield the pieces of a text in order; together they are the text."""
    start = 0
    for span in spans(explanation.text, explanation.claims):
        end = start + len(span.text)
        details = (
            claim.detail
            for claim in explanation.claims
            if claim.start <= start and end <= claim.end and claim.detail
        )
        told = tuple(dict.fromkeys(details)) if span.real is not None else ()
        yield Mark(span.text, span.real, told)
        start = end
