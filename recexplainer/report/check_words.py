"""Cases and checks in words, and texts split where their claims begin and end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from recexplainer.explanation.figures.measures import CHECKED
from recexplainer.records import (
    EXPLANATION_TASK,
    REASON_KINDS,
    Case,
    Claim,
    ClaimKind,
    Decision,
    Explanation,
    Figure,
)
from recexplainer.report.labels import NOT_SCORED, share_text

__all__ = ["CheckWords", "Span", "abstention_words", "case_words", "check_words", "spans"]

Tone = Literal["good", "bad", "plain"]


@dataclass(frozen=True, slots=True)
class CheckWords:
    """One check as a sentence, whether it speaks for the text, and what else was noted."""

    text: str
    tone: Tone
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text: plain (``real`` is None), or claimed and then real or not."""

    text: str
    real: bool | None = None
    kinds: str = ""


def case_words(case: Case) -> str:
    """Return what the recommender itself says of the case; what was had is no candidate."""
    if case.already_had:
        others = f"the {case.candidates - 1:,} items that the user has not had"
        decision = case.decision or "undecided"
        return f"the recommender ranks it {case.rank:,} beside {others}: {decision}"
    place = f"the recommender ranks it {case.rank:,} of {case.candidates:,} candidates"
    decisions: dict[Decision | None, str] = {
        "Yes": "and would recommend it (top 20 %)",
        "No": "and would not recommend it (bottom 50 %)",
        None: "and is undecided (between its top 20 % and its bottom 50 %)",
    }
    return f"{place} {decisions[case.decision]}"


def check_words(explanation: Explanation, case: Case) -> list[CheckWords]:
    """Return the checks of ``explanation`` as sentences, what was not scored at the end.

    Each claim that says why has a line of its own, with what the recommender answered. Checks that
    only tell something over many texts are left to the tables.

    Args:
        explanation: with its checks filled in.
        case: what it is about.
    """
    refuted = explanation.check("refuted") == 1.0
    shown = [
        check
        for check in explanation.checks
        if _figure(check.name).shown == "text" and not (refuted and check.name == "confidence")
    ]
    scored = [_words(check.name, check.value, check.detail) for check in shown]
    reasons: dict[str, list[str]] = {}
    for check in shown:
        if check.value is None:
            reasons.setdefault(check.detail, []).append(_spaced(check.name))
    return [
        *(words for words in scored[:1] if words is not None),
        *_claim_words(explanation, case),
        *(words for words in scored[1:] if words is not None),
        *(
            CheckWords(f"{NOT_SCORED}: {', '.join(names)}", "plain", reason)
            for reason, names in reasons.items()
        ),
        *_origin(explanation),
    ]


def _claim_words(explanation: Explanation, case: Case) -> Iterator[CheckWords]:
    """Yield a line for each distinct claim that says why, and for each other that is not true."""
    told = set()
    for claim in sorted(explanation.claims, key=lambda one: _ORDER.get(one.kind, 0)):
        why = claim.kind in REASON_KINDS or claim.kind == "order"
        if claim.kind == "decision" or (not why and claim.real):
            continue
        label = _LABELS.get(claim.kind, "“{}”").format(claim.text.strip("“”\"'"))
        if claim.kind in ("direction", "reason") and claim.toward not in (None, case.decision):
            label += ", against the decision"
        line = CheckWords(
            f"{label}: {'true' if claim.real else 'not true'}",
            "good" if claim.real else "bad",
            claim.detail,
        )
        if line not in told:
            told.add(line)
            yield line


def _origin(explanation: Explanation) -> Iterator[CheckWords]:
    """Say so where the text is not what its writer said first."""
    if explanation.mended:
        yield CheckWords("its first reasons were rewritten from the recommender's answers", "plain")
    if explanation.left_out:
        count = f"{explanation.left_out} sentence{'s' if explanation.left_out > 1 else ''}"
        yield CheckWords(f"{count} left out, as not true", "plain")
    if explanation.completed:
        yield CheckWords("its end was added, from what the recommender answered", "plain")
    if explanation.added:
        yield CheckWords("what it says of the attribute asked for was added from the data", "plain")


