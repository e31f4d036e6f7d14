"""Ways to say, or to deny, whose an attribute value is; titles and values are masked in them."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = [
    "SIGN",
    "THE_HISTORY",
    "THE_ITEM",
    "TITLES",
    "OwnershipPattern",
    "denials",
    "statements_of_ownership",
]

# Titles are masked by underscores, values by a sign that no text holds; so a pattern that reads
# words never takes either for one, and a list of them is one run.
SIGN = "\x1a"
"""What masks each letter of a value."""
TITLES = (
    r"(?P<titles>(?<!_)_++|(?:(?:all|both|each|most|some)\s(?:of\s)?)?(?:them|these|those)\b"
    r"|that\s(?:title|one)\b|both\b)"
)
"""Titles, a list of them one run, or a word that stands for those named before."""
THE_ITEM = r"(?:it|th(?:is|e)\s(?:item|title|film|movie|game|book|product|recommendation))"
THE_HISTORY = r"(?:the|this|that|your|their|his|her|(?:the\s)?\w+['’]s)\s(?:\w+\s)?history"

_VALUE = rf"(?P<value>(?<!{SIGN}){SIGN}++)"
_OTHER = rf"(?<!{SIGN}){SIGN}++"
_KIND = r"(?:\s(?:films?|movies?|games?|books?|titles?|items?|songs?|stories|story|ones?))?"
_IS = r"(?:\sis|['’]s|\swas|\sare|\swere|['’]re)"
_ADVERB = r"(?:(?:also|too|again|both|all|each|mainly|mostly|clearly)\s)?"
_UNDENIED = r"(?<!\bnot\s)(?<!n['’]t\s)(?<!\bnever\s)"
_IS_NOT = (
    r"(?:(?:\sis|['’]s|\swas|\sare|\swere|['’]re)\s(?:not|never|no)"
    r"|\s(?:is|was|are|were)n['’]t)(?!\s(?:only|just|merely|simply)\b)"
)
_DOES_NOT = r"\s(?:(?:does|do|did)(?:\snot|n['’]t)|never)"
_HAS_NO = rf"(?:\s(?:has|have|had)\s(?:no|none\sof\sthe)|\slacks?|{_DOES_NOT}\shave)"
_UNLIKE = (
    r"(?:(?:inconsistent|incompatible|at\sodds|out\sof\s(?:line|keeping))\swith"
    r"|(?:foreign|unfamiliar|new)\sto|(?:atypical|unusual|untypical)\s(?:for|of|in)"
    r"|unlike|different\sfrom)"
)
_UNLIKE_IT = (
    rf"(?:{_IS}\s(?:\w+ly\s|quite\s|rather\s)?{_UNLIKE}|{_IS_NOT}\s(?:consistent|in\sline)\swith"
    rf"|{_DOES_NOT}\s(?:fit|match|suit)|\s(?:differs?\sfrom|(?:conflicts?|clash(?:es)?)\swith))"
)
_BUT = r"(?:,|;|:|\.)?\s(?:but|while|whereas|yet|and\syet|however,?)\s"


@dataclass(frozen=True, slots=True)
class OwnershipPattern:
    """A way to say whose a value is; ``titles`` in the expression are owners as well.

    Attributes:
        expression: what to look for; its group ``value`` is the value.
        item: whether the item in question is an owner.
        history: whether the value is said to be frequent in the history.
        all_history: whether every item of the history is an owner.
    """

    expression: re.Pattern[str]
    item: bool = False
    history: bool = False
    all_history: bool = False


def _said(
    expression: str, *, item: bool = False, history: bool = False, all_history: bool = False
) -> OwnershipPattern:
    compiled = re.compile(expression, re.IGNORECASE)
    return OwnershipPattern(compiled, item, history, all_history)


def statements_of_ownership(attribute: str) -> tuple[OwnershipPattern, ...]:
    """Return the ways to say whose a value is; ``attribute`` matches the name of an attribute."""
    name, value = _name(attribute), f"{_name(attribute)}{_VALUE}"
    sharing = rf"{_UNDENIED}\bshar(?:es?|ing)"
    return (
        _said(rf"\bits(?:\sown)?(?:\s{attribute})?(?:\sis|\sare|,|:)?\s{_VALUE}", item=True),
        _said(
            rf"\b{THE_ITEM}(?:{_IS}(?:\sfrom)?|\shas|\sbelongs\sto)\s{_ADVERB}{value}", item=True
        ),
        _said(rf"{sharing}\s{value}\swith\s{TITLES}", item=True),
        _said(rf"{sharing}\s{value}\swith\s{THE_HISTORY}", item=True, history=True),
        _said(rf"\bwith\s{TITLES},?\s(?:it|the\sitem)\s(?:has|shares)\s{value}", item=True),
        _said(rf"{_VALUE}\s(?:links?|ties?|connects?)\sit\s(?:to|with)\s{TITLES}", item=True),
        _said(rf"\bconsistent\swith\s{TITLES}:\s{name}(?:is|are)\s{_VALUE}", item=True),
        _said(rf"\blike\s{TITLES},?\s(?:it|the\sitem)(?:{_IS}|\shas)\s{value}", item=True),
        _said(rf"\bsame\s{attribute}[\s,(]{{1,2}}{_VALUE}[\s,)]{{1,2}}as\s{TITLES}", item=True),
        _said(rf"{_VALUE}{_KIND},?\s(?:just\s)?(?:like|such\sas|as(?:\sis|\sare)?)\s{TITLES}"),
        _said(rf"{_VALUE}{_KIND}\s{TITLES}"),
        _said(rf"{TITLES}\s?\({value}[^()]*\)"),
        _said(rf"(?<!\bnor\s){TITLES}(?:{_IS}\s{_ADVERB}|,\s(?=an?\s|the\s)){value}"),
        _said(rf"{_UNDENIED}\bleans?\s(?:to|towards?)\s{value}", history=True),
        _said(rf"\bmost\sfrequent\s{name}in\sthe\shistory(?::|\sis|\sare)\s{value}", history=True),
        _said(rf"\bin\s(?:the|your|their)\shistory:\s{_VALUE}", history=True),
        _said(rf"\bpattern\sof\sthe\shistory\sis\s{value}", history=True),
        _said(
            rf"{_VALUE},?\s(?:is|are)\s(?!not\b|never\b|hardly\b|rarely\b|less\b)(?:\w+\s)?"
            r"(?:frequent|common)\b",
            history=True,
        ),
        _said(
            rf"{_UNDENIED}\bconsistent\swith\s{THE_HISTORY},\swhere\s{value}",
            item=True,
        ),
        _said(rf"{_VALUE}\sfits?\s{THE_HISTORY}", history=True),
        _said(rf"{_VALUE}\s(?:most\soften|above\sall)\b", history=True),
        _said(rf"{_VALUE}\sis\swhat\s[^.!?,;]{{1,40}}\smost\b", history=True),
        _said(rf"\bboth\sit\sand\s{TITLES}{_IS}\s{_ADVERB}{value}", item=True),
    )


def denials(attribute: str) -> tuple[OwnershipPattern, ...]:
    """Return the ways to say whose a value is not; ``attribute`` matches the name of one.

    A contrast denies both sides: "the history leans to Drama, but its own is Comedy" says that the
    item is no Drama, and that Comedy is not frequent.
    """
    value, other = f"{_name(attribute)}{_VALUE}", f"{_name(attribute)}{_OTHER}"
    leans = r"(?:\bleans?\s(?:to|towards?)|\b(?:chose|chooses|prefers?|picks?|picked))\s"
    its_own = rf"(?:its(?:\sown)?(?:\s{attribute})?\sis|{THE_ITEM}(?:\shas|{_IS}))\s"
    return (
        _said(rf"\b{THE_ITEM}(?:{_IS_NOT}(?:\sfrom)?|{_HAS_NO})\s{value}", item=True),
        _said(
            rf"\b{THE_ITEM}(?:{_IS_NOT}|{_HAS_NO})\s{other},?\s(?:and|or|nor)\s(?:no\s|not\s)?{value}",
            item=True,
        ),
        _said(rf"\bits(?:\sown)?\s{attribute}{_IS_NOT}\s{_VALUE}", item=True),
        _said(rf"{TITLES}(?:{_IS_NOT}|{_HAS_NO})\s{value}"),
        _said(rf"\bneither\sit\snor\s{TITLES}(?:{_IS}|\shas)\s{value}", item=True),
        _said(rf"\bunlike\s{TITLES},?\s(?:it|the\sitem)(?:{_IS}|\shas)\s{value}"),
        _said(rf"{_VALUE},?\sis\snot\sshared\s(?:by|with)\s{TITLES}"),
        _said(rf"\bshar(?:es?|ing)\sno\s{attribute}\swith\s{TITLES}[;,.:]?\s{its_own}{_VALUE}"),
        _said(rf"{_DOES_NOT}\sshare\s{value}\swith\s{TITLES}"),
        _said(rf"{_VALUE},?{_UNLIKE_IT}\s{TITLES}"),
        _said(rf"{_VALUE},?{_UNLIKE_IT}\s(?:{THE_HISTORY}|an?\shistory)", history=True),
        _said(rf"{_UNLIKE_IT}\san?\shistory\sthat\s{leans}{value}", item=True),
        _said(
            rf"{leans}{value}(?:\s(?:most\soften|above\sall))?{_BUT}{its_own}{_OTHER}", item=True
        ),
        _said(
            rf"{leans}{other}(?:\s(?:most\soften|above\sall))?{_BUT}{its_own}{_VALUE}", history=True
        ),
        _said(
            rf"\b(?:while|whereas|although)\s[^.!?;]{{1,40}}?{leans}{value},\s{its_own}", item=True
        ),
        _said(
            rf"\b(?:while|whereas|although)\s[^.!?;]{{1,40}}?{leans}{other},\s{its_own}{_VALUE}",
            history=True,
        ),
        _said(rf"{leans}{value}[^.!?]{{0,14}}[;,]\s{its_own}{_OTHER}\sinstead\b", item=True),
        _said(rf"{leans}{other}[^.!?]{{0,14}}[;,]\s{its_own}{_VALUE}\sinstead\b", history=True),
        _said(
            rf"{_VALUE},?\s(?:is|are)\s(?:not|hardly|rarely|never|less)\s(?:\w+\s)?"
            rf"(?:frequent|common)\b",
            history=True,
        ),
        _said(rf"{_VALUE},?\s(?:is|are)\s(?:rare|uncommon|infrequent)\s(?:in|for)\b", history=True),
        _said(rf"\b{THE_HISTORY}{_HAS_NO}\s{value}", all_history=True),
        _said(rf"\bno\s{value}{_KIND}\s(?:\w+\s)?in\s{THE_HISTORY}", all_history=True),
        _said(
            rf"{_VALUE},?\s(?:is|are)\s(?:absent|missing)\s(?:from|in)\s{THE_HISTORY}",
            all_history=True,
        ),
    )


def _name(attribute: str) -> str:
    return rf"(?:(?:the|an?)\s)?(?:{attribute}\s(?:of\s)?)?"
