"""Task 6 of the paper (section 3.2.6): the titles of a history, from its user vector alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np

from recexplainer.alignment.prompt_texts import SEPARATOR, fill
from recexplainer.alignment.seeded_draws import choose, generators
from recexplainer.alignment.templates import templates
from recexplainer.metrics import coverage, split_titles
from recexplainer.plugins.interfaces import AlignmentTask, AnswerKind, Asked
from recexplainer.records import Catalogue, Example, Figure, HistorySlot, ask

__all__ = ["HistoryReconstruction"]


class HistoryReconstruction(AlignmentTask):
    """Titles that the target read, latest first; needs the vector, so not in behavior form.

    A sequential target keeps more of what is recent, so an answer that starts there can go on
    from what it has said; which title comes when is not measured.
    """

    name: ClassVar[str] = "history_reconstruction"
    answer_kind: ClassVar[AnswerKind | None] = "list"

    figures: ClassVar[tuple[Figure, ...]] = (
        Figure(
            task=name,
            metric="history_coverage",
            note="share of the history's titles that are named",
            better="higher",
            order=1,
            headline=5,
        ),
    )

    def on_contexts(self, asked: Asked, rng: np.random.Generator) -> Iterator[Example]:
        """Yield one example per context whose history is not empty."""
        for position, own in enumerate(generators(asked.contexts, rng)):
            context = asked.contexts[position]
            if not context.history:
                continue
            slot = HistorySlot(asked.rows[position], vector_only=True)
            answer = SEPARATOR.join(map(asked.catalogue.title, reversed(context.history)))
            yield Example(
                id=context.id,
                task=self.name,
                turns=ask(fill(choose(templates()[self.name], own), history=slot), answer),
                reference=context.history,
            )

    def grade(
        self, example: Example, answers: Sequence[str], catalogue: Catalogue
    ) -> dict[str, float | None]:
        """Return ``history_coverage``: the part of the true titles that is named, each once."""
        titles = [catalogue.title(item) for item in example.reference]
        answered = split_titles(answers[0] if answers else "", catalogue.titles)
        return {"history_coverage": coverage(titles, answered)}
