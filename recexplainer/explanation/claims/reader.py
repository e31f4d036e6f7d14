"""Reads what a text claims: its decision, what pulls it, attributes, and what would be without."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from recexplainer.explanation.claims.attribute_values import NamedValues
from recexplainer.explanation.claims.clauses import denied_spans, find_what_ifs
from recexplainer.explanation.claims.influence import read_influences
from recexplainer.explanation.claims.stated_decision import read_decision
from recexplainer.explanation.claims.title_mentions import NamedTitles, masked
from recexplainer.oracle import leaning
from recexplainer.records import Case, Catalogue, Claim, Decision

__all__ = ["ClaimReader", "Reading", "read_claims"]


class Reading(NamedTuple):
    """What was read: the decision, the cited items of the history, every claim by position."""

    decision: Decision | None
    cited: tuple[str, ...]
    claims: tuple[Claim, ...]


def read_claims(text: str, case: Case, catalogue: Catalogue) -> Reading:
    """Return what ``text`` claims about ``case``; for many texts, keep one ``ClaimReader``."""
    return ClaimReader(catalogue).read(text, case)


class ClaimReader:
    """Reads texts about one catalogue; built once, used for every text."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._values = NamedValues(catalogue)
        self._named = NamedTitles(catalogue, self._values.is_plain_word)

    def attributes_of(self, value: str) -> frozenset[str]:
        """Return the attributes that have a value which a claim was read from."""
        return self._values.attributes_of(value)

    def read(self, text: str, case: Case) -> Reading:
        """Return what ``text`` claims about ``case``; spans slice back to their claim's text."""
        named = self._named.find(text, case)
        bare = masked(text, named)
        what_ifs = _what_ifs(bare, text, named, case)
        titles = _undenied(bare, named, what_ifs)
        values = self._values.find(bare, text, named, case)
        stated = read_decision(masked(bare, what_ifs))
        influences = read_influences(
            bare,
            text,
            sorted((*titles, *values), key=_place),
            [(claim.start, claim.end) for claim in what_ifs],
            stated.decision if stated else leaning(case),
            case,
        )
        titles = [title for title in titles if title not in influences.denied]
        claims = [*titles, *what_ifs, *values, *influences.claims]
        if stated is not None:
            start, end = stated.start, stated.end
            real = stated.decision == leaning(case)
            claim = Claim(kind="decision", text=text[start:end], start=start, end=end, real=real)
            claims.append(claim)
        claims.sort(key=_place)
        causes = (claim.item for claim in claims if claim.kind == "cause" and claim.real)
        cited = tuple(dict.fromkeys(item for item in causes if item is not None))
        return Reading(stated.decision if stated else None, cited, tuple(claims))


def _place(claim: Claim) -> tuple[int, int]:
    return claim.start, claim.end


def _what_ifs(bare: str, text: str, named: Sequence[Claim], case: Case) -> list[Claim]:
    """Return the counterfactuals about titles that are named, real if the history has them all."""
    claims = []
    for found in find_what_ifs(bare):
        first, last = found.titles
        removed = [title for title in named if first <= title.start and title.end <= last]
        causes = [title for title in removed if title.kind == "cause"]
        if causes:
            items = dict.fromkeys(title.item for title in causes if title.item is not None)
            claim = Claim(
                kind="counterfactual",
                text=text[found.start : found.end],
                start=found.start,
                end=found.end,
                real=all(title.item in case.history for title in causes),
                items=tuple(items),
                outcome=found.outcome,
            )
            claims.append(claim)
    return claims


def _undenied(bare: str, named: Sequence[Claim], what_ifs: Sequence[Claim]) -> list[Claim]:
    """Return the titles but those whose part the text denies; a what-if denies nothing."""
    spans = denied_spans(masked(bare, what_ifs))
    return [
        title
        for title in named
        if title.kind == "item"
        or not any(start <= title.start and title.end <= end for start, end in spans)
    ]
