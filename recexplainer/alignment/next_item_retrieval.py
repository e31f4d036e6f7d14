"""Task 1 of the paper (section 3.2.1): the target's first choice for a history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
from pydantic import Field

from recexplainer.alignment.prompt_texts import fill
from recexplainer.alignment.seeded_draws import choose, generators
from recexplainer.alignment.templates import templates
from recexplainer.metrics import hit, ndcg_single
from recexplainer.plugins.interfaces import AlignmentTask, AnswerKind, Asked, FloatArray, Options
from recexplainer.records import Catalogue, Example, Figure, HistorySlot, ask

__all__ = ["CUT_OFF", "NextItemRetrieval", "RetrievalOptions"]

CUT_OFF = 5
"""How many answers the paper's H@5 and N@5 count."""
_LIKED = 32
"""So many items share a soft label."""


class RetrievalOptions(Options):
    """What is learned of the target's list."""

    softness: float | None = Field(None, gt=0)
    """null teaches the first choice alone, as the paper does. A number teaches the first 32 items,
    each in proportion to exp(score / (softness * spread)), spread being the standard deviation of
    all scores (soft labels, Hinton et al., 2015). `tiny` takes 0.3 unless it is given."""


class NextItemRetrieval(AlignmentTask):
    """Asks for the item that the target ranks first among those the user has not seen."""

    name: ClassVar[str] = "next_item_retrieval"
    answer_kind: ClassVar[AnswerKind | None] = "item"

    figures: ClassVar[tuple[Figure, ...]] = (
        Figure(
            task=name,
            metric=f"hit@{CUT_OFF}",
            note="the recommender's first choice is among 5 freely decoded titles",
            better="higher",
            order=1,
            headline=2,
        ),
        Figure(
            task=name,
            metric=f"ndcg@{CUT_OFF}",
            note="as hit@5, worth more the earlier it is named",
            better="higher",
            order=2,
        ),
        Figure(
            task=name,
            metric=f"hit@{CUT_OFF}_constrained",
            note="the recommender's first choice is among 5 titles decoded over the catalogue",
            better="higher",
            order=3,
            headline=1,
        ),
        Figure(
            task=name,
            metric=f"ndcg@{CUT_OFF}_constrained",
            note="as hit@5_constrained, worth more the earlier it is named",
            better="higher",
            order=4,
        ),
    )

    def __init__(self, options: RetrievalOptions | None = None) -> None:
        self._softness = None if options is None else options.softness

    def on_contexts(self, asked: Asked, rng: np.random.Generator) -> Iterator[Example]:
        """Yield one example per context that has an unseen item left.

        Of items that the target likes best alike, one is drawn.
        """
        best = asked.scores.max(axis=1)
        for position, own in enumerate(generators(asked.contexts, rng)):
            if not np.isfinite(best[position]):
                continue
            favourites = np.flatnonzero(asked.scores[position] == best[position])
            place = int(own.integers(len(favourites))) if len(favourites) > 1 else 0
            item = asked.catalogue[int(favourites[place])]
            template = choose(templates()[self.name], own)
            prompt = fill(template, history=HistorySlot(asked.rows[position]))
            yield Example(
                id=asked.contexts[position].id,
                task=self.name,
                turns=ask(prompt, item.title),
                reference=(item.id,),
                liked=self._liked(asked.scores[position], asked.catalogue),
            )

    def _liked(self, scores: FloatArray, catalogue: Catalogue) -> tuple[tuple[str, float], ...]:
        """Return the first items with their shares, from scores ``(I,)``, ``-inf`` where seen."""
        if self._softness is None:
            return ()
        spread = scores[np.isfinite(scores)].std()
        first = np.argsort(-scores, kind="stable")[:_LIKED]
        first = first[np.isfinite(scores[first])]
        if not spread:
            return ()
        weights = np.exp((scores[first] - scores[first[0]]) / (self._softness * spread))
        shares = weights / weights.sum()
        pairs = zip(first.tolist(), shares.tolist(), strict=True)
        return tuple((catalogue.ids[row], float(share)) for row, share in pairs)

    def grade(
        self, example: Example, answers: Sequence[str], catalogue: Catalogue
    ) -> dict[str, float | None]:
        """Return ``hit@5`` and ``ndcg@5`` of the answered titles, best first."""
        title = catalogue.title(example.reference[0])
        return {
            f"hit@{CUT_OFF}": hit(title, answers, CUT_OFF),
            f"ndcg@{CUT_OFF}": ndcg_single(title, answers, CUT_OFF),
        }
