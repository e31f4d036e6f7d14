"""The words by which a text says that something pulls the recommender, and which way.

Titles stand as runs of underscores and attribute values as runs of ``SIGN``, so that no pattern of
words takes either for one. Repeats are bounded everywhere: reading costs the length of a text.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "AGAINST",
    "BETTER",
    "CAUSAL",
    "CONCLUSION",
    "EXEMPT",
    "FOR",
    "JOINTLY",
    "LEAST_OF_ALL",
    "LESS",
    "NEGATED",
    "NEXT",
    "ORDER",
    "PATTERNS",
    "PRONOUN",
    "RANKED",
    "REMOVED",
    "SIGN",
    "SUPERLATIVE",
    "SUPPOSED",
    "WEIGHTY",
    "WORSE",
    "Pattern",
    "Toward",
]

SIGN = "\x1a"
Toward = Literal["Yes", "No", "stated", "opposite"]
"""Which way: literally, as the text decides, or the other way."""

_WORD = r"(?:[^\W_]+(?:['’-][^\W_]+){0,3}[,:]?\s+)"
_THINGS = (
    r"(?:films?|movies?|games?|books?|titles?|items?|songs?|albums?|products?|stor(?:y|ies)|shows?)"
)
_VALUES = rf"(?<!{SIGN}){SIGN}++"
RUN = rf"(?P<run>(?:{_VALUES}\s+(?:{_THINGS}\s+)?(?:(?:such\s+as|like)\s+)?)?(?<!_)_++|{_VALUES})"
_TARGET = rf"{_WORD}{{0,4}}?{RUN}"
_BE = r"(?:is|are|was|were|been|be|['’]s)"
_NOT = (
    r"(?P<neg>(?:(?:do|does|did|is|are|was|were|has|have|had|can|could|will|would)"
    r"(?:n['’]t|\s+not|\s+never|\s+hardly)|never|not|hardly|barely|scarcely|neither|cannot|can['’]t)"
    r"\s+(?:[^\W_]+ly\s+)?)?"
)
_NO = r"(?P<neg>(?:n['’]t|\bnot|\bnever|\bhardly|\bbarely)\s+(?:[^\W_]+ly\s+)?)?"
_LATER = rf"(?:(?!(?:{_BE[3:-1]}|not|never|neither|hardly|barely)\b){_WORD}){{0,4}}?"
_SUBJECT = (
    rf"{RUN},?\s+{_LATER}(?:{_BE}\s+(?:the\s+[^\W_]+\s+(?:that|which|who)|what|who)\s+(?:[^\W_]+ly\s+)?)?"
    rf"{_NOT}(?:[^\W_]+\s+)?"
)
_IT = r"(?:[^\W_]+(?:['’]s)?\s+|_++\s+){0,4}?"
_ADVERBS = r"(?:(?:most|all|strongly|the|by\s+far|[^\W_]+ly|above)\s+){0,3}"

_FOR_ACTIVE = (
    r"(?:(?:speaks?|spoke|argues?|argued|works?|worked|counts?|counted|tells?|votes?|weighs?)\s+"
    r"(?:[^\W_]+ly\s+)?(?:most\s+)?(?:for|in\s+(?:its\s+)?favou?r)"
    r"|supports?|supported(?!\s+(?:[^\W_]+\s+)?by)|lifts?|lifted(?!\s+(?:[^\W_]+\s+)?by)|raises?"
    r"|raised(?!\s+(?:[^\W_]+\s+)?by)|boosts?|boosted(?!\s+(?:[^\W_]+\s+)?by)|helps?|helped(?!\s+(?:[^\W_]+\s+)?by)"
    r"|favou?rs?|promotes?|increases?|increased(?!\s+(?:[^\W_]+\s+)?by)|strengthens?|backs?(?=\s+(?:it|_))"
    r"|benefits?(?!\s+from)|improves?|elevates?|adds?\s+(?:[^\W_]+\s+)?(?:weight\s+)?to"
    rf"|contributes?\s+(?:[^\W_]+\s+)?to\s+(?:its|the)\s+(?:[^\W_]+\s+)?(?:score|rank)"
    rf"|(?:pull|push|bring|move|drive|prop)(?:s|es|ed)?\s+{_IT}up"
    rf"|(?:gives?|gave)\s+{_IT}(?:push|boost|lift|support)"
    rf"|tips?\s+the\s+(?:balance|scales)\s+(?:for|in)|ranks?\s+{_IT}higher)"
)
_AGAINST_ACTIVE = (
    r"(?:(?:speaks?|spoke|argues?|argued|works?|worked|counts?|counted|tells?|votes?|weighs?)\s+"
    r"(?:[^\W_]+ly\s+)?(?:most\s+)?against"
    r"|lowers?|lowered(?!\s+(?:[^\W_]+\s+)?by)|hurts?(?!\s+(?:[^\W_]+\s+)?by)|harms?|reduces?"
    r"|reduced(?!\s+(?:[^\W_]+\s+)?by)|decreases?|depresses|diminish(?:es)?|weakens?|worsens?"
    rf"|(?:pull|push|bring|drag|weigh|drive|keep)(?:s|es|ed)?\s+{_IT}(?:down|out)"
    rf"|(?:holds?|held|keeps?)\s+{_IT}back|opposes?|objects?\s+to|detracts?\s+from|undermines?"
    r"|penali[sz]es?|hinders?|sinks?|costs?\s+it"
    rf"|tips?\s+the\s+(?:balance|scales)\s+against|ranks?\s+{_IT}lower)"
)
_FOR_PASSIVE = (
    r"(?:lifted|raised|supported|boosted|helped|backed|favou?red|promoted|carried|strengthened"
    r"|increased|improved|(?:pulled|pushed|brought|driven|propped)\s+up)"
)
_AGAINST_PASSIVE = (
    r"(?:lowered|hurt|harmed|reduced|decreased|opposed|weakened|hindered|undermined|penali[sz]ed"
    r"|held\s+(?:back|down)|(?:dragged|pulled|pushed|weighed|brought|driven)\s+down)"
)
_FOR_NOUN = r"(?:support|argument|argues?|case|point|reason|weight|evidence|speaks?|plus|vote)s?"
_AGAINST_NOUN = r"(?:objections?|strike|drawbacks?|obstacles?|handicap|drag|minus|counterweight)"
_DECIDES = (
    r"(?:matters?|mattered|counts?|counted|weighs?|decides?|decided|contributes?|carr(?:y|ies|ied)"
    r"|tips?\s+the|makes?\s+the\s+difference|made\s+the\s+difference|drives?|drove)\b"
)
_FACTOR = (
    r"(?:factors?|evidence|signals?|influence|argument|support|sign|hint|point|pull|weight|title|item"
    r"|game|film|movie|book)s?"
)
_REASON_NOUN = r"(?:reasons?|causes?|drivers?|explanations?|grounds?|basis)"
_GONE = r"(?:removed|left\s+out|deleted|dropped|missing|absent|gone|taken\s+(?:away|out)|omitted)"

FOR = re.compile(
    rf"\b(?:{_FOR_ACTIVE}|{_FOR_PASSIVE}|support|high(?:er|ly)?|in\s+favou?r|praise|recommended)\b",
    re.IGNORECASE,
)
"""Words before a cause by which it is one of a high score."""
AGAINST = re.compile(
    rf"\b(?:{_AGAINST_ACTIVE}|{_AGAINST_PASSIVE}|{_AGAINST_NOUN}|against|low(?:er|ly)?|rejected)\b",
    re.IGNORECASE,
)
"""Words before a cause by which it is one of a low score."""


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
    _said(rf"{_SUBJECT}{_FOR_ACTIVE}\b", "Yes"),
    _said(rf"{_SUBJECT}{_AGAINST_ACTIVE}\b", "No"),
    _said(rf"{RUN}\s+(?:[^\W_]+\s+)?for\s+it\b", "Yes", values=False),
    _said(rf"{RUN}\s+(?:[^\W_]+\s+)?against\s+(?:it|this)\b", "No", values=False),
    _said(
        rf"{_SUBJECT}(?:pulls?|points?)\s+(?:[^\W_]+\s+)?in\s+the\s+(?:other|opposite)\b",
        "opposite",
    ),
    _said(rf"{RUN}\s+(?:does|do)\s+the\s+opposite\b", "opposite"),
    _said(rf"{_SUBJECT}{_DECIDES}", "stated"),
    _said(rf"{RUN}\s+{_BE}\s+(?:[^\W_]+\s+)?{_WORD}{{0,3}}?{_AGAINST_NOUN}\b", "No"),
    _said(rf"{RUN}\s+{_BE}\s+{_NO}{_WORD}{{0,4}}?{_FACTOR}\b(?!\s+of\b)", "stated", values=False),
    _said(
        rf"{SIGN}+\s+{_BE}\s+(?:the|a)\s+{_WORD}{{0,2}}?factor\b".replace(f"{SIGN}+", RUN, 1),
        "stated",
    ),
    # what pulls comes last: it is lifted by “A”, what speaks for it most is “A”
    _said(rf"{_NO}\b{_FOR_PASSIVE}\s+{_ADVERBS}by\s+{_TARGET}", "Yes"),
    _said(rf"{_NO}\b{_AGAINST_PASSIVE}\s+{_ADVERBS}by\s+{_TARGET}", "No"),
    _said(rf"\b{_FOR_ACTIVE}\b\s*{_IT}(?:{_BE}\s|:|more\s+than|but)\s*{_TARGET}", "Yes"),
    _said(rf"\b{_AGAINST_ACTIVE}\b\s*{_IT}(?:{_BE}\s|:|more\s+than|but)\s*{_TARGET}", "No"),
    _said(rf"\bup\s+(?:[^\W_]+\s+)?(?:through|by|with)\s+{_TARGET}", "Yes"),
    _said(rf"\bdown\s+(?:[^\W_]+\s+)?(?:through|by|with)\s+{_TARGET}", "No"),
    _said(rf"\b(?:for|in\s+(?:its\s+)?favou?r|pros?|plus)(?:\s+it)?:\s*{_TARGET}", "Yes"),
    _said(rf"\b(?:against(?:\s+it)?|cons?|minus):\s*{_TARGET}", "No"),
    _said(rf"\bagainst\s+{_WORD}{{0,2}}?(?:_+\s+)?(?:{_BE}\s+|:\s*){_TARGET}", "No"),
    _said(rf"\b{_AGAINST_NOUN}\s+{_WORD}{{0,4}}?(?:{_BE}\s+|:\s*){_TARGET}", "No"),
    _said(rf"\bsupport\s+(?:from|by|in|{_BE})\s+{_TARGET}", "Yes"),
    _said(rf"\bbenefits?\s+{_ADVERBS}from\s+{_TARGET}", "Yes"),
    _said(rf"\bsuffers?\s+{_ADVERBS}from\s+{_TARGET}", "No"),
    _said(rf"\b(?:despite|in\s+spite\s+of|notwithstanding)\s+{_TARGET}", "opposite"),
    _said(rf"\bwhat\s+{_DECIDES}\s*{_IT}(?:{_BE}|:)\s*{_TARGET}", "stated"),
    _said(rf"\b(?:goes|go|went|looks?)\s+(?:[^\W_]+ly\s+)?(?:by|for|at)\s+{_TARGET}", "stated"),
    _said(
        r"\b(?:recommend|rank|like|pick|choose|favou?r|reject)(?:s|ed)?\s+"
        rf"(?:[^\W_]+\s+|_+\s+){{0,5}}?for\s+(?:its|the|being)\s+{_TARGET}",
        "stated",
    ),
    # causal words
    _said(
        rf"{_NO}\b(?:because\s+of|due\s+to|thanks\s+to|owing\s+to|on\s+account\s+of"
        rf"|as\s+a\s+result\s+of|results?\s+(?:of|from)|down\s+to|given|based\s+(?:[^\W_]+ly\s+)?(?:up)?on"
        rf"|(?:attribut(?:ed|able)|ascribed|credited)\s+(?:[^\W_]+ly\s+)?to|blamed?\s+(?:on|lies\s+with)"
        rf"|(?:credit|blame)\s+goes\s+(?:[^\W_]+ly\s+)?to)\s+{_TARGET}",
        "stated",
        reason=True,
    ),
    _said(rf"{_NO}\bow(?:es?|ed|ing)\s+{_IT}(?:[^\W_]+\s+)?to\s+{_TARGET}", "stated", reason=True),
    _said(
        rf"{_NO}\b(?:rest|hinge|depend|rel(?:y|ie)|turn)(?:s|ed)?\s+{_ADVERBS}(?:up)?on\s+{_TARGET}",
        "stated",
        reason=True,
    ),
    _said(
        rf"{_NO}\b(?:driven|explained|caused|justified|motivated|prompted|determined)\s+"
        rf"{_ADVERBS}by\s+{_TARGET}",
        "stated",
        reason=True,
    ),
    _said(
        rf"{_NO}\b(?:comes?|came|stems?|stemmed|arises?|follows?|derives?|derived)\s+{_ADVERBS}"
        rf"from\s+(?!the\s+same){_TARGET}",
        "stated",
        reason=True,
        values=False,
    ),
    _said(
        rf"\b(?:support|objection|weight|score|rank)\s+{_IT}(?:comes?|came|stems?)\s+{_ADVERBS}"
        rf"from\s+{_TARGET}",
        "stated",
        reason=True,
    ),
    _said(
        rf"\b{_REASON_NOUN}\s*(?:\s{_WORD}{{0,4}}?)?(?:{_BE}\s+|[,\w\s]{{0,20}}:\s*){_TARGET}",
        "stated",
        reason=True,
    ),
    _said(rf"\bwhy:\s*{_TARGET}", "stated", reason=True),
    _said(
        rf"{RUN}\s+(?:[^\W_]+\s+)?{_BE}\s+{_NO}(?:{_WORD}{{0,4}}?{_REASON_NOUN}|(?:[^\W_]+ly\s+)?why"
        r"|(?:[^\W_]+ly\s+)?to\s+blame|(?:[^\W_]+ly\s+)?responsible)\b",
        "stated",
        reason=True,
    ),
    _said(
        rf"{RUN}\s+{_NOT}(?:[^\W_]+ly\s+)?(?:explains?|explained|causes?|caused)\b",
        "stated",
        reason=True,
    ),
)

CAUSAL = re.compile(
    r"\b(?:because(?!\s+of\b)|since(?!\s+\d)|given\s+that|seeing\s+(?:that|how)|considering\s+that"
    r"|as\s+(?=(?:the|this)\s+(?:user|player|reader|viewer|listener|history)\b|they\b|you\b|s?he\b))",
    re.IGNORECASE,
)
"""Opens a clause that is a reason as a whole."""
CONCLUSION = re.compile(
    r"[\s,;]*(?:and\s+)?(?:(?<!less\s)(?:so|hence|therefore|thus|consequently)\b(?!\s+(?:far|it\s+is\b|do|does|many))"
    r"|(?:which|that|this)\s+is\s+(?:also\s+)?why\b|for\s+(?:this|that|these|those)\s+reasons?\b"
    r"|(?:because\s+of|due\s+to)\s+(?:this|that|these|those)\b)",
    re.IGNORECASE,
)
"""Begins what follows from the clause before it."""
PRONOUN = re.compile(
    rf"[\s,;]*(?:and\s+)?(?:this|that|which|these)\s+(?:[^\W_]+ly\s+)?(?:(?P<yes>{_FOR_ACTIVE})"
    rf"|(?P<no>{_AGAINST_ACTIVE})|{_DECIDES}|tells\s+us|is\s+what\s+the\s+(?:recommender|model|system)\b)",
    re.IGNORECASE,
)
"""Says which way the clause before it pulls."""
REMOVED = re.compile(
    r"\b(?:without|minus|remov(?:e|ing)|delet(?:e|ing)|drop(?:ping)?|omit(?:ting)?|excluding"
    rf"|(?:leav(?:e|ing)|tak(?:e|ing))\s+(?:out|away))\s+{_TARGET.replace('?P<run>', '?P<a>')}"
    rf"|\b(?:leav(?:e|ing)|tak(?:e|ing))\s+{_TARGET.replace('?P<run>', '?P<b>')}"
    r"\s+(?:out|away|off)\b"
    rf"|\bwith\s+{RUN.replace('?P<run>', '?P<c>')}\s+{_GONE}\b"
    rf"|{RUN.replace('?P<run>', '?P<d>')}\s+(?:{_BE}|gets?)\s+(?:[^\W_]+\s+)?{_GONE}\b",
    re.IGNORECASE,
)
"""Leaves titles out; ``WORSE`` or ``BETTER`` says what the score then does."""
WORSE = re.compile(
    r"\b(?:lower(?:s|ed)?|falls?|drops?|costs?|hurts?|declines?|sinks?|loses?|worse|worsens?|plummets?"
    r"|decreases?|reduces?|down|harms?|weakens?|shrinks?)\b",
    re.IGNORECASE,
)
BETTER = re.compile(
    r"\b(?:raises?|rises?|helps?|improves?|climbs?|gains?|higher|better|increases?|up|lifts?"
    r"|benefits?|boosts?|grows?)\b",
    re.IGNORECASE,
)
NEGATED = re.compile(
    r"_\s+(?:[^\W_]+\s+){0,1}?(?:[^\W_]+n['’]t|not|never|neither|hardly|barely|scarcely|cannot|irrelevant)\b"
    r"|\b(?:ignor(?:es?|ed|ing)|regardless\s+of|apart\s+from\s+the\s+fact)\s+_",
    re.IGNORECASE,
)
LEAST_OF_ALL = re.compile(
    r"\b(?:nothing|nobody|no\s+[^\W_]+|none)\b[^_]{0,60}\bmore\s+than\s", re.IGNORECASE
)
"""Says that what follows is the strongest."""
_POPULAR = r"to|by|from|because|due|thanks|is|are|was|were|on|for|against|weight|support|important"
SUPERLATIVE = re.compile(
    r"\b(?P<next>above\s+all|mainly|chiefly|primarily|mostly|principally|predominantly|largely"
    r"|first\s+(?:and\s+foremost|of\s+all)|most\s+of\s+all)\b"
    r"|\b(?:strongest|biggest|largest|greatest|heaviest|weightiest|main|chief|key|primary|principal"
    r"|foremost|top(?=\s+(?:reason|cause|factor|driver))|best(?=\s+(?:argument|reason|support))"
    rf"|most(?=\s+(?:{_POPULAR}|decisive|influential|of\s+(?:the|its|this))\b|\s*[,.;:!()_]|\s*$))",
    re.IGNORECASE,
)
ORDER = re.compile(
    r"\b(?:then|followed\s+by|next|after\s+that|less\s+so|to\s+a\s+lesser\s+(?:extent|degree)|lesser"
    r"|secondly|comes?\s+second|second(?=\s*[,.;)]|\s*$)|in\s+(?:that|this|descending)\s+order"
    r"|more\s+than\s+the\s+latter)\b",
    re.IGNORECASE,
)
RANKED = re.compile(
    r"\b(?:ranked|ranking|in\s+(?:descending\s+)?order|most\s+important\s+first)\b", re.IGNORECASE
)
JOINTLY = re.compile(
    r"\b(?:together|jointly|combined|in\s+combination|as\s+a\s+pair)\b(?!\s+with\b)"
    r"|\b(?:neither|none|not)\s+(?:[^\W_]+\s+){0,3}?(?:alone|by\s+itself|on\s+its\s+own)\b",
    re.IGNORECASE,
)
WEIGHTY = re.compile(
    r"\b(?:strongest|biggest|greatest|largest|main|key|most\s+(?:important|decisive|influential)"
    r"|influence|impact)\b",
    re.IGNORECASE,
)
"""Says of a listing that it is more than that."""
NEXT = re.compile(r"\s*(?:next|then|after\s+that|secondly|second|less\s+so)\b", re.IGNORECASE)
"""Begins what is said to come behind what was said before."""
LESS = re.compile(r"\s+(?:less(?:\s+so)?\b|too\b|as\s+well|second\b|a\s+lesser)", re.IGNORECASE)
"""Says of the title before it that it does as those before, or less."""
SUPPOSED = re.compile(
    r"\b(?:might|may|could|would)\s+(?:think|expect|assume|suppose|guess|believe)\b", re.IGNORECASE
)
"""Says what somebody could think, not what is so."""
_TOOK = (
    r"(?:watched|seen|saw|read|played|bought|purchased|purchases|had|has|have|owns?|rated|liked|loved"
    r"|enjoyed|finished|chose|chosen|picked|knows?|viewed|heard|listened\s+to)"
)
_HISTORY = r"(?:history|library|lists?|shelf|collection|profile|purchases|log)"
EXEMPT = re.compile(
    # ownership and similarity
    r"\b(?:shar(?:es?|ed|ing)|in\s+common|similar|the\s+same|alike|resembles?|reminds?|akin|comparable"
    r"|clos(?:e|er|est)\s+(?:to|relatives?|match)|relatives?|in\s+the\s+vein|(?:links?|ties|connects?)\s+it"
    r"|consistent\s+with|unlike|differs?)\b"
    rf"|\b(?:is|are|has|have|feels|looks|seems|plays)\s+[^;]{{0,60}}?\blike\s+{_WORD}{{0,2}}?_"
    r"|\blike\s+_+,?\s+(?:it|the|this)\b"
    rf"|\bboth\b[^;]{{0,80}}?\b(?:are|is|have|has|were|belong)\b"
    rf"|_,?\s+(?:[^\W_]+\s+)?{_BE}\s+(?:[^\W_]+\s+){{0,4}}?(?:{SIGN}|from\b|by\b|directed|released|made\s+in|set\s+in"
    rf"|written|{_THINGS}\b)"
    r"|_\s+(?:came\s+out|(?:also\s+)?(?:has|have)\s+the|belongs?\s+to)\b"
    # a listing of the history
    rf"|\b{_TOOK}\b(?:\s+{_WORD}{{0,4}}?)?:?\s*_"
    rf"|\b{_TOOK}\s+(?:was|were|is|are)\s+_"
    rf"|_\s+(?:[^\W_]+\s+)?(?:was|were|is|are|has\s+been|have\s+been)\s+(?:[^\W_]+\s+)?(?:{_TOOK}\b"
    rf"|(?:in|among|on|part\s+of)\s+(?:the|their|your|this)\s+(?:[^\W_]+\s+)?{_HISTORY})"
    rf"|\b{_HISTORY}\s+(?:[^\W_]+\s+)?(?:contains?|includes?|holds?|has|had|have|lists?|shows?|features?"
    r"|consists?\s+of|spans?|is|are)\b"
    rf"|\b{_HISTORY}:\s*_|\b(?:seen|watched|played|bought|read):\s*_",
    re.IGNORECASE,
)
"""Says what an item has, what it is like, or what the user had: no influence."""
