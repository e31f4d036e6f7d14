"""Patterns of influence: the sentences that say what pulls, and the phrases they are made of.

Titles stand as runs of underscores and attribute values as runs of ``SIGN``, so that no pattern of
words takes either for one. Repeats are bounded everywhere: reading costs the length of a text.
``influence_words`` holds the words that change what such a sentence says.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "AGAINST",
    "AGAINST_ACTIVE",
    "AGAINST_NOUN",
    "AGAINST_PASSIVE",
    "BE",
    "DECIDES",
    "FOR",
    "FOR_ACTIVE",
    "FOR_PASSIVE",
    "PATTERNS",
    "RUN",
    "SIGN",
    "TARGET",
    "THINGS",
    "WORD",
    "Pattern",
    "Toward",
]

SIGN = "\x1a"
WORD = r"(?:[^\W_]+(?:['’-][^\W_]+){0,3}[,:]?\s+)"
THINGS = (
    r"(?:films?|movies?|games?|books?|titles?|items?|songs?|albums?|products?|stor(?:y|ies)|shows?)"
)
_VALUES = rf"(?<!{SIGN}){SIGN}++"
RUN = rf"(?P<run>(?:{_VALUES}\s+(?:{THINGS}\s+)?(?:(?:such\s+as|like)\s+)?)?(?<!_)_++|{_VALUES})"
TARGET = rf"{WORD}{{0,4}}?{RUN}"
FAR_TARGET = rf"{WORD}{{0,8}}?{RUN}"
BE = r"(?:is|are|was|were|been|be|['’]s)"
NOT = (
    r"(?P<neg>(?:(?:do|does|did|is|are|was|were|has|have|had|can|could|will|would)"
    r"(?:n['’]t|\s+not|\s+never|\s+hardly)|never|not|hardly|barely|scarcely|neither|cannot|can['’]t)"
    r"\s+(?:[^\W_]+ly\s+)?)?"
)
NO = r"(?P<neg>(?:n['’]t|\bnot|\bnever|\bhardly|\bbarely)\s+(?:[^\W_]+ly\s+)?)?"
_LATER = rf"(?:(?!(?:{BE[3:-1]}|not|never|neither|hardly|barely)\b){WORD}){{0,4}}?"
SUBJECT = (
    rf"{RUN}[,:]?\s+{_LATER}(?:{BE}\s+(?:the\s+[^\W_]+\s+(?:that|which|who)|what|who)\s+(?:[^\W_]+ly\s+)?)?"
    rf"{NOT}(?:[^\W_]+\s+)?"
)
IT = r"(?:[^\W_]+(?:['’]s)?\s+|_++\s+){0,4}?"
ADVERBS = r"(?:(?:most|all|strongly|the|by\s+far|[^\W_]+ly|above)\s+){0,3}"

FOR_ACTIVE = (
    r"(?:(?:speaks?|spoke|argues?|argued|works?|worked|counts?|counted|tells?|votes?|weighs?)\s+"
    r"(?:[^\W_]+ly\s+)?(?:most\s+)?(?:for|in\s+(?:its\s+)?favou?r)"
    r"|supports?|supported(?!\s+(?:[^\W_]+\s+)?by)|lifts?|lifted(?!\s+(?:[^\W_]+\s+)?by)|raises?"
    r"|raised(?!\s+(?:[^\W_]+\s+)?by)|boosts?|boosted(?!\s+(?:[^\W_]+\s+)?by)|helps?|helped(?!\s+(?:[^\W_]+\s+)?by)"
    r"|favou?rs?|promotes?|increases?|increased(?!\s+(?:[^\W_]+\s+)?by)|strengthens?|backs?(?=\s+(?:it|_))"
    r"|benefits?(?!\s+from)|improves?|elevates?|adds?\s+(?:[^\W_]+\s+)?(?:weight\s+)?to"
    rf"|contributes?\s+(?:[^\W_]+\s+)?to\s+(?:its|the)\s+(?:[^\W_]+\s+)?(?:score|rank)"
    rf"|(?:pull|push|bring|move|drive|prop)(?:s|es|ed)?\s+{IT}up"
    rf"|(?:gives?|gave)\s+{IT}(?:push|boost|lift|support)"
    r"|add(?:s|ed)?(?=\s+(?:\w+\s+)?\+?\d)|adds?\s+(?:some|any)thing|gains?\s+it|gained\s+it"
    r"|(?:pull|push|move|drive)(?:s|es|ed)?\s+(?:[^\s_]+\s+){1,4}?in\s+a\s+positive\s+direction"
    r"|contribut(?:es?|ed)(?:(?=\s+(?:\w+\s+)?\+?\d)|\s+(?:\w+\s+)?positively)"
    rf"|tips?\s+the\s+(?:balance|scales)\s+(?:for|in)|ranks?\s+{IT}higher)"
)
AGAINST_ACTIVE = (
    r"(?:(?:speaks?|spoke|argues?|argued|works?|worked|counts?|counted|tells?|votes?|weighs?)\s+"
    r"(?:[^\W_]+ly\s+)?(?:most\s+)?against"
    r"|lowers?|lowered(?!\s+(?:[^\W_]+\s+)?by)|hurts?(?!\s+(?:[^\W_]+\s+)?by)|harms?|reduces?"
    r"|reduced(?!\s+(?:[^\W_]+\s+)?by)|decreases?|depresses|diminish(?:es)?|weakens?|worsens?"
    rf"|(?:pull|push|bring|drag|weigh|drive|keep)(?:s|es|ed)?\s+{IT}(?:down|out)"
    rf"|(?:holds?|held|keeps?|sets?)\s+{IT}back"
    rf"|marks?\s+{IT}down|takes?\s+(?:[^\s_]+\s+){{0,3}}?away|opposes?|objects?\s+to|detracts?\s+from|undermines?"
    r"|penali[sz]es?|hinders?|sinks?|costs?\s+it"
    r"|(?:takes?|took|shaves?|shaved|knocks?|knocked|cuts?|trims?|trimmed)\s+(?:[^\s_]+\s+){0,3}?off"
    r"|(?:subtract|deduct)(?:s|ed)?|costs?(?=\s+(?:\w+\s+)?\d)"
    r"|(?:pull|push|move|drive)(?:s|es|ed)?\s+(?:[^\s_]+\s+){1,4}?in\s+a\s+negative\s+direction"
    r"|contribut(?:es?|ed)(?:(?=\s+(?:\w+\s+)?[−–-]\s?\d)|\s+(?:\w+\s+)?negatively)"
    rf"|tips?\s+the\s+(?:balance|scales)\s+against|ranks?\s+{IT}lower)"
)
FOR_PASSIVE = (
    r"(?:lifted|raised|supported|boosted|helped|backed|favou?red|promoted|carried|strengthened"
    r"|increased|improved|(?:pulled|pushed|brought|driven|propped)\s+up)"
)
AGAINST_PASSIVE = (
    r"(?:lowered|hurt|harmed|reduced|decreased|opposed|weakened|hindered|undermined|penali[sz]ed"
    r"|held\s+(?:back|down)|(?:dragged|pulled|pushed|weighed|brought|driven)\s+down)"
)
AGAINST_NOUN = (
    r"(?:objections?|strike|drawbacks?|obstacles?|handicap|drag|minus|counterweight|penalt(?:y|ies)"
    r"|enem(?:y|ies))"
)
DECIDES = (
    r"(?:matters?|mattered|counts?|counted|weighs?|decides?|decided|contributes?|carr(?:y|ies|ied)"
    r"|tips?\s+the|makes?\s+the\s+difference|made\s+the\s+difference|drives?|drove)\b"
)
FACTOR = (
    r"(?:factors?|evidence|signals?|influence|argument|support|sign|hint|point|pull|weight|title|item"
    r"|game|film|movie|book)s?"
)
REASON_NOUN = r"(?:reasons?|causes?|culprits?|drivers?|explanations?|grounds?|basis)"

FOR = re.compile(
    rf"\b(?:{FOR_ACTIVE}|{FOR_PASSIVE}|support|high(?:er|ly)?|in\s+favou?r|gain(?:s|ed)?|praise|recommended)\b",
    re.IGNORECASE,
)
"""Words before a cause by which it is one of a high score."""
AGAINST = re.compile(
    rf"\b(?:{AGAINST_ACTIVE}|{AGAINST_PASSIVE}|{AGAINST_NOUN}|against|low(?:er|ly)?|loses?|lost|rejected)\b",
    re.IGNORECASE,
)
"""Words before a cause by which it is one of a low score."""

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
