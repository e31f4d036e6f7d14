"""Claim reader: decision, causes, attributes and counterfactuals of any text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from recexplainer.explanation.claims.attribute_values import NamedValues
from recexplainer.explanation.claims.denied_attributes import DeniedAttributes
from recexplainer.explanation.claims.influence_claims import read_influences
from recexplainer.explanation.claims.stated_decision import (
    StatedDecision,
    read_decision,
    read_standing,
)
from recexplainer.explanation.claims.statements import sentence_spans
from recexplainer.explanation.claims.title_mentions import NamedTitles, masked
from recexplainer.explanation.claims.what_ifs import (
    denied_spans,
    find_what_ifs,
    sentence_around,
)
from recexplainer.oracle import leaning
from recexplainer.records import Case, Catalogue, Claim, Decision

__all__ = ["ClaimReader", "Reading", "read_claims"]


_DECIDES = re.compile(
    r"\b(?:suits?|ranks|ranking|(?:good|poor|bad)\s+match|top\s+choices|(?:lower|upper)\s+half)\b"
    r"|\b(?:will|would|may|might)\s+(?:not\s+)?(?:like|enjoy|love)\b",
    re.IGNORECASE,
)


_NEXT_TO = 4
_WOULD = re.compile(r"[\"”’'»*]{0,2}\s+(?:would|will|could)\b", re.IGNORECASE)


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
        self.catalogue = catalogue
        self._values = NamedValues(catalogue)
        self._denied = DeniedAttributes(catalogue)
        self._named = NamedTitles(catalogue, self._values.is_plain_word)

    def attributes_of(self, value: str) -> frozenset[str]:
        """Return the attributes that have a value which a claim was read from."""
        return self._values.attributes_of(value)

    def mentions(self, text: str, case: Case) -> tuple[list[Claim], list[Claim]]:
        """Return the titles and the attribute values that ``text`` names, whatever it says of them.

        Args:
            text: the words, of a question or of an answer that is a list.
            case: its item and history are preferred where a title could mean several.
        """
        titles = sorted(self._named.find(text, case), key=_place)
        return titles, sorted(
            self._values.find(masked(text, titles), text, titles, case), key=_place
        )

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
        claims = [*titles, *what_ifs, *values, *self._denied.find(bare, named, case)]
        claims += _of_the_item(bare, influences.claims, named)
        if stated is not None:
            start, end = stated.start, stated.end
            real = stated.decision == leaning(case)
            claim = Claim(kind="decision", text=text[start:end], start=start, end=end, real=real)
            claims += [claim, *_contradictions(masked(bare, what_ifs), text, stated, case)]
        claims.sort(key=_place)
        causes = (claim.item for claim in claims if claim.kind == "cause" and claim.real)
        cited = tuple(dict.fromkeys(item for item in causes if item is not None))
        return Reading(stated.decision if stated else None, cited, tuple(claims))


def _of_the_item(bare: str, influences: Sequence[Claim], named: Sequence[Claim]) -> Iterator[Claim]:
    """Yield the claims; those of a sentence that decides on another title than the item are untrue.

    "“Heat” is in the lower half of the ranking" is not about the item in question, whatever else
    *Heat* may do to its score.
    """
    for claim in influences:
        if claim.kind == "direction" and claim.real:
            start, end = sentence_around(bare, claim.start)
            about = {one.kind for one in named if start <= one.start and one.end <= end}
            if about == {"cause"} and _DECIDES.search(bare, start, end):
                update = {
                    "real": False,
                    "detail": "said of this title, not of the item in question",
                }
                yield claim.model_copy(update=update)
                continue
        yield claim


def _contradictions(bare: str, text: str, stated: StatedDecision, case: Case) -> Iterator[Claim]:
    """Yield a claim for each further sentence that states another decision than the text does."""
    for start, end in sentence_spans(bare):
        if start <= stated.start < end:
            continue
        further = read_decision(bare[start:end]) or read_standing(bare[start:end])
        if further is not None and further.decision != stated.decision:
            first, last = start + further.start, start + further.end
            real = further.decision == leaning(case)
            detail = "" if real else f"the text says {stated.decision} elsewhere"
            yield Claim(
                kind="decision",
                text=text[first:last],
                start=first,
                end=last,
                real=real,
                detail=detail,
            )


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
            other = _has_other_subject(bare, found.start, found.end, named)
            claim = Claim(
                kind="counterfactual",
                text=text[found.start : found.end],
                start=found.start,
                end=found.end,
                real=not other and all(title.item in case.history for title in causes),
                items=tuple(items),
                outcome=found.outcome,
                detail="said of another title than the item in question" if other else "",
            )
            claims.append(claim)
    return claims


def _has_other_subject(bare: str, start: int, end: int, named: Sequence[Claim]) -> bool:
    """Return whether it is a title of the history that would or would not be recommended."""
    return any(
        title.kind == "cause"
        and start - _NEXT_TO <= title.end < end
        and _WOULD.match(bare, title.end) is not None
        for title in named
    )


def _undenied(bare: str, named: Sequence[Claim], what_ifs: Sequence[Claim]) -> list[Claim]:
    """Return the titles but those whose part the text denies; a what-if denies nothing."""
    spans = denied_spans(masked(bare, what_ifs))
    return [
        title
        for title in named
        if title.kind == "item"
        or not any(start <= title.start and title.end <= end for start, end in spans)
    ]
