"""Decision stated by a text: a Yes or No, or a sentence that amounts to one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from recexplainer.explanation.claims.statements import LIST_MARKER, sentence_spans
from recexplainer.records import Decision

__all__ = ["StatedDecision", "read_decision", "read_standing", "says_liking"]

_LIKING = (
    r"(?:be\s+(?:very\s+|highly\s+)?(?:interested|recommended|drawn|attracted|pleased)"
    r"|like|enjoy|love|appreciate|want|choose|watch|play|buy|read|recommend|suit|fit|appeal)"
)
_NOT = (
    r"(?:(?:will|would|does|do|may|might|should|could|is|are)(?:n['’]t|\s+not|\s+never)"
    r"(?!\s+(?:only|just|merely|stop|help|resist|what|why|how)\b)"
    r"|(?:will|would|does|do|may|might|should|is)\s+(?:probably|likely|certainly|definitely)\s+not"
    r"|won['’]t|cannot|can['’]t|would\s+hardly|not\s+likely\s+to|unlikely\s+to)"
)
_THINK = (
    r"(?:don['’]t|do\s+not|doesn['’]t|does\s+not)\s+(?:think|believe|expect|see)"
    r"|(?<!no\s)(?<!without\s)(?<!beyond\s)doubts?"
)
_BEING = r"\b(?:is|would\s+be|looks\s+like|seems)\s+(?:\w+ly\s+)?"
_MATCH = r"(?:fit|match|choice|recommendation)"
_FIT = rf"(?:(?:a|an)\s+(?:\w+\s+)?{_MATCH}|suitable|recommended)\b"

_NEGATIVE = re.compile(
    rf"\b{_NOT}\b(?:\s+\w+){{0,3}}?\s+(?:{_LIKING}|{_FIT})"
    rf"|\b(?:{_THINK})\b[^.?!]{{0,60}}?\b{_LIKING}\b"
    rf"|{_BEING}(?:a|an)\s+(?:poor|bad|weak|wrong|unlikely|doubtful|odd)\s+{_MATCH}\b"
    r"|\bnot\s+(?:be\s+)?recommend(?:ed)?\b|\b(?:dislikes?|rejects?|not\s+interested)\b",
    re.IGNORECASE,
)
_POSITIVE = re.compile(
    r"\b(?:will|would|should|may|might|could|is\s+going\s+to|(?:is|are|seems?)\s+likely\s+to|I)"
    rf"\s+(?:(?:\w+ly|also|most|very|well)\s+)*{_LIKING}\b"
    rf"|{_BEING}{_FIT}"
    r"|\b(?:f|recommender|model|system)\s+recommends\b",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"(?:^|[.!?:\n]|\b(?:answer|decision|verdict|prediction)(?:\s+is)?\b)[^\w\n]*(?P<word>yes|no)\b"
    r"(?=[^\S\n]*(?:[^\w\s]|\n|$)|\s+(?:the\s+user|they|he|she|it|f|this|I|we|because|since|as)\b)",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:[,;]|\b(?:so|hence|thus|therefore)\b,?)\s+(?P<word>yes|no)\s*[.!]*\s*$", re.IGNORECASE
)
_OFFERED = re.compile(
    r"[(\[]?\b(?:yes\s{0,2}(?:/|\||or)\s{0,2}no|no\s{0,2}(?:/|\||or)\s{0,2}yes)\b[)\]]?\??",
    re.IGNORECASE,
)
_OPEN_QUESTION = re.compile(r"\b(?:whether|if)\b", re.IGNORECASE)

_HIGH = r"\bhigh(?:ly)?\b(?=[^.?!]*\bfor\s)|\btop\s+choices\b|\bupper\s+half\b"
_LOW = (
    r"\branks\s+it\s+low\b|\blow\s+for\b|\blower\s+half\b"
    r"|\bthat\s+is(?:n['’]t|\s+not)\s+enough\b|\b(?:do|does)(?:n['’]t|\s+not)\s+save\s+it\b"
)
_STANDINGS: tuple[tuple[Decision, re.Pattern[str]], ...] = (
    ("Yes", re.compile(_HIGH, re.IGNORECASE)),
    ("No", re.compile(_LOW, re.IGNORECASE)),
)
"""Places in the recommender's ranking, or what amounts to one, and the decisions that they are."""


@dataclass(frozen=True, slots=True)
class StatedDecision:
    """A decision and where the text states it."""

    decision: Decision
    start: int
    end: int


def read_decision(text: str) -> StatedDecision | None:
    """Return the decision that ``text`` states, or None.

    A ``Yes`` or ``No`` that begins the text, a line or a sentence decides, the first one of them.
    Otherwise the first sentence that ends on one (``…, so yes.``), or that says whether the user
    will like the item, and in it the last such phrase. Questions, and what is said under
    ``whether`` or ``if``, decide nothing.

    Labels that are offered, such as ``(Yes/No)``, and the marks of a list are no part of it.

    Args:
        text: the words; titles in it must have been masked, as they may hold a ``No``.
    """
    for unsaid in (_OFFERED, LIST_MARKER):
        text = unsaid.sub(lambda hit: " " * len(hit.group()), text)
    leading = _LEADING.search(text)
    if leading is not None:
        return _said(leading["word"], leading.start("word"))
    for start, end in sentence_spans(text):
        if not text[start:end].rstrip().endswith("?"):
            closing = _CLOSING.search(text[start:end])
            if closing is not None:
                last = start + closing.start("word")
                return _said(closing["word"], last)
            stated = sorted(_phrases(text, start, end), key=lambda phrase: phrase.start)
            if stated:
                return stated[-1]
    return None


def read_standing(sentence: str) -> StatedDecision | None:
    """Return the decision that a place in the ranking is, where a sentence tells one."""
    for decision, pattern in _STANDINGS:
        found = pattern.search(sentence)
        if found is not None:
            return StatedDecision(decision, found.start(), found.end())
    return None


def _said(word: str, start: int) -> StatedDecision:
    return StatedDecision("Yes" if word.casefold() == "yes" else "No", start, start + len(word))


def says_liking(text: str) -> bool:
    """Return whether words say that the user will, or will not, like the item."""
    return next(_phrases(text, 0, len(text)), None) is not None


def _phrases(text: str, start: int, end: int) -> Iterator[StatedDecision]:
    taken: list[tuple[int, int]] = []
    readings: tuple[tuple[Decision, re.Pattern[str]], ...] = (("No", _NEGATIVE), ("Yes", _POSITIVE))
    for decision, pattern in readings:
        for phrase in pattern.finditer(text, start, end):
            within = any(phrase.start() < last and first < phrase.end() for first, last in taken)
            asked = _OPEN_QUESTION.search(text, max(start, phrase.start() - 40), phrase.start())
            if not within and not asked:
                taken.append(phrase.span())
                yield StatedDecision(decision, *phrase.span())
