"""Wordings of facts, held against the facts: what adds to them or bends them is cut."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from recexplainer.explanation.checks.account import account_of
from recexplainer.explanation.checks.omission import without_sentences, without_untrue
from recexplainer.explanation.checks.settlement import is_true_as_read, settle_claims
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.claims.statements import LIST_MARKER, sentence_spans
from recexplainer.explanation.claims.title_mentions import named_masked
from recexplainer.explanation.explainers.decision_words import begins_with
from recexplainer.explanation.explainers.established_facts import Facts
from recexplainer.explanation.explainers.plain_vocabulary import foreign_words, misleads
from recexplainer.explanation.explainers.title_marks import TitleMarks
from recexplainer.explanation.explainers.wording_request import is_english
from recexplainer.oracle import Oracle
from recexplainer.records import REASON_KINDS, Claim, Explanation, Written

__all__ = ["Holder", "Wording"]

_NUMBER = re.compile(r"\d(?:[\d.,\u00a0\u202f']*\d)?")
_SEPARATORS = re.compile(r"\D")
_SAYS = REASON_KINDS | {"decision", "order"}
"""Kinds of claims by which a sentence says something that was put to the target."""
_ROUNDS = 3
"""How often a text is read anew after a cut, which may change what is left of it."""
_ITEM = frozenset({"T0"})


@dataclass(frozen=True, slots=True)
class Wording:
    """A text about one case, kept to its facts.

    Attributes:
        text: with titles; None where too little of it held.
        cut: how many sentences were left out.
    """

    text: str | None
    cut: int


class Holder:
    """Holds wordings against facts.

    Args:
        oracle: asks the target.
        reader: reads the texts, as it reads anybody's.
        seed: of what the target is asked at random.
        language: of the texts, by its name. In another one than English, which the reader knows,
            it holds titles, numbers and the decision.
    """

    def __init__(self, oracle: Oracle, reader: ClaimReader, *, seed: int, language: str) -> None:
        self._oracle, self._reader, self._seed = oracle, reader, seed
        self._language, self._english = language, is_english(language)

    def hold(self, said: Sequence[str], facts: Sequence[Facts], name: str) -> list[Wording]:
        """Return each wording without what is not among its facts.

        Args:
            said: what the language model says of each case, with marks.
            facts: those it was told.
            name: what the texts are signed with.
        """
        kept = [self._of_the_facts(text, one) for text, one in zip(said, facts, strict=True)]
        texts = [
            account_of(
                Written(case=one.case.id, explainer=name, text=text, left_out=cut),
                one.case,
                self._reader,
            )
            for (text, cut), one in zip(kept, facts, strict=True)
        ]
        for _ in range(_ROUNDS):
            texts = self._cut(texts, facts)
        settled = self._settled(texts, facts)
        return [
            Wording(text.text if self._is_enough(text, one) else None, text.left_out)
            for text, one in zip(settled, facts, strict=True)
        ]

    def _of_the_facts(self, said: str, facts: Facts) -> tuple[str, int]:
        """Return the text with titles, without sentences whose marks or numbers are not a fact's.

        A text in another language begins with the decision, which is all of it that can be told
        here; it stays in front, in English.
        """
        said, label = LIST_MARKER.sub("", said).strip(), ""
        if not self._english:
            begun, said = begins_with(said, self._language)
            label = f"{begun}." if begun is not None and facts.case.decision else ""
        kept: list[str] = []
        cut = 0
        named: frozenset[str] = frozenset()
        spare = sum(not _holds_anything(one) for one in facts.sentences)
        for start, end in sentence_spans(said):
            sentence = said[start:end].strip()
            own = frozenset(TitleMarks.found(sentence))
            named = own if own - _ITEM else named | own
            held = _is_of(sentence, own, named, facts)
            if self._english:
                held = held and _is_plain(sentence, own, facts)
            elif kept and not _holds_anything(sentence):
                spare -= 1
                held = spare >= 0
            if held:
                kept.append(sentence)
            else:
                cut += bool(sentence)
        return facts.marks.show(" ".join((label, *kept)).strip()), cut

    def _cut(self, texts: Sequence[Explanation], facts: Sequence[Facts]) -> list[Explanation]:
        held = [
            without_untrue(text, one.case, self._reader)
            for text, one in zip(self._settled(texts, facts), facts, strict=True)
        ]
        if not self._english:
            return held
        return [
            without_sentences(text, _idle(text), one.case, self._reader)
            for text, one in zip(held, facts, strict=True)
        ]

    def _settled(self, texts: Sequence[Explanation], facts: Sequence[Facts]) -> list[Explanation]:
        cases = [one.case for one in facts]
        return settle_claims(texts, cases, self._oracle, seed=self._seed)

    def _is_enough(self, settled: Explanation, facts: Facts) -> bool:
        """Whether what is left states the decision and one reason, and all of it holds.

        That there is no cause names no title, and cannot be read in another language.
        """
        reasons = any(claim.kind in REASON_KINDS for claim in settled.claims)
        if not self._english and not any(TitleMarks.found(facts.reasons[0])):
            reasons = True
        return reasons and is_true_as_read(settled, facts.case)


def _is_of(sentence: str, own: frozenset[str], named: frozenset[str], facts: Facts) -> bool:
    """Whether a sentence's marks are known, and each number is of a fact about one of ``named``."""
    if not own <= facts.marks.known():
        return False
    about = [
        (frozenset(TitleMarks.found(one)), frozenset(_numbers(one))) for one in facts.sentences
    ]
    near = [numbers for marks, numbers in about if marks & named or marks <= _ITEM]
    return all(any(number in numbers for numbers in near) for number in _numbers(sentence))


def _holds_anything(sentence: str) -> bool:
    """Whether a sentence has a mark or a number, which can be held in any language."""
    return any(TitleMarks.found(sentence)) or any(_numbers(sentence))


def _is_plain(sentence: str, own: frozenset[str], facts: Facts) -> bool:
    """Whether an English sentence has the words of its facts and plain ones, not bent."""
    bare, told = TitleMarks.without(sentence), [TitleMarks.without(one) for one in facts.sentences]
    removals = [one for one in facts.sentences if one.startswith("Without")]
    after = [number for one in removals for number in list(_numbers(one))[1::2]]
    return not foreign_words(bare, told) and not misleads(
        bare, own, tuple(_numbers(sentence)), after
    )


def _numbers(sentence: str) -> Iterator[str]:
    """Yield the digits of each number, as languages separate them differently."""
    for found in _NUMBER.finditer(TitleMarks.without(sentence)):
        yield _SEPARATORS.sub("", found.group())


def _idle(text: Explanation) -> Iterator[int]:
    """Yield the start of each sentence in which nothing was read that says something."""
    said: list[Claim] = [claim for claim in text.claims if claim.kind in _SAYS]
    for start, end in sentence_spans(named_masked(text.text, text.claims)):
        if not any(claim.start < end and start < claim.end for claim in said):
            yield start
