"""Phrases of influence, as parts of regular expressions.

Titles stand as runs of underscores and attribute values as runs of ``SIGN``, so that no pattern of
words takes either for one. Repeats are bounded everywhere: reading costs the length of a text.
"""

from __future__ import annotations

import re

__all__ = [
    "ADVERBS",
    "AGAINST",
    "AGAINST_ACTIVE",
    "AGAINST_NOUN",
    "AGAINST_PASSIVE",
    "BE",
    "DECIDES",
    "FACTOR",
    "FAR_TARGET",
    "FOR",
    "FOR_ACTIVE",
    "FOR_PASSIVE",
    "IT",
    "NO",
    "NOT",
    "REASON_NOUN",
    "RUN",
    "SIGN",
    "SUBJECT",
    "TARGET",
    "THINGS",
    "WORD",
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
