"""What-ifs ("without X it would not be recommended") and titles that a text denies."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from recexplainer.explanation.claims.statements import sentence_spans
from recexplainer.records import Outcome

__all__ = [
    "WhatIf",
    "denied_spans",
    "find_what_ifs",
    "marks_masked",
    "sentence_around",
    "titles_joined",
]

# Titles have been masked by underscores, as they may hold any word. Marks around them and lists of
# them become one run of underscores as well, so that no pattern has two ways to read a list.
_MARKS = "\"“”„«»‘’'*`「」"
_OPENED = re.compile(rf"[{_MARKS}]{{1,3}}\s?(?=_)")
_CLOSED = re.compile(rf"(?<=_)[,;]?\s?[{_MARKS}]{{1,3}}")
_LIST = re.compile(r"(?<!_)_++(?:,?\s(?:(?:and|or|nor|as\swell\sas)\s)?(?:to\s|from\s)?_++)+")
_TITLES = r"(?<!_)_++"
_TOOK = r"(?:seen|had|watched|played|read|bought|chosen|rated|liked|enjoyed|heard|picked)"
_TAKE = r"(?:see|have|watch|play|read|buy|choose|rate|hear|pick)"
_WHO = r"(?:\w+\s+){1,3}?"
_NEVER = r"(?:\s+not|\s+never|n['’]t)(?:\s+(?:yet|ever))?"

_DENIED = re.compile(
    rf"\b(?:not|never)\s+(?:because\s+of|due\s+to|thanks\s+to|from|to|by|for)\s+(?:the\s+)?{_TITLES}"
    rf"|\bnot\s+(?:\w+\s+){{1,3}}(?:because\s+of|due\s+to|thanks\s+to)\s+{_TITLES},?\s+but\b"
    rf"|\bnot\s+{_TITLES}"
    rf"|\b(?:has|have|had){_NEVER}\s+{_TOOK}\s+{_TITLES}"
    rf"|\b(?:do|does|did){_NEVER}\s+{_TAKE}\s+{_TITLES}"
    rf"|\bnever\s+(?:saw|had|watched|played|read|bought|chose|rated|heard|picked)\s+{_TITLES}"
    rf"|\b(?:rather\s+than|instead\s+of)\s+(?:to\s+|from\s+|by\s+)?{_TITLES}"
    rf"|\b(?:nothing\s+to\s+do\s+with|regardless\s+of|irrespective\s+of)\s+{_TITLES}"
    rf"|\bneither\s+{_TITLES}"
    rf"|{_TITLES}\s+(?:plays?|has|have|had)\s+(?:no\s+(?:part|role|bearing|effect|influence|weight)"
    r"|nothing\s+to\s+do)\b"
    rf"|{_TITLES}\s+(?:do|does|did){_NEVER}\s+(?:matter|count|weigh|contribute|play)\b"
    rf"|{_TITLES}\s+(?:(?:is|are|was|were)(?:\s+not|\s+never|n['’]t)"
    r"\s+(?:in\s+the\s+history|the\s+(?:cause|reason)|relevant|seen|watched|among)"
    r"|(?:makes?|made)\s+no\s+difference|(?:is|are|was|were)\s+irrelevant)\b",
    re.IGNORECASE,
)
_ONLY = re.compile(r"\bnot\s+(?:only|just|merely)\b", re.IGNORECASE)

_GONE = (
    r"(?:removed|left\s+out|deleted|dropped|missing|absent|gone|not\s+there|taken\s+(?:away|out))"
)
_WITHOUT = re.compile(
    rf"\b(?:without|but\s+for|minus|absent)\s+(?P<a>{_TITLES})"
    rf"|\bhad\s+{_WHO}(?:not|never)\s+{_TOOK}\s+(?P<b>{_TITLES})"
    rf"|\bif\s+{_WHO}had{_NEVER}\s+{_TOOK}\s+(?P<c>{_TITLES})"
    rf"|\bif\s+(?:\w+\s+)?(?P<d>{_TITLES})\s+(?:were|was|is|are|had\s+been)\s+(?:\w+ly\s+)?{_GONE}"
    rf"|\b(?:take|leave|strip|strike)\s+(?P<e>{_TITLES})\s+(?:away|out)\b"
    rf"|\b(?:remov(?:e|ing)|delet(?:e|ing)|dropping|leaving\s+out)\s+(?P<f>{_TITLES})"
    rf"|\bwith\s+(?P<g>{_TITLES})\s+{_GONE}"
    r"|\bwithout\s+(?P<said>it|them|that|this|these|those)\b",
    re.IGNORECASE,
)
_NO_MORE = r"(?:n['’]t|\s+not|\s+no\s+longer|\s+never)"
_STILL = r"(?:\s+(?:still|even|also|nonetheless|nevertheless))?"
_WOULD = rf"\b(?:would|will|could|should){_STILL}"
_SHOWN = (
    r"(?:recommend(?:ed)?|see|be\s+(?:shown|suggested|offered|seen)|get|appear"
    r"|make\s+(?:the|it\s+(?:in)?to\s+the)\s+(?:list|top)|be\s+(?:on|in|among)\s+the\b)"
)
_OUTCOMES: tuple[tuple[Outcome, re.Pattern[str]], ...] = (
    (
        "not rejected",
        re.compile(
            rf"{_WOULD}{_NO_MORE}\s+(?:be\s+)?reject(?:ed)?\b|\bstop\s+rejecting\b", re.IGNORECASE
        ),
    ),
    (
        "not recommended",
        re.compile(
            rf"{_WOULD}{_NO_MORE}\s+(?:have\s+been\s+|be\s+|have\s+)?{_SHOWN}"
            r"|\b(?:stop|cease)\w*\s+(?:recommending|to\s+recommend|being\s+recommended)\b"
            r"|\b(?:drop|fall|take\s+it|be)\s+out\s+of\s+the\s+(?:recommendations|list|top)\b",
            re.IGNORECASE,
        ),
    ),
    (
        "recommended",
        re.compile(
            rf"{_WOULD}\s+(?:\w+ly\s+|now\s+|then\s+)?(?:have\s+been\s+|be\s+|have\s+)?{_SHOWN}"
            rf"|{_WOULD}\s+(?:remain|stay|continue\s+to\s+be|keep\s+being)\s+recommended\b",
            re.IGNORECASE,
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class WhatIf:
    """A counterfactual that a text states.

    Attributes:
        start: where condition and outcome begin, whichever comes first.
        end: where both have been said.
        titles: the stretch that names what is removed.
        outcome: the decision stated for the history without that.
    """

    start: int
    end: int
    titles: tuple[int, int]
    outcome: Outcome


def denied_spans(masked: str) -> list[tuple[int, int]]:
    """Return the stretches that deny the titles in them: ``not because of``, ``has not seen``."""
    text = titles_joined(masked)
    return [hit.span() for hit in _DENIED.finditer(text) if not _ONLY.match(text, hit.start())]


def find_what_ifs(masked: str) -> Iterator[WhatIf]:
    """Yield each sentence's condition without certain titles, with what it says would follow.

    Questions state nothing. ``without it`` means the titles named before in the sentence.

    Args:
        masked: the text, each title replaced by underscores.
    """
    text = titles_joined(masked)
    for start, end in sentence_spans(text):
        condition = _WITHOUT.search(text, start, end)
        if condition is None or text[start:end].rstrip().endswith("?"):
            continue
        for outcome, pattern in _OUTCOMES:
            stated = pattern.search(text, start, end)
            if stated is not None:
                yield WhatIf(
                    min(condition.start(), stated.start()),
                    max(condition.end(), stated.end()),
                    _removed(condition, start),
                    outcome,
                )
                break


def sentence_around(masked: str, place: int) -> tuple[int, int]:
    """Return where the sentence around ``place`` begins and ends, white space before it included.

    Args:
        masked: the text, each title replaced by underscores.
        place: where a word of the sentence stands.
    """
    return next(span for span in sentence_spans(masked) if span[0] <= place < span[1])


def titles_joined(masked: str) -> str:
    """Return the text, of the same length, with marks around titles and lists of them masked."""
    return _LIST.sub(lambda hit: "_" * len(hit.group()), marks_masked(masked))


def marks_masked(masked: str) -> str:
    """Return the text, of the same length, with the marks around titles masked as well."""
    for pattern in (_OPENED, _CLOSED):
        masked = pattern.sub(lambda hit: "_" * len(hit.group()), masked)
    return masked


def _removed(condition: re.Match[str], sentence: int) -> tuple[int, int]:
    if condition["said"]:
        return sentence, condition.start()
    named = next(name for name in "abcdefg" if condition[name] is not None)
    return condition.span(named)
