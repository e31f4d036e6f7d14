"""Has a speaker write about cases, reads that, and keeps it to what is true and asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import cast

from recexplainer.explanation.checks.omission import without_values
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.sentences import with_read_causes
from recexplainer.plugins.interfaces import Speaker
from recexplainer.records import Case, Claim, Context, Explanation, Split, Text, Turn
from recexplainer.records.instructions import explanation_prompt

__all__ = ["Writer", "context", "questions"]


@dataclass(frozen=True)
class Writer:
    """Writes texts and reads them.

    Attributes:
        speaker: who writes.
        reader: reads the claims.
        name: what the texts are signed with.
        max_new_tokens: where a text is cut off.
        temperature: how far drawn texts stray from the likeliest.
        top_p: drawn words are the likeliest that reach this probability together.
        truthful: whether sentences are left out that say an attribute value of whom has it not, or
            an attribute other than the one asked for.
    """

    speaker: Speaker
    reader: ClaimReader
    name: str
    _: KW_ONLY
    max_new_tokens: int
    temperature: float
    top_p: float
    truthful: bool

    def write(
        self,
        cases: Sequence[Case],
        focus: str | None,
        begun: Sequence[str] | None = None,
        draws: int = 0,
    ) -> list[list[Explanation]]:
        """Return the likeliest text about each case, or as many drawn ones as asked for.

        Args:
            cases: what is explained.
            focus: the attribute to keep to.
            begun: what each text begins with.
            draws: above 0, how many texts are drawn for each case.
        """
        if not cases:
            return []
        begun = begun or [""] * len(cases)
        answers = self.speaker.answer(
            questions(cases, focus, begun),
            [context(case) for case in cases],
            max_new_tokens=self.max_new_tokens,
            beams=max(1, draws),
            temperature=self.temperature if draws else 0.0,
            top_p=self.top_p,
        )
        return [
            [self._read(beginning + text, case, focus) for text in texts]
            for case, beginning, texts in zip(cases, begun, answers, strict=True)
        ]

    def keep_to(
        self, texts: Sequence[Explanation], cases: Sequence[Case], focus: str, draws: int
    ) -> list[Explanation]:
        """Return the texts; where one says nothing of ``focus``, it is written on about that.

        The speaker is given "Its" and the attribute's name to go on from, and what it then says
        must hold; where nothing does, the text stays as it is.

        Args:
            texts: one about each case, in order.
            cases: what they are about.
            focus: the attribute asked for.
            draws: how many texts are drawn beside the likeliest.
        """
        kept = list(texts)
        silent = [row for row, text in enumerate(texts) if not self._tells(text, focus)]
        about = [cases[row] for row in silent]
        name = focus.replace("_", " ").strip()
        begun = [f"{texts[row].text} Its {name}" for row in silent]
        likeliest, drawn = (self.write(about, focus, begun, count) for count in (0, draws))
        for row, first, others in zip(silent, likeliest, drawn, strict=True):
            for draft in (*first, *others):
                if draft.decision == kept[row].decision and self._tells(draft, focus):
                    tried = texts[row].drafts + len(first) + len(others)
                    kept[row] = draft.model_copy(update={"drafts": tried})
                    break
        return kept

    def _read(self, text: str, case: Case, focus: str | None) -> Explanation:
        read = with_read_causes(text, case, self.reader, explainer=self.name)
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
