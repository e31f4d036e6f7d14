"""The aligned language model as an explainer: it answers the paper's explanation question."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from pydantic import Field

from recexplainer.errors import CapabilityError
from recexplainer.explanation.claims import ClaimReader
from recexplainer.explanation.focus import resolve_focus
from recexplainer.plugins.interfaces import Explainer, ExplainerKit, Options, Speaker
from recexplainer.records import Case, Catalogue, Context, Explanation, Split, Turn
from recexplainer.records.instructions import explanation_prompt

__all__ = ["SurrogateExplainer", "SurrogateOptions", "build"]


class SurrogateOptions(Options):
    """How the surrogate is asked."""

    max_new_tokens: int = Field(default=192, ge=1)
    """Where an explanation is cut off."""
    cases_at_once: int = Field(default=64, ge=1)
    """How many cases are handed to the language model together."""


class SurrogateExplainer(Explainer):
    """Asks a speaker why f decides as it does (paper, section 3.4); decoding is greedy."""

    def __init__(self, options: SurrogateOptions, speaker: Speaker, catalogue: Catalogue) -> None:
        self._options = options
        self._speaker = speaker
        self._catalogue = catalogue
        self._reader = ClaimReader(catalogue)

    def explain(
        self, cases: Sequence[Case], instruction: str | None = None
    ) -> Iterable[Explanation]:
        """Yield the speaker's explanation of each case, with the claims read from it.

        Args:
            cases: what to explain.
            instruction: the attribute to keep to, in free words, such as ``only genres``.

        Raises:
            UserError: the instruction names no attribute of the data set.
        """
        focus = resolve_focus(instruction, self._catalogue)
        return self._explain(cases, focus)

    def _explain(self, cases: Sequence[Case], focus: str | None) -> Iterable[Explanation]:
        step = self._options.cases_at_once
        for start in range(0, len(cases), step):
            batch = cases[start : start + step]
            questions = [
                (Turn("user", explanation_prompt(row, case.item, focus)),)
                for row, case in enumerate(batch)
            ]
            answers = self._speaker.answer(
                questions,
                [_context(case) for case in batch],
                max_new_tokens=self._options.max_new_tokens,
            )
            for case, (text, *_) in zip(batch, answers, strict=True):
                yield self._explanation(case, text)

    def _explanation(self, case: Case, text: str) -> Explanation:
        reading = self._reader.read(text, case)
        return Explanation(
            case=case.id,
            explainer=self._speaker.name,
            text=text,
            decision=reading.decision,
            cited=reading.cited,
            claims=reading.claims,
        )


def build(options: SurrogateOptions, kit: ExplainerKit) -> SurrogateExplainer:
    """Return the explainer behind the kit's speaker, which also gives it its name.

    Raises:
        CapabilityError: the kit has no surrogate.
    """
    if kit.surrogate is None:
        raise CapabilityError(
            "the surrogate explainer needs a trained surrogate and was given none; "
            "run the surrogate stage first, or choose an explainer that asks f alone: occlusion"
        )
    return SurrogateExplainer(options, kit.surrogate, kit.catalogue)


def _context(case: Case) -> Context:
    return Context(
        user=case.user,
        end=len(case.earlier) + len(case.history),
        history=case.history,
        split=cast("Split", case.split),
    )
