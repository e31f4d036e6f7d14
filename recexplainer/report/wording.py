"""Cases and checks in words, and texts split where their claims begin and end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from recexplainer.records import Case, Check, Claim, Decision, Explanation
from recexplainer.report.naming import NOT_SCORED, for_tables_only, share_text

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
    """Return what f itself says of the case."""
    place = f"f ranks it {case.rank:,} of {case.candidates:,} unseen items"
    decisions: dict[Decision | None, str] = {
        "Yes": "it would recommend it (top 20 %)",
        "No": "it would not recommend it (bottom 50 %)",
        None: "it is undecided (between its top 20 % and its bottom 50 %)",
    }
    return f"{place}: {decisions[case.decision]}"


def check_words(explanation: Explanation, case: Case) -> list[CheckWords]:
    """Return the checks of ``explanation`` as sentences, what was not scored at the end.

    Checks that only tell something over many texts are left to the tables.
    """
    shown = [check for check in explanation.checks if not _for_tables_only(check)]
    scored = [_words(check.name, check.value, check.detail, case) for check in shown]
    reasons: dict[str, list[str]] = {}
    for check in shown:
        if check.value is None:
            reasons.setdefault(check.detail, []).append(_spaced(check.name))
    return [
        *(words for words in scored if words is not None),
        *(
            CheckWords(f"{NOT_SCORED}: {', '.join(names)}", "plain", reason)
            for reason, names in reasons.items()
        ),
        *_origin(explanation),
    ]


def _for_tables_only(check: Check) -> bool:
    """Whether a check says something over many texts, and little to the reader of one."""
    states_none = check.name == "counterfactual_validity" and check.value is None
    return states_none or for_tables_only(check.name)


def _origin(explanation: Explanation) -> Iterator[CheckWords]:
    """Say so where the text is not what the language model said first."""
    if explanation.drafts > 1:
        yield CheckWords(f"chosen by f from {explanation.drafts} drafts", "plain")


def abstention_words(explanation: Explanation) -> str:
    """Return why a text is withheld."""
    for check in explanation.checks:
        if check.name == "confidence":
            sure = NOT_SCORED if check.value is None else f"{check.value:.2f}"
            return f"confidence {sure}: {check.detail}"
    return "no confidence was measured"


def spans(text: str, claims: Sequence[Claim]) -> list[Span]:
    """Return ``text`` in pieces that each are covered by the same claims.

    A piece is real only if every claim about it is. Claims of a decision are left out: that f
    decides otherwise is told by the checks. Positions outside of the text are cut off.
    """
    shown = [claim for claim in claims if claim.kind != "decision"]
    edges = {0, len(text)}
    for claim in shown:
        edges |= {min(max(edge, 0), len(text)) for edge in (claim.start, claim.end)}
    cuts = sorted(edges)
    return list(_merged(_pieces(text, shown, cuts)))


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


def _words(name: str, value: float | None, detail: str, case: Case) -> CheckWords | None:
    if value is None:
        return None
    if name in _OF_TEXTS:
        return CheckWords(*_OF_TEXTS[name](value), detail)
    if name in _OF_CASES:
        return CheckWords(*_OF_CASES[name](value, case))
    return CheckWords(f"{_spaced(name)}: {value:.4g}", "plain", detail)


def _spaced(name: str) -> str:
    return name.replace("_", " ")


def _agreement(value: float) -> tuple[str, Tone]:
    return ("f agrees", "good") if value == 1 else ("f decides otherwise", "bad")


def _grounding(value: float) -> tuple[str, Tone]:
    if value == 1:
        return "all that it cites is real", "good"
    return f"{share_text(value)} of what it cites is real", "bad"


def _hallucinated(value: float) -> tuple[str, Tone]:
    if value == 0:
        return "no title given as a cause is made up", "good"
    return f"{share_text(value)} of the titles given as causes are made up", "bad"


def _confidence(value: float) -> tuple[str, Tone]:
    return f"confidence {value:.2f}", "plain"


def _drop(value: float, case: Case) -> tuple[str, Tone]:
    # An undecided f leans to Yes in the upper half of its ranking, as in the check itself.
    likes = case.decision == "Yes" or (case.decision is None and 2 * case.rank <= case.candidates)
    toward = "falls" if likes else "rises"
    apart, tone = _apart(round(value, 2))
    return f"without the cited items f's score {toward} {apart} than without as many others", tone


def _apart(value: float) -> tuple[str, Tone]:
    if value > 0:
        return f"{value:.2f} sd further", "good"
    return (f"{-value:.2f} sd less far", "bad") if value < 0 else ("no further", "plain")


def _rank(value: float, case: Case) -> tuple[str, Tone]:
    if value == case.rank:
        return f"without the cited items the rank stays at {case.rank:,}", "plain"
    moved = "falls" if value > case.rank else "rises"
    text = f"without the cited items the rank {moved} from {case.rank:,} to {value:,.0f}"
    return text, "plain"


def _score(value: float, case: Case) -> tuple[str, Tone]:
    text = f"without the cited items the score goes from {case.score:.4g} to {value:.4g}"
    return text, "plain"


_OF_TEXTS: dict[str, Callable[[float], tuple[str, Tone]]] = {
    "decision_agreement": _agreement,
    "grounding": _grounding,
    "hallucinated": _hallucinated,
    "confidence": _confidence,
}
"""Check to its value in words, and whether that speaks for the text."""
_OF_CASES: dict[str, Callable[[float, Case], tuple[str, Tone]]] = {
    "faithfulness_drop": _drop,
    "rank_without": _rank,
    "score_without": _score,
}
"""The same, told beside what f said of the case, which makes the check's own detail idle."""
