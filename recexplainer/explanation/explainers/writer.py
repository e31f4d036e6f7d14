"""Writer of texts: what a speaker answers, read, and kept to what is true and asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import cast

from recexplainer.explanation.checks.account import account_of
from recexplainer.explanation.checks.omission import without_values
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.sentences import attribute_sentence
from recexplainer.plugins.interfaces import Speaker
from recexplainer.records import (
    Case,
    Claim,
    Context,
    Explanation,
    Split,
    Text,
    Turn,
    Written,
    spoken_attribute,
)
from recexplainer.records.question_texts import explanation_prompt

__all__ = ["Writer", "context", "questions"]


@dataclass(frozen=True)
class Writer:
    """Writes texts and reads them.

    Attributes:
        speaker: who writes.
        reader: reads the claims.
        name: what the texts are signed with.
        max_new_tokens: where a text is cut off.
        truthful: whether sentences are left out that say an attribute value of whom has it not, or
            an attribute other than the one asked for.
    """

    speaker: Speaker
    reader: ClaimReader
    name: str
    _: KW_ONLY
    max_new_tokens: int
    truthful: bool

    def write(
        self, cases: Sequence[Case], focus: str | None, begun: Sequence[str] | None = None
    ) -> list[Explanation]:
        """Return the likeliest text about each case, read.

        Args:
            cases: what is explained.
            focus: the attribute to keep to.
            begun: what each text begins with.
        """
        if not cases:
            return []
        begun = begun or [""] * len(cases)
        answers = self.speaker.answer(
            questions(cases, focus, begun),
            [context(case) for case in cases],
            max_new_tokens=self.max_new_tokens,
            quoting=True,
        )
        return [
            self._read(beginning + texts[0], case, focus)
            for case, beginning, texts in zip(cases, begun, answers, strict=True)
        ]

    def keep_to(
        self, texts: Sequence[Explanation], cases: Sequence[Case], focus: str
    ) -> list[Explanation]:
        """Return the texts; where one says nothing of ``focus``, it is written on about that.

        The speaker is given "Its" and the attribute's name to go on from, and what it then says
        must hold; where it does not, a sentence of what the data say follows, counted as added.

        Args:
            texts: one about each case, in order.
            cases: what they are about.
            focus: the attribute asked for.
        """
        kept = list(texts)
        silent = [row for row, text in enumerate(texts) if not self._tells(text, focus)]
        name = spoken_attribute(focus)
        begun = [f"{texts[row].text} Its {name}" for row in silent]
        anew = self.write([cases[row] for row in silent], focus, begun)
        for row, written in zip(silent, anew, strict=True):
            text = written
            before, case, added = kept[row], cases[row], 0
            if text.decision != before.decision or not self._tells(text, focus):
                told = attribute_sentence(case, focus, self.reader.catalogue)
                text, added = self._read(f"{before.text} {told}", case, focus), 1
            left_out = before.left_out + text.left_out
            counts = {"mended": before.mended, "left_out": left_out, "added": added}
            kept[row] = text.model_copy(update=counts)
        return kept

    def _read(self, text: str, case: Case, focus: str | None) -> Explanation:
        written = Written(case=case.id, explainer=self.name, text=text)
        read = account_of(written, case, self.reader)
        if not self.truthful:
            return read

        def unwanted(claim: Claim) -> bool:
            return not claim.real or (
                focus is not None and focus not in self.reader.attributes_of(claim.text)
            )

        return without_values(read, case, self.reader, unwanted)

    def _tells(self, text: Explanation, focus: str) -> bool:
        values = (claim for claim in text.claims if claim.kind == "attribute" and claim.real)
        return any(focus in self.reader.attributes_of(value.text) for value in values)


def questions(
    cases: Sequence[Case], focus: str | None, begun: Sequence[str]
) -> list[tuple[Turn, ...]]:
    """Return the paper's question about each case, and with it what the answer begins with."""
    pairs = enumerate(zip(cases, begun, strict=True))
    return [
        (
            Turn("user", explanation_prompt(row, case.item, focus)),
            *((Turn("assistant", (Text(beginning),)),) if beginning else ()),
        )
        for row, (case, beginning) in pairs
    ]


def context(case: Case) -> Context:
    """Return the moment that a case is about, as a speaker is asked of it."""
    return Context(
        user=case.user,
        end=len(case.earlier) + len(case.history),
        history=case.history,
        split=cast("Split", case.split),
    )
