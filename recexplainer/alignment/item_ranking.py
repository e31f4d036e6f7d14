"""Task 2 of the paper (section 3.2.2): f's order of a few items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from recexplainer.alignment.drawing import choose, generators
from recexplainer.alignment.templates import templates
from recexplainer.alignment.wording import SEPARATOR, fill, offered
from recexplainer.metrics import PAPER_GAINS, kendall_tau, ndcg_ranking, split_titles
from recexplainer.plugins.interfaces import AlignmentTask, AnswerKind, Asked
from recexplainer.records import Catalogue, Example, HistorySlot, ask

__all__ = ["CANDIDATES", "ItemRanking"]

CANDIDATES = len(PAPER_GAINS)
"""How many items are ranked: five, as in the paper."""


class ItemRanking(AlignmentTask):
    """Offers unseen items drawn at random, in random order; the answer is f's order of them."""

    name: ClassVar[str] = "item_ranking"
    answer_kind: ClassVar[AnswerKind | None] = "order"

    def on_contexts(self, asked: Asked, rng: np.random.Generator) -> Iterator[Example]:
        """Yield one example per context that has enough unseen items left."""
        for position, own in enumerate(generators(asked.contexts, rng)):
            scores = asked.scores[position]
            unseen = np.flatnonzero(np.isfinite(scores))
            if len(unseen) >= CANDIDATES:
                drawn = own.choice(unseen, CANDIDATES, replace=False)
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
        # Equal scores are ordered by row, as in Asked.ranking.
        order = drawn[np.lexsort((drawn, -asked.scores[position, drawn]))]
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
