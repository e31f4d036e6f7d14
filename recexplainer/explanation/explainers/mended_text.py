"""Mending of texts: false reasons replaced by those that the target's answers give."""

from __future__ import annotations

from collections.abc import Sequence

from recexplainer.explanation.checks.omission import sentence_of, without_fragments, without_untrue
from recexplainer.explanation.checks.plain_reading import ASKED
from recexplainer.explanation.checks.settlement import is_true_as_read, settle_claims
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.explainers.minimal_edits import counterfactual_sentence, find_edit
from recexplainer.explanation.explainers.reasons import (
    Surroundings,
    causes_sentences,
    no_cause_sentence,
)
from recexplainer.oracle import Oracle, pulls_of
from recexplainer.plugins.interfaces import ExplainerKit
from recexplainer.records import Case, Explanation

__all__ = ["Mender"]

_CLOSING = ".!? "


class Mender:
    """Tells where texts have to be written anew from, and leaves out what does not hold.

    Args:
        oracle: asks the target.
        reader: reads the texts.
        kit: other users' histories and the seed.
        cited: the most items that a mended sentence names.
    """

    def __init__(self, oracle: Oracle, reader: ClaimReader, kit: ExplainerKit, cited: int) -> None:
        self._oracle, self._reader, self._seed, self._cited = oracle, reader, kit.seed, cited
        self._surroundings = Surroundings.of(oracle, kit)

    def openings(self, texts: Sequence[Explanation], cases: Sequence[Case]) -> dict[int, str]:
        """Return row to what the text at it has to begin with, where its reasons do not hold.

        A text that gives no reason gets one as well. One that states another decision than the
        target's is left alone: its decision is its writer's own.
        """
        settled = settle_claims(texts, cases, self._oracle, seed=self._seed)
        wrong = [
            row
            for row, (text, case) in enumerate(zip(settled, cases, strict=True))
            if text.decision is not None
            and text.decision == case.decision
            and not _reasons_hold(text)
        ]
        pulls = pulls_of(self._oracle, [cases[row] for row in wrong])
        causes = causes_sentences(pulls, self._oracle, self._cited)
        openings = {}
        for row, pulled, said in zip(wrong, pulls, causes, strict=True):
            reason = said or no_cause_sentence(pulled.case)
            openings[row] = f"{_ended(_before_reasons(settled[row]))} {reason}"
        return openings

    def settled(self, texts: Sequence[Explanation], cases: Sequence[Case]) -> list[Explanation]:
        """Return the texts without the sentences that do not hold, and with what the target adds.

        Claims of what is returned are those of an earlier wording; only the text is meant.
        Where a text says that no single title is the cause, what is known instead follows; a
        what-if that holds gets the ranks and scores behind it, which no writer can know.
        """
        held = settle_claims(texts, cases, self._oracle, seed=self._seed)
        left = [
            without_fragments(without_untrue(text, case, self._reader), case, self._reader)
            for text, case in zip(held, cases, strict=True)
        ]
        again = settle_claims(left, cases, self._oracle, seed=self._seed)
        told = [_with_ranks(text) for text in again]
        return self._surrounded(told, cases)

    def _surrounded(self, texts: list[Explanation], cases: Sequence[Case]) -> list[Explanation]:
        rows = [
            row
            for row, text in enumerate(texts)
            if is_true_as_read(text, cases[row])
            and any(claim.kind == "no_cause" for claim in text.claims)
        ]
        pulls = pulls_of(self._oracle, [cases[row] for row in rows])
        for row, known in zip(rows, self._surroundings.sentences(pulls), strict=True):
            texts[row] = _completed(texts[row], known)
        return texts

    def with_what_ifs(
        self, texts: Sequence[Explanation], cases: Sequence[Case], exact_up_to: int
    ) -> list[Explanation]:
        """Return the texts; to each that holds without a what-if one is added, if there is one.

        Args:
            texts: settled ones.
            cases: what they are about, in order.
            exact_up_to: the largest number of items of which all removals are tried.
        """
        completed = list(texts)
        for row, (text, case) in enumerate(zip(texts, cases, strict=True)):
            told = any(claim.kind == "counterfactual" for claim in text.claims)
            if told or not is_true_as_read(text, case):
                continue
            edit = find_edit(self._oracle, case, exact_up_to=exact_up_to)
            if edit is not None:
                said = counterfactual_sentence(case, edit, self._oracle.catalogue)
                completed[row] = _completed(text, said)
        return completed


def _reasons_hold(settled: Explanation) -> bool:
    reasons = [claim for claim in settled.claims if claim.kind in ASKED]
    return bool(reasons) and all(claim.real for claim in reasons)


def _completed(text: Explanation, sentences: str) -> Explanation:
    """Return the text with what the target answered after it."""
    added = {"text": f"{_ended(text.text)} {sentences}", "completed": text.completed + 1}
    return text.model_copy(update=added)


def _ended(text: str) -> str:
    """Return the text with a mark at its end: some writers say "Yes" and nothing more."""
    return text if text.endswith((".", "!", "?", ":")) else f"{text}."


def _before_reasons(text: Explanation) -> str:
    """Return the text up to its first reason; the sentence of its decision where it has none."""
    reasons = [claim.start for claim in text.claims if claim.kind in ASKED]
    decisions = [claim.start for claim in text.claims if claim.kind == "decision"]
    opening, decided = sentence_of(text, min(decisions))
    if any(not one.real and opening <= one.start < decided for one in text.claims):
        return f"{text.decision}."  # the sentence that decides says more, and that is not so
    if not reasons:
        return text.text[:decided].strip()
    start, _ = sentence_of(text, min(reasons))
    return text.text[: max(start, decided)].strip()


def _with_ranks(settled: Explanation) -> Explanation:
    """Return the text with what the target answered behind each what-if that holds."""
    text = settled.text
    stated = [one for one in settled.claims if one.kind == "counterfactual" and one.real]
    for claim in sorted(stated, key=lambda one: -one.start):
        _, end = sentence_of(settled, claim.start)
        place = len(text[:end].rstrip(_CLOSING))
        text = f"{text[:place]} ({claim.detail}){text[place:]}"
    return settled.model_copy(update={"text": text})
