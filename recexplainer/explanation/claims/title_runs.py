"""Runs of titles and values named together, and the clauses of a statement around them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from recexplainer.explanation.claims.influence_patterns import SIGN
from recexplainer.explanation.claims.statements import Named, Statement
from recexplainer.explanation.claims.what_ifs import marks_masked
from recexplainer.records import Case, Claim, Decision

__all__ = ["Clause", "Run", "clauses_of", "phrases_of", "titles_listed"]

_ORDERED = (
    r"(?:then|followed\s+by|next|after\s+that|less\s+so|secondarily"
    r"|to\s+a\s+(?:lesser|smaller|lower)\s+(?:extent|degree)),?(?:\s+(?:comes?|by|to|from|on))?"
)
_JOIN = (
    r"(?:\s*,\s*|\s+|\s*/\s*)"
    r"(?:(?:and|or|nor|&|plus|as\s+well\s+as|along\s+with|together\s+with),?\s+)?"
    rf"(?:{_ORDERED}\s+)?(?:(?:also|even|finally|last|to|from|by|on|of)\s+)?(?:the\s+)?"
)
_LIST = re.compile(rf"(?<!_)_++(?:{_JOIN}_++)+", re.IGNORECASE)
_ORDER_WITHIN = re.compile(_ORDERED, re.IGNORECASE)
_VALUES = re.compile(
    rf"(?<!{SIGN}){SIGN}++(?:(?:,|,?\s+(?:and|or|as\s+well\s+as))\s+(?:(?:an?|the)\s+)?{SIGN}++)+"
)
_ASIDE = re.compile(r"(?<=_)\s?\([^()_]{0,60}\)")
_FOR_ALL = re.compile(
    r"\b(?:ow(?:es?|ing)|because|due\s+to|thanks\s+to|reasons?|gains?|loses?|(?:rais|lower|lift|pull|push|support)\w*)\b",
    re.IGNORECASE,
)
_UNSIGNED_ASIDE = re.compile(r"(?<=_)\s?\((?!\s?[+−–-]\s?[.\d])[^()_]{0,60}\)")
_RUN = re.compile(rf"_+|{SIGN}+")
_SIGNED = re.compile(r"(?<=_)[*\"”’'»]{0,3}\s?[(:=]\s?(?P<sign>[+−–-])\s?[.\d]")
_SO = (
    r"(?:(?<!less\s)(?:so|hence|therefore|thus|consequently|accordingly|for\s+(?:that|this)\s+reason)"
    r"|which\s+is\s+why|that\s+is\s+why)\b"
)
_SPLIT = re.compile(
    r";|\s[–—-]\s|,?\s+(?:but|while|whereas|although|(?:even\s+)?though|yet)\s+"
    rf"|,?\s+(?:and\s+)?(?={_SO}(?!\s+(?:do|does|many)))"
    r"|,\s+and\s+(?=(?:the|its?|this|that|they|what)\s)",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    rf"(?:[^_{SIGN}]{{0,40}},)?\s*(?:and\s+)?(?:{_ORDERED})\s*"
    r"|\s*(?:,|\band\b)?\s*(?:(?:and|or|also|on|to|by|from|of|the|genre|then)\s+)*",
    re.IGNORECASE,
)
_BESIDE = 8
"""Characters after titles in which a number is about them."""


@dataclass(slots=True)
class Run:
    """Titles, or values, that are said in one breath, and what is said of them.

    Attributes:
        start: where they begin in their statement.
        end: where they end.
        named: the claims that name them.
        values: whether they are values.
        first: how many come before words such as ``then``.
        goes_on: whether they continue what is said of the titles before.
        pulls: whether they can pull where no words of influence say so: one is of the history.
        lead: whether the introduction of a list may be about them.
        kind: what is said of them, if anything is.
        toward: the decision that they are said to pull to.
        denied: whether that is denied.
        supposed: whether ``kind`` was read from no word of influence.
        sign: the decision that a signed number beside them stands for, as in ``“A” (-0.2)``.
    """

    start: int
    end: int
    named: list[Claim]
    values: bool
    first: int
    goes_on: bool = False
    pulls: bool = False
    lead: bool = False
    kind: Literal["direction", "reason"] | None = None
    toward: Decision | None = None
    denied: bool = False
    supposed: bool = False
    sign: Decision | None = None

    @property
    def told(self) -> bool:
        """Whether something is said of titles, the item in question apart."""
        causes = any(claim.kind == "cause" for claim in self.named)
        return self.kind is not None and not self.values and causes


@dataclass(slots=True)
class Clause:
    """A part of a statement that says one thing; ``start`` is where in the statement."""

    text: str
    start: int
    end: int
    runs: list[Run] = field(default_factory=list)


def titles_listed(masked: str) -> str:
    """Return the words, of the same length, with lists of titles and of values as one run."""
    text = marks_masked(masked.replace("|", " "))
    signs = {found["sign"] != "+" for found in _SIGNED.finditer(text)}
    apart = len(signs) > 1 and not _FOR_ALL.search(text)
    asides = _UNSIGNED_ASIDE if apart else _ASIDE
    for pattern in (asides, _LIST):
        text = pattern.sub(lambda hit: "_" * len(hit.group()), text)
    return _VALUES.sub(lambda hit: SIGN * len(hit.group()), text)


def clauses_of(
    statement: Statement, text: str, case: Case, is_free: Callable[[Claim], bool]
) -> list[Clause]:
    """Return the clauses of a statement, each with its runs.

    Args:
        statement: whose words.
        text: the words with lists as runs.
        case: whose item and history are meant.
        is_free: whether a title may be read; others are spoken for.
    """
    opening = len(text) - len(text.lstrip())
    splits = [found.end() for found in _SPLIT.finditer(text) if found.start() > opening]
    clauses = [
        Clause(text[start:end], start, end)
        for start, end in pairwise([0, *splits, len(text)])
        if text[start:end].strip()
    ]
    place = 0
    for run in _runs(statement, text, case, is_free):
        while run.start >= clauses[place].end:
            place += 1
        clauses[place].runs.append(run)
    return clauses


def phrases_of(runs: Iterable[Run]) -> list[list[Run]]:
    """Return the runs by phrase: those that go on, the same way, with those before them."""
    phrases: list[list[Run]] = []
    for run in runs:
        if phrases and run.goes_on and phrases[-1][-1].toward == run.toward:
            phrases[-1].append(run)
        else:
            phrases.append([run])
    return phrases


def _runs(
    statement: Statement, text: str, case: Case, is_free: Callable[[Claim], bool]
) -> list[Run]:
    runs: list[Run] = []
    place = 0
    for found in _RUN.finditer(text):
        values = found.group().startswith(SIGN)
        while place < len(statement.named) and statement.named[place].start < found.start():
            place += 1
        within = place
        while within < len(statement.named) and statement.named[within].start < found.end():
            within += 1
        named = [
            one
            for one in statement.named[place:within]
            if (one.claim.kind == "attribute") == values and is_free(one.claim)
        ]
        named = _without_subject(statement, named)
        if named:
            run = _run(statement, found, named, values=values, case=case)
            if runs:
                run.goes_on = _GOES_ON.fullmatch(text, runs[-1].end, run.start) is not None
            runs.append(run)
    return runs


def _run(
    statement: Statement,
    found: re.Match[str],
    named: Sequence[Named],
    *,
    values: bool,
    case: Case,
) -> Run:
    claims = [one.claim for one in named]
    first = len(named)
    for place, (one, other) in enumerate(pairwise(named), start=1):
        if _ORDER_WITHIN.search(statement.words, one.end, other.start):
            first = place
            break
    return Run(
        found.start(),
        found.end(),
        claims,
        values,
        first,
        pulls=not values and any(claim.item in case.history for claim in claims),
        sign=_sign(statement.words, found),
        lead=statement.lead and claims[0] is statement.named[0].claim,
    )


def _sign(words: str, found: re.Match[str]) -> Decision | None:
    """Return what the first signed number beside the titles says; lists differ in none."""
    signed = _SIGNED.search(words, found.start(), found.end() + _BESIDE)
    if signed is None or "_" in words[found.end() : signed.start()]:
        return None
    return "Yes" if signed["sign"] == "+" else "No"


def _without_subject(statement: Statement, named: list[Named]) -> list[Named]:
    """Return the titles of a run without the item that only a comma parts from them.

    In ``Since they saw “A”, “X” is a good match`` X begins what is said, and ends no list.
    """
    if len(named) < 2 or named[-1].claim.kind != "item":
        return named
    between = statement.words[named[-2].end : named[-1].start]
    return named if re.search(r"[^\W_]|&", between) else named[:-1]
