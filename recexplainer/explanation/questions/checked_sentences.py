"""Sentences of an answer, each with its claims and what the target says of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from recexplainer.explanation.checks.account import account_of
from recexplainer.explanation.checks.plain_reading import ASKED
from recexplainer.explanation.checks.settlement import settle_claims
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.claims.statements import sentence_spans
from recexplainer.explanation.claims.title_mentions import named_masked
from recexplainer.explanation.sentences import decided
from recexplainer.oracle import Oracle
from recexplainer.records import Case, Claim, Written

__all__ = ["CheckedClaim", "Sentence", "checked_sentences"]

_LABELS = {
    "decision": "the decision",
    "together": "all of them together",
    "strongest": "what counts most",
    "order": "the order",
    "no_cause": "that no single title is the cause",
}
_DATA = "the data have it so; the recommender cannot be asked that"

_MENTIONED = "it is in the history; that it moves the score is not said"


@dataclass(frozen=True, slots=True)
class CheckedClaim:
    """One claim of an answer, and what became of it.

    Attributes:
        claim: what is claimed, in a few words.
        holds: whether the target (or the data, where it is False) says so; None where neither the
            target nor the data refute it and the target could not be asked.
        detail: what was found, or why nothing was.
    """

    claim: str
    holds: bool | None
    detail: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer with its claims, none where nothing was read of it."""

    text: str
    claims: tuple[CheckedClaim, ...] = ()

    @property
    def holds(self) -> bool | None:
        """False if anything does not hold; True if the target confirmed all; else None."""
        found = [claim.holds for claim in self.claims]
        return False if False in found else True if found and all(found) else None

    @property
    def partly(self) -> bool:
        """Whether the target confirmed what it could be asked, and something is left."""
        return self.holds is None and any(claim.holds for claim in self.claims)


def checked_sentences(
    text: str,
    case: Case,
    reader: ClaimReader,
    oracle: Oracle,
    *,
    seed: int,
    of_values: Mapping[str, CheckedClaim] | None = None,
) -> list[Sentence]:
    """Return the sentences of a text about one case; every claim that can be is put to the target.

    Args:
        text: what was answered.
        case: what it is about.
        reader: reads the claims.
        oracle: asks the target.
        seed: of random groups of titles, which groups with an attribute are compared with.
        of_values: what the target says of attribute values, by how the text writes them.
    """
    written = Written(case=case.id, explainer="answer", text=text)
    read = account_of(written, case, reader)
    (settled,) = settle_claims([read], [case], oracle, seed=seed)
    sentences = []
    for start, end in sentence_spans(named_masked(text, settled.claims)):
        if words := text[start:end].strip():
            claims = [claim for claim in settled.claims if start <= claim.start < end]
            values = [claim.text for claim in claims if claim.kind == "attribute"]
            told = [of_values[value] for value in values if of_values and value in of_values]
            found = dict.fromkeys((*told, *_checked(claims, case, oracle)))
            sentences.append(Sentence(words, tuple(found)))
    return sentences


def _checked(claims: Sequence[Claim], case: Case, oracle: Oracle) -> Iterator[CheckedClaim]:
    """Yield what was found of the claims of a sentence, those first that the target was asked."""
    asked = [claim for claim in claims if claim.kind in ASKED or claim.outcome is not None]
    told = {item for claim in asked for item in claim.items}
    found = [_decision(claim, case, oracle) for claim in claims if claim.kind == "decision"]
    found += [CheckedClaim(_label(claim), holds=claim.real, detail=claim.detail) for claim in asked]
    for claim in claims:
        if claim.kind == "attribute" or (claim.kind == "cause" and claim.item not in told):
            true = _DATA if claim.kind == "attribute" else _MENTIONED
            detail = true if claim.real else claim.detail or "not in the history"
            found.append(
                CheckedClaim(_label(claim), holds=None if claim.real else False, detail=detail)
            )
    yield from found


def _decision(claim: Claim, case: Case, oracle: Oracle) -> CheckedClaim:
    words = decided(case, oracle.catalogue.title(case.item))
    holds = None if case.decision is None else claim.real
    return CheckedClaim(f"{_LABELS['decision']}, “{claim.text}”", holds, words.rstrip("."))


def _label(claim: Claim) -> str:
    named = claim.text.strip("“”\"'")
    toward = f" speaks for a {claim.toward}" if claim.toward else ""
    return _LABELS.get(claim.kind) or f"“{named}”{toward}"
