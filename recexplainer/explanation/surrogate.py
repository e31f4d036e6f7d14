"""The aligned language model as an explainer: it answers the paper's explanation question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from pydantic import Field

from recexplainer.errors import CapabilityError
from recexplainer.explanation.checking import check_drafts
from recexplainer.explanation.claims import ClaimReader
from recexplainer.explanation.drafts import choose_draft, holds
from recexplainer.explanation.focus import resolve_focus
from recexplainer.plugins.interfaces import Explainer, ExplainerKit, Options, Speaker
from recexplainer.records import Case, Context, Explanation, Split, Turn
from recexplainer.records.instructions import explanation_prompt

__all__ = ["SurrogateExplainer", "SurrogateOptions", "UncheckedOptions", "build", "build_unchecked"]


class UncheckedOptions(Options):
    """How the surrogate is asked."""

    max_new_tokens: int = Field(default=192, ge=1)
    """Where an explanation is cut off."""
    cases_at_once: int = Field(default=64, ge=1)
    """How many cases are handed to the language model together."""


class SurrogateOptions(UncheckedOptions):
    """How the surrogate is asked, and asked again where f does not bear it out."""

    drafts: int = Field(default=5, ge=1)
    """How many texts are written at most: where the first does not hold when put to f, the others
    are drawn at random, and the one that holds best is given. 1 gives the first as it is."""
    temperature: float = Field(default=1.0, gt=0)
    """How far drawn texts stray from the likeliest; 1 draws them as often as the model would."""
    top_p: float = Field(default=1.0, gt=0, le=1)
    """Drawn words are taken from the likeliest only, as few as reach this probability together; 1
    takes them from all."""


class SurrogateExplainer(Explainer):
    """Asks a speaker why f decides as it does (paper, section 3.4), and f whether that holds.

    The first text is decoded greedily, as in the paper. With one draft it is given as it is.

    Args:
        options: how the speaker is asked.
        speaker: who explains.
        kit: f, the catalogue and the seed.
        name: what its explanations are signed with.
    """

    def __init__(
        self, options: SurrogateOptions, speaker: Speaker, kit: ExplainerKit, name: str
    ) -> None:
        self._options, self._speaker, self._kit, self._name = options, speaker, kit, name
        self._reader = ClaimReader(kit.catalogue)

    def explain(
        self, cases: Sequence[Case], instruction: str | None = None
    ) -> Iterable[Explanation]:
        """Yield an explanation of each case, with the claims read from it.

        Args:
            cases: what to explain.
            instruction: the attribute to keep to, in free words, such as ``only genres``.

        Raises:
            UserError: the instruction names no attribute of the data set.
        """
        focus = resolve_focus(instruction, self._kit.catalogue)
        return self._explain(cases, focus)

    def _explain(self, cases: Sequence[Case], focus: str | None) -> Iterator[Explanation]:
        step = self._options.cases_at_once
        for start in range(0, len(cases), step):
            batch = cases[start : start + step]
            first = [texts[0] for texts in self._written(batch, focus)]
            yield from self._settled(batch, first, focus)

    def _settled(
        self, cases: Sequence[Case], first: Sequence[Explanation], focus: str | None
    ) -> list[Explanation]:
        """Return the first drafts, replaced where f does not bear them out and others hold better.

        The checks made here choose; the pipeline makes them anew for whatever is given.
        """
        more = self._options.drafts - 1
        if not more:
            return list(first)
        chosen = check_drafts(first, cases, self._kit)
        doubtful = [row for row, explanation in enumerate(chosen) if not holds(explanation)]
        drawn = self._written([cases[row] for row in doubtful], focus, draws=more)
        others = check_drafts([text for texts in drawn for text in texts], cases, self._kit)
        for place, row in enumerate(doubtful):
            best = choose_draft(chosen[row], others[place * more : (place + 1) * more])
            chosen[row] = best.model_copy(update={"drafts": 1 + more})
        return [explanation.model_copy(update={"checks": ()}) for explanation in chosen]

    def _written(
        self, cases: Sequence[Case], focus: str | None, draws: int = 0
    ) -> list[list[Explanation]]:
        """Return the likeliest text about each case, or as many drawn ones as asked for."""
        if not cases:
            return []
        answers = self._speaker.answer(
            [
                (Turn("user", explanation_prompt(row, case.item, focus)),)
                for row, case in enumerate(cases)
            ],
            [_context(case) for case in cases],
            max_new_tokens=self._options.max_new_tokens,
            beams=max(1, draws),
            temperature=self._options.temperature if draws else 0.0,
            top_p=self._options.top_p,
        )
        return [
            [self._read(case, text) for text in texts]
            for case, texts in zip(cases, answers, strict=True)
        ]

    def _read(self, case: Case, text: str) -> Explanation:
        reading = self._reader.read(text, case)
        return Explanation(
            case=case.id,
            explainer=self._name,
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
    speaker = _speaker(kit)
    return SurrogateExplainer(options, speaker, kit, speaker.name)


def build_unchecked(options: UncheckedOptions, kit: ExplainerKit) -> SurrogateExplainer:
    """Return the same explainer with its first words, whatever f says to them.

    Raises:
        CapabilityError: the kit has no surrogate.
    """
    speaker = _speaker(kit)
    once = SurrogateOptions(drafts=1, **options.model_dump())
    return SurrogateExplainer(once, speaker, kit, f"{speaker.name}-unchecked")


def _speaker(kit: ExplainerKit) -> Speaker:
    if kit.surrogate is None:
        raise CapabilityError(
            "the surrogate explainer needs a trained surrogate and was given none; run the "
            "surrogate stage first, or choose an explainer that asks f alone: occlusion"
        )
    return kit.surrogate


def _context(case: Case) -> Context:
    return Context(
        user=case.user,
        end=len(case.earlier) + len(case.history),
        history=case.history,
        split=cast("Split", case.split),
    )
