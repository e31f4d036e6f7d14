"""Task 3 of the paper (section 3.2.3): the target's Yes or No about an item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar

import numpy as np

from recexplainer.alignment.prompt_texts import fill
from recexplainer.alignment.seeded_draws import choose, draw_decided, generators
from recexplainer.alignment.templates import templates
from recexplainer.metrics import accuracy
from recexplainer.plugins.interfaces import AlignmentTask, AnswerKind, Asked
from recexplainer.records import Catalogue, Example, Figure, HistorySlot, ItemSlot, ask

__all__ = ["LABELS", "InterestClassification"]

LABELS = ("Yes", "No")


class InterestClassification(AlignmentTask):
    """One unseen item of the target's top 20 % and one of its bottom 50 %, Yes or No?"""

    name: ClassVar[str] = "interest_classification"
    answer_kind: ClassVar[AnswerKind | None] = "label"
    per_user: ClassVar[bool] = True

    figures: ClassVar[tuple[Figure, ...]] = (
        Figure(
            task=name,
            metric="accuracy",
            note="yes or no as the recommender says; guessing gives 0.5",
            better="higher",
            order=1,
            headline=4,
        ),
    )

    def on_contexts(self, asked: Asked, rng: np.random.Generator) -> Iterator[Example]:
        """Yield two examples per context, in random order; none where the target is undecided."""
        for position, own in enumerate(generators(asked.contexts, rng)):
            slot = HistorySlot(asked.rows[position])
            for label, row in draw_decided(asked.scores[position], own):
                item = asked.catalogue[row]
                template = choose(templates()[self.name], own)
                yield Example(
                    id=f"{asked.contexts[position].id}:{item.id}",
                    task=self.name,
                    turns=ask(fill(template, history=slot, item=ItemSlot(item.id)), label),
                    reference=(label,),
                    options=LABELS,
                )

    def grade(
        self,
        example: Example,
        answers: Sequence[str],
        catalogue: Catalogue,  # noqa: ARG002  # the interface's
    ) -> dict[str, float | None]:
        """Return ``accuracy``: 1 when the answer's first word is the target's label."""
        words = answers[0].split(maxsplit=1) if answers else []
        answered = words[0].strip(".,;:!") if words else ""
        return {"accuracy": accuracy(example.reference[0], answered)}
