"""Statements that no single history item pulls the decision."""

from __future__ import annotations

import re

from recexplainer.explanation.claims.influence_patterns import AGAINST, FOR
from recexplainer.explanation.claims.influence_words import DOWNWARD, UPWARD
from recexplainer.records import Decision

__all__ = ["denies_any_cause"]

_THING = (
    r"(?:titles?|items?|films?|movies?|games?|books?|songs?|products?|things?|causes?"
    r"|entry|entries)"
)
_NO_ONE = (
    rf"(?:no\s+(?:(?:single|one|individual|other)\s+)?{_THING}|no\s+one\s+{_THING}"
    rf"|not\s+(?:one|a\s+single)\s+{_THING}|none\s+of\s+(?:the|its|their|your)\s+(?:\w+\s+)?{_THING}|(?:is|are)(?:n['’]t|\s+not)\s+(?:one|any|a\s+single)\s+{_THING}"
    r"|nothing\s+(?:in|of|that|the)|nothing)"
)
_ALONE = re.compile(
    r"\b(?:single|individual|no\s+one|history|the\s+user\s+has|watched|played|seen|read|alone|by\s+itself|on\s+its\s+own)\b",
    re.IGNORECASE,
)
_NO_CAUSE = re.compile(
    rf"\b{_NO_ONE}\b[^_;]{{0,80}}?\b(?P<verb>{FOR.pattern}|{AGAINST.pattern}|(?:positive|negative)\s+[^\W_]+|carr(?:y|ies)|explains?"
    r"|(?:is|are)\s+(?:to\s+blame|responsible)|pulls?|decides?|accounts?\s+for|matters?|causes?)",
    re.IGNORECASE,
)
_NO_SINGLE_CAUSE = re.compile(
    r"\bno\s+(?:single|one|individual)\s+(?:cause|reason)\b|\bno\s+(?:cause|reason)\s+in\s+the\s+history\b",
    re.IGNORECASE,
)
_OWES_TO_NONE = re.compile(
    rf"\b(?P<verb>owes?|loses?)\s+(?:\w+\s+)?(?:to|by)\s+no\s+(?:single\s+)?{_THING}", re.IGNORECASE
)
_REMOVED = re.compile(
    rf"\b(?:remov|delet|dropp|tak|leav)ing\s+(?:(?:out|away)\s+)?any\s+(?:(?:single|one|individual)\s+)?"
    rf"{_THING}\b[^_;]{{0,60}}?\b(?:never|not|no|n['’]t)\b",
    re.IGNORECASE,
)
_REMOVED_EACH = re.compile(
    rf"\b(?:every|each|any)\s+(?:[^\W_]+\s+)?{_THING}\b[^_;]{{0,40}}?\bcan\s+be\s+(?:removed|left\s+out|dropped)\b"
    r"[^_;]{0,40}?\bwithout\b",
    re.IGNORECASE,
)
_NOT_FROM_ANY = re.compile(
    r"\b(?:not|cannot|n['’]t|never|impossible)\b[^_;]{0,40}?\b(?:to|on|of|from|by|out)\s+"
    rf"(?:(?:any\s+one|one)\s+{_THING}|(?:any|an?|one)\s+(?:single|one|individual|particular)\s+{_THING}|(?:any|an?)\s+{_THING}\s+(?:of|in)\s+the\s+history"
    r"|the\s+history\b(?!\s+of\b))",
    re.IGNORECASE,
)
_BECAUSE = re.compile(
    r"\b(?:because|due|depend|rest|trace|pin|point|single|fault|base|hinge|owe|driven|come|stem)",
    re.IGNORECASE,
)
_EXCEPT = re.compile(
    r"\b(?:but|except|other\s+than|besides|apart\s+from|more\s+than)\b[^_]{0,30}_", re.IGNORECASE
)


def denies_any_cause(sentence: str, stated: Decision) -> Decision | None:
    """Return which way no item is said to pull, or None where the sentence says no such thing.

    Args:
        sentence: titles in it are masked by underscores.
        stated: what the text decides; it is meant where the sentence names no way.
    """
    if _EXCEPT.search(sentence):
        return None
    way: Decision | None = None
    found = _NO_CAUSE.search(sentence)
    if (removed := _REMOVED.search(sentence)) is not None:
        way = "Yes" if _way(sentence[removed.end() :], stated) == "No" else "No"
    elif (each := _REMOVED_EACH.search(sentence)) is not None:
        way = "No" if _way(sentence[each.end() :], stated) == "Yes" else "Yes"
    elif (owes := _OWES_TO_NONE.search(sentence)) is not None:
        way = "Yes" if owes["verb"].casefold().startswith("owe") else "No"
    elif found is not None and _ALONE.search(sentence):
        way = _way(found["verb"], stated)
    elif _NO_SINGLE_CAUSE.search(sentence) or (
        _NOT_FROM_ANY.search(sentence) and _BECAUSE.search(sentence)
    ):
        way = stated
    return way


def _way(words: str, stated: Decision) -> Decision:
    if AGAINST.search(words) or DOWNWARD.search(words):
        return "No"
    return "Yes" if FOR.search(words) or UPWARD.search(words) else stated