def abstention_words(explanation: Explanation) -> str:
    """Return why a text is withheld."""
    checks = {check.name: check for check in explanation.checks}
    refuted, confidence = checks.get("refuted"), checks.get("confidence")
    if refuted is not None and refuted.detail:
        return refuted.detail
    if confidence is None:
        return "no confidence was measured"
    sure = NOT_SCORED if confidence.value is None else f"{confidence.value:.2f}"
    return f"confidence {sure}: {confidence.detail}"


def spans(text: str, claims: Sequence[Claim]) -> list[Span]:
    """Return ``text`` in pieces that each are covered by the same claims.

    A piece is real only if every claim about it is. Claims of a decision are left out: that the
    target decides otherwise is said by the checks; so are whole sentences that hold. Positions
    outside of the text are cut off.
    """
    shown = [claim for claim in claims if claim.kind not in _UNMARKED and not _whole(claim)]
    edges = {0, len(text)}
    for claim in shown:
        edges |= {min(max(edge, 0), len(text)) for edge in (claim.start, claim.end)}
    cuts = sorted(edges)
    return list(_merged(_pieces(text, shown, cuts)))


def _whole(claim: Claim) -> bool:
    """Whether a claim that holds covers its sentence; the titles in it are marked."""
    return claim.real and claim.kind in _OF_SENTENCES


def _pieces(text: str, claims: Sequence[Claim], cuts: Sequence[int]) -> Iterator[Span]:
    for start, end in pairwise(cuts):
        over = [claim for claim in claims if claim.start <= start and end <= claim.end]
        kinds = ", ".join(dict.fromkeys(claim.kind for claim in over))
        yield Span(text[start:end], all(claim.real for claim in over) if over else None, kinds)


def _merged(pieces: Iterator[Span]) -> Iterator[Span]:
    """Join neighbors that read alike, so that nested claims do not chop a title up."""
    held: Span | None = None
    for piece in pieces:
        if held is not None and (held.real, held.kinds) == (piece.real, piece.kinds):
            held = Span(held.text + piece.text, held.real, held.kinds)
            continue
        if held is not None:
            yield held
        held = piece
    if held is not None:
        yield held


def _words(name: str, value: float | None, detail: str) -> CheckWords | None:
    if value is None:
        return None
    figure = _figure(name)
    if figure.holds and value == 1:
        return CheckWords(figure.holds, "good", detail)
    words = figure.words.format(value=value, share=share_text(value))
    tone: Tone = "bad" if figure.holds else "plain"
    return CheckWords(words or f"{_spaced(name)}: {value:.4g}", tone, detail)


def _figure(check: str) -> Figure:
    """Return the figure that is the mean of a check; of one that has none, how it is shown."""
    if check in _OF_CHECK:
        return _OF_CHECK[check]
    shown: Literal["text", "claims"] = "claims" if check in _TOLD_BY_CLAIMS else "text"
    return Figure(task=EXPLANATION_TASK, metric=check, shown=shown)


def _spaced(name: str) -> str:
    return name.replace("_", " ")


_OF_CHECK = {figure.check: figure for figure in CHECKED}
_UNMARKED: frozenset[ClaimKind] = frozenset({"decision", "meant"})
_OF_SENTENCES: frozenset[ClaimKind] = frozenset({"together", "strongest", "order", "no_cause"})
_TOLD_BY_CLAIMS = ("score_without", "rank_without", "simulated_shuffled")
"""Checks without a figure of their own that are not shown beside a text."""
_ORDER: dict[ClaimKind, int] = {"together": 1, "strongest": 2, "order": 3, "meant": 4}
"""Kinds that are named behind single titles, in this order."""
_LABELS: dict[ClaimKind, str] = {
    "together": "all of these together",
    "strongest": "what is said to count most",
    "order": "the order in which they are named",
    "no_cause": "no single title of the history",
    "meant": "a citation",
}
"""Kind of claim to what its line begins with, where its own words are too many or none."""
