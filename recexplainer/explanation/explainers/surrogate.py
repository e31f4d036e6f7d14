"""Surrogate explainer: the aligned language model answers the paper's explanation question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pydantic import Field

from recexplainer.errors import CapabilityError
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.explainers.focused_explainer import FocusedExplainer
from recexplainer.explanation.explainers.mended_text import Mender
from recexplainer.explanation.explainers.minimal_edits import EXACT_SIZE
from recexplainer.explanation.explainers.writer import Writer, context
from recexplainer.oracle import oracle_of
from recexplainer.plugins.interfaces import ExplainerKit, Options, Speaker
from recexplainer.records import Case, Explanation, Turn, Written
from recexplainer.records.question_texts import decision_prompt

__all__ = [
    "SurrogateExplainer",
    "SurrogateOptions",
    "UncheckedOptions",
    "build",
    "build_unchecked",
    "speaker_of",
]


_DECISIONS = ("Yes", "No")


class UncheckedOptions(Options):
    """How the surrogate is asked."""

    max_new_tokens: int = Field(default=192, ge=1)
    """Where an explanation is cut off."""
    cases_at_once: int = Field(default=128, ge=1)
    """How many cases are handed to the language model together."""
    asked_decision: bool = True
    """Whether the text states what the surrogate answers when only asked whether the user will like
    the item (interest classification), instead of what it says first when asked to explain."""


class SurrogateOptions(UncheckedOptions):
    """Options of the surrogate explainer."""

    mended: bool = True
    """Whether false reasons are replaced by those that the target's answers give, and sentences
    that do not hold are left out."""
    cited: int = Field(default=3, ge=1)
    """The most items that a mended sentence names."""
    counterfactual: bool = True
    """Whether a text that holds and names no what-if is completed by the fewest items whose removal
    changes the decision, where the recommender's answers show some; needs ``mended``."""
    exact_up_to: int = Field(default=2, ge=1, le=EXACT_SIZE)
    """The largest number of items of which all removals are tried for that, before going on one
    item at a time."""


class SurrogateExplainer(FocusedExplainer):
    """Explainer by a language model (paper, section 3.4), its reasons checked on the target.

    The text is decoded greedily, as in the paper, but states what the speaker answers when it is
    asked for the decision alone. A text whose reasons hold is given as it is; another one is
    written on from the reasons that hold (docs/decisions/0012).

    Args:
        options: how the speaker is asked.
        speaker: who explains.
        kit: the target, the catalogue and the seed.
        name: what its explanations are signed with.
    """

    def __init__(
        self, options: SurrogateOptions, speaker: Speaker, kit: ExplainerKit, name: str
    ) -> None:
        super().__init__(kit)
        self._options, self._speaker = options, speaker
        reader = ClaimReader(kit.catalogue)
        self._mender = Mender(oracle_of(kit), reader, kit, options.cited)
        self._writer = Writer(
            speaker,
            reader,
            name,
            max_new_tokens=options.max_new_tokens,
            truthful=options.mended,
        )

    def _explain(self, cases: Sequence[Case], focus: str | None) -> Iterator[Written]:
        step = self._options.cases_at_once
        for start in range(0, len(cases), step):
            batch = cases[start : start + step]
            texts = self._writer.write(batch, focus)
            if self._options.asked_decision:
                self._decide(texts, batch, focus)
            if self._options.mended:
                texts = self._mended(texts, batch, focus)
            for text in texts:
                yield Written(
                    case=text.case,
                    explainer=text.explainer,
                    text=text.text,
                    mended=text.mended,
                    left_out=text.left_out,
                    added=text.added,
                    completed=text.completed,
                )

    def _decide(self, texts: list[Explanation], cases: Sequence[Case], focus: str | None) -> None:
        """Write anew, in place, the texts that state another decision than the surrogate's answer.

        Telling Yes from No is a task of its own; a model that is good at it may still begin an
        explanation wrongly.
        """
        weights = self._speaker.likelihoods(
            [(Turn("user", decision_prompt(row, case.item)),) for row, case in enumerate(cases)],
            [context(case) for case in cases],
            [_DECISIONS] * len(cases),
        )
        decided = [_DECISIONS[int(weight.argmax())] for weight in weights]
        rows = [row for row, text in enumerate(texts) if text.decision != decided[row]]
        anew = self._writer.write(
            [cases[row] for row in rows], focus, [decided[row] for row in rows]
        )
        for row, text in zip(rows, anew, strict=True):
            if text.decision == decided[row]:
                texts[row] = text

    def _mended(
        self, texts: Sequence[Explanation], cases: Sequence[Case], focus: str | None
    ) -> list[Explanation]:
        """Return the texts with reasons that hold; the pipeline checks them like anybody's."""
        mended = list(texts)
        openings = self._mender.openings(texts, cases)
        about = [cases[row] for row in openings]
        anew = self._writer.write(about, focus, list(openings.values()))
        for row, text in zip(openings, anew, strict=True):
            mended[row] = text.model_copy(update={"mended": 1})
        if focus is not None:
            mended = self._writer.keep_to(mended, cases, focus)
        settled = self._mender.settled(mended, cases)
        if focus is not None or not self._options.counterfactual:
            return settled
        return self._mender.with_what_ifs(settled, cases, self._options.exact_up_to)


def build(options: SurrogateOptions, kit: ExplainerKit) -> SurrogateExplainer:
    """Return the explainer behind the kit's speaker, which also gives it its name.

    Raises:
        CapabilityError: the kit has no surrogate.
    """
    speaker = speaker_of(kit)
    return SurrogateExplainer(options, speaker, kit, speaker.name)


def build_unchecked(options: UncheckedOptions, kit: ExplainerKit) -> SurrogateExplainer:
    """Return the same explainer with its own words, true or not; the target is not asked.

    Raises:
        CapabilityError: the kit has no surrogate.
    """
    speaker = speaker_of(kit)
    once = SurrogateOptions(mended=False, **options.model_dump())
    return SurrogateExplainer(once, speaker, kit, f"{speaker.name}-unchecked")


def speaker_of(kit: ExplainerKit) -> Speaker:
    """Return the kit's surrogate.

    Raises:
        CapabilityError: the kit has none.
    """
    if kit.surrogate is None:
        raise CapabilityError(
            "the surrogate explainer needs a trained surrogate and was given none; run the "
            "surrogate stage first, or choose an explainer that asks the target alone: occlusion"
        )
    return kit.surrogate
