"""The aligned language model as an explainer: it answers the paper's explanation question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from pydantic import Field

from recexplainer.errors import CapabilityError
from recexplainer.explanation.checks.checker import check_drafts
from recexplainer.explanation.checks.what_ifs import settle_what_ifs
from recexplainer.explanation.claims.reader import ClaimReader
from recexplainer.explanation.explainers.cause_choice import (
    Opening,
    heaviest_causes,
    likeliest,
    open_causes,
)
from recexplainer.explanation.explainers.drafts import choose_draft, holds
from recexplainer.explanation.explainers.writer import Writer, context, questions
from recexplainer.explanation.instruction import resolve_focus
from recexplainer.oracle import oracle_of
from recexplainer.plugins.interfaces import Explainer, ExplainerKit, Options, Speaker
from recexplainer.records import Case, Explanation, Turn
from recexplainer.records.instructions import decision_prompt

__all__ = ["SurrogateExplainer", "SurrogateOptions", "UncheckedOptions", "build", "build_unchecked"]


_DECISIONS = ("Yes", "No")


class UncheckedOptions(Options):
    """How the surrogate is asked."""

    max_new_tokens: int = Field(default=192, ge=1)
    """Where an explanation is cut off."""
    cases_at_once: int = Field(default=128, ge=1)
    """How many cases are handed to the language model together."""


class SurrogateOptions(UncheckedOptions):
    """How the surrogate is asked, and how f picks among what it could say."""

    drafts: int = Field(default=3, ge=1)
    """How many texts are written on from the first one's opening, once f has picked causes: the
    likeliest behind each, and drawn ones behind the last. The one that holds best is given. 1 gives
    the first text as it is."""
    asked_decision: bool = True
    """Whether the text states what the surrogate answers when only asked whether the user will like
    the item (interest classification), instead of what it says first when asked to explain."""
    causes: int = Field(default=8, ge=1)
    """From how many items of the history, the likeliest where the text names a cause, f picks the
    one that it leans on most."""
    picks: int = Field(default=2, ge=1, le=3)
    """How many causes f picks, one behind the other."""
    temperature: float = Field(default=1.0, gt=0)
    """How far drawn texts stray from the likeliest; 1 draws them as often as the model would."""
    top_p: float = Field(default=1.0, gt=0, le=1)
    """Drawn words are taken from the likeliest only, as few as reach this probability together; 1
    takes them from all."""


class SurrogateExplainer(Explainer):
    """Asks a speaker why f decides as it does (paper, section 3.4), and f whether that holds.

    The first text is decoded greedily, as in the paper, but states what the speaker answers when it
    is asked for the decision alone. With one draft it is given as it is. Otherwise f picks the
    causes that it is written on from, and the draft that is given (docs/decisions/0007).

    Args:
        options: how the speaker is asked.
        speaker: who explains.
        kit: f, the catalogue and the seed.
        name: what its explanations are signed with.
    """

    def __init__(
        self, options: SurrogateOptions, speaker: Speaker, kit: ExplainerKit, name: str
    ) -> None:
        self._options, self._speaker, self._kit = options, speaker, kit
        self._reader = ClaimReader(kit.catalogue)
        self._oracle = oracle_of(kit)
        self._writer = Writer(
            speaker,
            self._reader,
            name,
            max_new_tokens=options.max_new_tokens,
            temperature=options.temperature,
            top_p=options.top_p,
            truthful=options.drafts > 1,
        )

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
            first = [texts[0] for texts in self._writer.write(batch, focus)]
            if self._options.asked_decision:
                self._decide(first, batch, focus)
            yield from self._settled(batch, first, focus)

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
        begun = [decided[row] for row in rows]
        for row, (text,) in zip(
            rows, self._writer.write([cases[row] for row in rows], focus, begun), strict=True
        ):
            if text.decision == decided[row]:
                texts[row] = text

    def _settled(
        self, cases: Sequence[Case], first: Sequence[Explanation], focus: str | None
    ) -> list[Explanation]:
        """Return of all drafts about each case the one that holds best when put to f.

        The checks made here choose; the pipeline makes them anew for whatever is given.
        """
        if self._options.drafts == 1:
            return list(first)
        chosen = check_drafts(first, cases, self._oracle, self._kit.seed)
        chosen = self._best(cases, chosen, self._written_on(cases, chosen, focus))
        # A text that names no cause has no such place; what follows a cause may be made up.
        doubtful = [row for row, explanation in enumerate(chosen) if not holds(explanation)]
        about, kept = [cases[row] for row in doubtful], [chosen[row] for row in doubtful]
        anew = self._writer.write(about, focus, draws=self._options.drafts - 1)
        for row, best in zip(doubtful, self._best(about, kept, anew), strict=True):
            chosen[row] = best
        if focus is not None:
            chosen = self._writer.keep_to(chosen, cases, focus, self._options.drafts)
        settled = settle_what_ifs(chosen, cases, self._oracle, self._reader)
        return [explanation.model_copy(update={"checks": ()}) for explanation in settled]

    def _best(
        self,
        cases: Sequence[Case],
        chosen: Sequence[Explanation],
        drafts: Sequence[Sequence[Explanation]],
    ) -> list[Explanation]:
        """Return for each case the best of what was chosen so far and its further drafts."""
        checked = iter(
            check_drafts(list(chain.from_iterable(drafts)), cases, self._oracle, self._kit.seed)
        )
        best = []
        for kept, own in zip(chosen, drafts, strict=True):
            draft = choose_draft(kept, [next(checked) for _ in own])
            best.append(draft.model_copy(update={"drafts": kept.drafts + len(own)}))
        return best

    def _written_on(
        self, cases: Sequence[Case], texts: Sequence[Explanation], focus: str | None
    ) -> list[list[Explanation]]:
        """Return drafts that begin as each text does, up to the causes that f picks, if any."""
        pairs = zip(texts, cases, strict=True)
        opened = [open_causes(text, case, self._kit.catalogue) for text, case in pairs]
        openings = {row: opening for row, opening in enumerate(opened) if opening}
        drafts: list[list[Explanation]] = [[] for _ in cases]
        begun: dict[int, str] = {}
        picks = min(self._options.picks, self._options.drafts)
        for _ in range(picks):
            picked = self._picked(cases, openings, focus)
            latest = {row: openings[row].up_to(item) for row, item in picked.items()}
            self._add_drafts(drafts, latest, cases, focus)
            begun |= latest
            behind = {row: openings[row].behind(item) for row, item in picked.items()}
            openings = {row: opening for row, opening in behind.items() if opening.titles}
        if draws := self._options.drafts - picks:
            self._add_drafts(drafts, begun, cases, focus, draws)
        return drafts

    def _add_drafts(
        self,
        drafts: Sequence[list[Explanation]],
        begun: Mapping[int, str],
        cases: Sequence[Case],
        focus: str | None,
        draws: int = 0,
    ) -> None:
        """Add to the drafts of each row in ``begun`` the texts that begin so."""
        about = [cases[row] for row in begun]
        written = self._writer.write(about, focus, list(begun.values()), draws)
        for row, texts in zip(begun, written, strict=True):
            drafts[row].extend(texts)

    def _picked(
        self, cases: Sequence[Case], openings: Mapping[int, Opening], focus: str | None
    ) -> dict[int, str]:
        """Return row to the cause that f leans on most, of those likeliest at the row's opening."""
        if not openings:
            return {}
        about, places = [cases[row] for row in openings], list(openings.values())
        weights = self._speaker.likelihoods(
            questions(about, focus, [place.text for place in places]),
            [context(case) for case in about],
            [list(place.titles.values()) for place in places],
        )
        count = self._options.causes
        shortlists = [likeliest(place, w, count) for place, w in zip(places, weights, strict=True)]
        return dict(
            zip(openings, heaviest_causes(about, places, shortlists, self._kit), strict=True)
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
    once = SurrogateOptions(drafts=1, asked_decision=False, **options.model_dump())
    return SurrogateExplainer(once, speaker, kit, f"{speaker.name}-unchecked")


def _speaker(kit: ExplainerKit) -> Speaker:
    if kit.surrogate is None:
        raise CapabilityError(
            "the surrogate explainer needs a trained surrogate and was given none; run the "
            "surrogate stage first, or choose an explainer that asks f alone: occlusion"
        )
    return kit.surrogate
