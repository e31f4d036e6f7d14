"""Task 2 of the paper (section 3.2.2): the target's order of a few items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from recexplainer.alignment.prompt_texts import SEPARATOR, fill, offered
from recexplainer.alignment.seeded_draws import choose, generators
from recexplainer.alignment.templates import templates
from recexplainer.metrics import PAPER_GAINS, kendall_tau, ndcg_ranking, split_titles
from recexplainer.plugins.interfaces import AlignmentTask, AnswerKind, Asked, FloatArray
from recexplainer.records import Catalogue, Example, Figure, HistorySlot, ask

__all__ = ["CANDIDATES", "ItemRanking"]

CANDIDATES = len(PAPER_GAINS)
"""How many items are ranked: five, as in the paper."""


class ItemRanking(AlignmentTask):
    """A few unseen items, drawn at random and shuffled; the answer is the target's order."""

    name: ClassVar[str] = "item_ranking"
    answer_kind: ClassVar[AnswerKind | None] = "order"

    figures: ClassVar[tuple[Figure, ...]] = (
        Figure(
            task=name,
            metric=f"ndcg@{CANDIDATES}",
            note="five items in the recommender's order, gains 1000, 100, 10, 1, 0",
            better="higher",
            order=1,
            headline=3,
        ),
        Figure(
            task=name,
            metric="kendall_tau",
            note="pairs in the recommender's order minus pairs against it, as a share",
            better="higher",
            order=2,
            bounds=(-1.0, 1.0),
        ),
        Figure(
            task=name,
            metric=f"ndcg@{CANDIDATES}_constrained",
            note=f"as ndcg@{CANDIDATES}, the answer kept to an order of the five offered titles",
            better="higher",
            order=3,
        ),
        Figure(
            task=name,
            metric="kendall_tau_constrained",
            note="as kendall_tau, the answer kept to an order of the five offered titles",
            better="higher",
            order=4,
            bounds=(-1.0, 1.0),
        ),
    )

    def on_contexts(self, asked: Asked, rng: np.random.Generator) -> Iterator[Example]:
        """Yield one example per context with enough unseen items of different scores."""
        for position, own in enumerate(generators(asked.contexts, rng)):
            drawn = _draw_apart(asked.scores[position], own)
            if drawn is not None:
                yield self._example(asked, position, drawn, choose(templates()[self.name], own))

    def grade(
        self, example: Example, answers: Sequence[str], catalogue: Catalogue
    ) -> dict[str, float | None]:
        """Return ``ndcg@5`` with the paper's gains and ``kendall_tau`` of the answered order."""
        order = [catalogue.title(item) for item in example.reference]
        answered = split_titles(answers[0] if answers else "", order)
        return {
            f"ndcg@{CANDIDATES}": ndcg_ranking(order, answered, PAPER_GAINS),
            "kendall_tau": kendall_tau(order, answered),
        }

    def _example(
        self, asked: Asked, position: int, drawn: NDArray[np.int64], template: str
    ) -> Example:
        order = drawn[np.argsort(-asked.scores[position, drawn])]
        options = tuple(asked.catalogue.ids[row] for row in drawn)
        answer = SEPARATOR.join(asked.catalogue.titles[row] for row in order)
        prompt = fill(template, history=HistorySlot(asked.rows[position]), items=offered(options))
        return Example(
            id=asked.contexts[position].id,
            task=self.name,
            turns=ask(prompt, answer),
            reference=tuple(asked.catalogue.ids[row] for row in order),
            options=options,
        )


def _draw_apart(scores: FloatArray, rng: np.random.Generator) -> NDArray[np.int64] | None:
    """Return rows of unseen items, no two of equal scores: those have no order to be asked for.

    Args:
        scores: ``(I,)``, those of seen items ``-inf``.
        rng: where the draws come from.

    Returns:
        ``(CANDIDATES,)``; None where there are not so many different scores.
    """
    unseen = np.flatnonzero(np.isfinite(scores))
    if len(unseen) < CANDIDATES:
        return None
    drawn = rng.choice(unseen, CANDIDATES, replace=False)
    if len(np.unique(scores[drawn])) == CANDIDATES:
        return drawn
    shuffled = rng.permutation(unseen)
    _, first = np.unique(scores[shuffled], return_index=True)
    return shuffled[np.sort(first)[:CANDIDATES]] if len(first) >= CANDIDATES else None
