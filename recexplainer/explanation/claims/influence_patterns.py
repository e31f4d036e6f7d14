"""Patterns of sentences that say which titles or values pull, and which way."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from recexplainer.explanation.claims.influence_phrases import (
    ADVERBS,
    AGAINST_ACTIVE,
    AGAINST_NOUN,
    AGAINST_PASSIVE,
    BE,
    DECIDES,
    FACTOR,
    FAR_TARGET,
    FOR_ACTIVE,
    FOR_PASSIVE,
    IT,
    NO,
    NOT,
    REASON_NOUN,
    RUN,
    SIGN,
    SUBJECT,
    TARGET,
    WORD,
)

__all__ = ["PATTERNS", "Pattern", "Toward"]

Toward = Literal["Yes", "No", "stated", "opposite"]
"""Which way: literally, as the text decides, or the other way."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A way to say that ``run`` pulls; ``neg``, where it is there, denies it.

    Attributes:
        expression: with the groups ``run`` and, if it can be denied in place, ``neg``.
        toward: which way.
        reason: whether the words are causal.
        values: whether an attribute value may stand in the place of titles.
    """

    expression: re.Pattern[str]
    toward: Toward
    reason: bool = False
    values: bool = True


def _said(expression: str, toward: Toward, *, reason: bool = False, values: bool = True) -> Pattern:
    return Pattern(re.compile(expression, re.IGNORECASE), toward, reason, values)


PATTERNS: tuple[Pattern, ...] = (
    # what pulls comes first: “A” speaks for it
    _said(rf"{SUBJECT}{FOR_ACTIVE}\b", "Yes"),
    _said(rf"{SUBJECT}{AGAINST_ACTIVE}\b", "No"),
    _said(rf"{RUN}\s+(?:[^\W_]+\s+)?for\s+it\b", "Yes", values=False),
    _said(rf"{RUN}\s+(?:[^\W_]+\s+)?against\s+(?:it|this)\b", "No", values=False),
    _said(
        rf"{SUBJECT}(?:pulls?|points?|tugs?|pushes|works?|goes)\s+(?:[^\W_]+\s+)?(?:in\s+)?the\s+(?:other|opposite)\b",
        "opposite",
    ),
    _said(rf"{RUN}\s+(?:does|do)\s+the\s+opposite\b", "opposite"),
    _said(rf"{SUBJECT}{DECIDES}", "stated"),
    _said(rf"{RUN}\s+{BE}\s+(?:[^\W_]+\s+)?{WORD}{{0,3}}?{AGAINST_NOUN}\b", "No"),
    _said(rf"{RUN}\s+{BE}\s+{NO}{WORD}{{0,4}}?{FACTOR}\b(?!\s+of\b)", "stated", values=False),
    _said(
        rf"{SIGN}+\s+{BE}\s+(?:the|a)\s+{WORD}{{0,2}}?factor\b".replace(f"{SIGN}+", RUN, 1),
        "stated",
    ),
    # what pulls comes last: it is lifted by “A”, what speaks for it most is “A”
    _said(rf"{NO}\b{FOR_PASSIVE}\s+{ADVERBS}by\s+{TARGET}", "Yes"),
    _said(rf"{NO}\b{AGAINST_PASSIVE}\s+{ADVERBS}by\s+{TARGET}", "No"),
    _said(rf"\b{FOR_ACTIVE}\b\s*{IT}(?:{BE}\s|:\**|more\s+than|but)\s*{TARGET}", "Yes"),
    _said(rf"\b{AGAINST_ACTIVE}\b\s*{IT}(?:{BE}\s|:\**|more\s+than|but)\s*{TARGET}", "No"),
    _said(rf"\bup\s+(?:[^\W_]+\s+)?(?:through|by|with)\s+{TARGET}", "Yes"),
    _said(rf"\bdown\s+(?:[^\W_]+\s+)?(?:through|by|with)\s+{TARGET}", "No"),
    _said(rf"\b(?:for|in\s+(?:its\s+)?favou?r|pros?|plus)(?:\s+it)?:\s*{TARGET}", "Yes"),
    _said(rf"\b(?:against(?:\s+it)?|cons?|minus):\s*{TARGET}", "No"),
    _said(rf"\bagainst\s+{WORD}{{0,2}}?(?:_+\s+)?(?:{BE}\s+|:\s*){TARGET}", "No"),
    _said(rf"\b{AGAINST_NOUN}\s+{WORD}{{0,4}}?(?:{BE}\s+|:\s*){TARGET}", "No"),
    _said(rf"\bsupport\s+(?:from|by|in|{BE})\s+{TARGET}", "Yes"),
    _said(rf"\bbenefits?\s+{ADVERBS}from\s+{TARGET}", "Yes"),
    _said(rf"\bsuffers?\s+{ADVERBS}from\s+{TARGET}", "No"),
    _said(rf"\b(?:despite|in\s+spite\s+of|notwithstanding)\s+{FAR_TARGET}", "opposite"),
    _said(rf"\bwhat\s+{DECIDES}\s*{IT}(?:{BE}|:)\s*{TARGET}", "stated"),
    _said(rf"\b(?:goes|go|went|looks?)\s+(?:[^\W_]+ly\s+)?(?:by|for|at)\s+{TARGET}", "stated"),
    _said(
        r"\b(?:recommend|rank|like|pick|choose|favou?r|reject)(?:s|ed)?\s+"
        rf"(?:[^\W_]+\s+|_+\s+){{0,5}}?for\s+(?:its|the|being)\s+{TARGET}",
        "stated",
    ),
    # causal words
    _said(
        rf"{NO}\b(?:because\s+of|due\s+to|thanks\s+to|owing\s+to|on\s+account\s+of"
        rf"|as\s+a\s+(?:result|consequence)\s+of|(?:results?|products?|consequences?)\s+of|results?\s+from|down\s+to|given|based\s+(?:[^\W_]+ly\s+)?(?:up)?on"
        rf"|(?:attribut(?:ed|able)|ascribed|credited)\s+(?:[^\W_]+ly\s+)?to|blamed?\s+(?:on|lies\s+with)|(?:traces?|traced|pinned|goes|comes)\s+(?:back|down)\s+(?:on\s*)?to"
        rf"|(?:credit|blame)\s+goes\s+(?:[^\W_]+ly\s+)?to)\s+{FAR_TARGET}",
        "stated",
        reason=True,
    ),
    _said(rf"{NO}\bow(?:es?|ed|ing)\s+{IT}(?:[^\W_]+\s+)?to\s+{TARGET}", "stated", reason=True),
    _said(
        rf"{NO}\b(?:rest|hinge|depend|rel(?:y|ie)|turn)(?:s|ed)?\s+{ADVERBS}(?:up)?on\s+{TARGET}",
        "stated",
        reason=True,
    ),
    _said(
        rf"{NO}\b(?:driven|explained|caused|justified|motivated|prompted|determined)\s+"
        rf"{ADVERBS}by\s+{TARGET}",
        "stated",
        reason=True,
    ),
    _said(
        rf"{NO}\b(?:comes?|came|stems?|stemmed|arises?|follows?|derives?|derived)\s+{ADVERBS}"
        rf"from\s+(?!the\s+same){TARGET}",
        "stated",
        reason=True,
        values=False,
    ),
    _said(
        rf"\b(?:support|objection|weight|score|rank|bonus|penalty|boost)\s+(?:of\s+[\d.]+\s+)?{IT}(?:comes?|came|stems?)\s+{ADVERBS}"
        rf"from\s+{TARGET}",
        "stated",
        reason=True,
    ),
    _said(
        rf"\b{REASON_NOUN}\s*(?:\s{WORD}{{0,4}}?)?(?:{BE}\s+|[,\w\s]{{0,20}}:\s*){TARGET}",
        "stated",
        reason=True,
    ),
    _said(rf"\bwhy:\s*{TARGET}", "stated", reason=True),
    _said(rf"{SUBJECT}(?:has|had)\s+(?:an?\s+)?(?:[^\W_]+\s+)?positive\b", "Yes"),
    _said(rf"{SUBJECT}(?:has|had)\s+(?:an?\s+)?(?:[^\W_]+\s+)?negative\b", "No"),
    _said(rf"\b(?:factor|driver|influence)s?\s+{BE}\s+{TARGET}", "stated"),
    _said(rf"\b{REASON_NOUN}\s+(?:only|alone),\s*{TARGET}", "stated", reason=True),
    _said(rf"{RUN}\s+{BE}\s+what\s+(?:earns?|earned|gives?|gave|gets?|got)\b", "stated"),
    _said(rf"\bblame\s+{RUN}", "stated", reason=True),
    _said(
        rf"{RUN}\s+(?:[^\W_]+\s+)?{BE}\s+{NO}(?:{WORD}{{0,4}}?{REASON_NOUN}|(?:[^\W_]+ly\s+)?why"
        r"|(?:[^\W_]+ly\s+)?to\s+blame|(?:[^\W_]+ly\s+)?responsible)\b",
        "stated",
        reason=True,
    ),
    _said(
        rf"{RUN}\s+{NOT}(?:[^\W_]+ly\s+)?(?:explains?|explained|causes?|caused)\b",
        "stated",
        reason=True,
    ),
)
