"""Words by which questions are told apart, once their titles are masked by underscores."""

from __future__ import annotations

import re
from typing import Final

__all__ = [
    "ASKS_WHAT",
    "LISTED",
    "NAMED",
    "NEXT",
    "ORDERS",
    "RELEVANT",
    "RELEVANT_FOR",
    "REMOVED",
    "TASTE",
    "WHICH",
    "WHY",
]

_WHO = (
    r"(?:(?:the|this|that)\s+\w+|user\s+\S+|they|he|she|i|we|you|it|someone)"  # who is asked about
)
_MAY = r"(?:would|will|does|do|did|should|might|may|can|could)(?:n['’]t|\s+not)?"
_BE = r"(?:were|was|is|are|had\s+been|would\s+be|be)(?:n['’]t)?"
_LIKES = (
    r"(?:like|enjoy|love|want|prefer|choose|pick|watch|see|play|buy|read|appreciate|recommend"
    r"|suggest|rank|show|offer|(?:be|get)\s+(?:interested\s+in|recommended|shown|offered))"
)
_SUITS = (
    r"(?:recommended|suggested|liked|shown|offered|ranked|rejected|suitable|something"
    r"|(?:(?:a|an)\s+)?(?:good|poor|bad|right|wrong)\s+(?:match|fit|choice|recommendation))"
)
_SOME = r"(?:(?:not|never|so|still|really|also|ever|even|to)\s+)*"
_GONE = r"(?:removed|deleted|missing|gone|left\s+out|taken\s+(?:out|away)|not\s+there)"
_DROPPED = (
    r"(?:without|remov(?:e|ed|ing)|delet(?:e|ed|ing)|leav(?:e|ing)\s+out|tak(?:e|ing)\s+(?:out|away)"
    r"|(?:had|have|has)(?:n['’]t|\s+not|\s+never)\s+(?:had|seen|watched|played|bought|read|chosen))"
)


def _pattern(words: str) -> re.Pattern[str]:
    return re.compile(words, re.IGNORECASE)


REMOVED: Final = (
    _pattern(rf"\bif\s+(?P<titles>[^?]+?)\s+{_BE}\s+{_GONE}"),
    _pattern(rf"(?P<titles>\b_[^?]*?)\s+{_BE}\s+{_GONE}"),
    _pattern(
        rf"(?:\bif\s+\w+\s+(?:\w+\s+)?)?\b{_DROPPED}\s+(?P<titles>[^?]+?)"
        r"(?=\s*(?:$|[?.]|,\s*(?:would|will|is|does|what)\b|\bfrom\b|\b(?:would|will)\b))"
    ),
)
"""Supposes that titles are missing from the history, and where they stand."""

ORDERS: Final = _pattern(
    r"\b(?:which|rank|sort|order|arrange|compare|first|rather|better|more|prefer|or|vs)\b"
)
"""Said of several titles, asks for an order."""
WHICH: Final = _pattern(r"\b(?:(?:which|what)\s+(?:one\s+)?(?:of|among)|rank|sort|order|arrange)\b")
"""Surely asks for an order of titles."""
LISTED: Final = (
    _pattern(
        r"\b(?:which|what)\s+(?:one\s+)?(?:of|among)\s+(?:these:?\s+)?(?P<titles>[^?]+?)\s*"
        r"(?=$|[?]|,?\s+(?:would|will|comes?|is|are|ranks?|should|does|do|goes)\b)"
    ),
    _pattern(
        r"\b(?:rank|sort|order|arrange|compare)\s*:?\s+(?P<titles>[^?.]+?)\s*"
        r"(?=$|[?.]|\b(?:by|for|according|from|please)\b)"
    ),
    _pattern(
        rf"\b{_WHO}\s+(?:\w+\s+)?{_LIKES}\s+(?:more|rather|first)?\s*[,:]?\s*"
        r"(?P<titles>[^?]+?\bor\b[^?]+)"
    ),
    _pattern(r"(?:^|[:,])\s*(?P<titles>[^?:]+?\bor\b[^?]+)"),
)
"""Where the titles stand that are to be put in order."""

WHY: Final = _pattern(
    r"\b(?:why|how\s+come|what\s+makes|reasons?|explain|what\s+speaks\s+(?:for|against))\b"
)
NAMED: Final = (
    _pattern(rf"\b{_MAY}\s+{_WHO}\s+{_SOME}{_LIKES}\s+{_SOME}(?P<titles>[^?]+)"),
    _pattern(rf"\b(?:is|was|will|should|would)\s+(?P<titles>[^?]+?)\s+{_SOME}(?:be\s+)?{_SUITS}"),
    _pattern(r"\b(?:why|how\s+come)\s+(?:not\s+)?(?P<titles>[^?]+)"),
    _pattern(r"\b(?:reasons?|explain|speaks)\s+(?:(?:for|against|of|about)\s+)?(?P<titles>[^?.]+)"),
)
"""Where the title stands that is asked about."""

ASKS_WHAT: Final = _pattern(r"^\W*(?:(?:and|so|but)\s+)?(?:what|which|describe|tell|how|who)\b")
"""Asks for something that the question does not name."""
RELEVANT: Final = _pattern(
    r"\b(?:matter\w*|counts?|counted|important|influenc\w*|role|relevan\w*|because|due\s+to"
    r"|affect\w*|effect|depends?|decisive)\b"
)
RELEVANT_FOR: Final = (_pattern(r"\b(?:for|about)\s+(?P<titles>[^?.]+)"),)
"""Where the title stands for which something may be relevant."""
TASTE: Final = _pattern(
    r"\b(?:tastes?|preferences?|interests?|profile|favou?rites?|into|fond|leans?|kinds?|sorts?|types?)\b"
    rf"|\bwhat\s+(?:does|do|did)\s+{_WHO}\s+(?:like|enjoy|love|prefer|want)\b"
)
NEXT: Final = _pattern(
    r"\b(?:next|recommend\w*|suggest\w*|propos\w*|first\s+choice|come\s+first)\b"
    rf"|\bwhat\s+(?:should|would|will|could)\s+{_WHO}\b"
)
"""Asks for a title, where none is named."""
