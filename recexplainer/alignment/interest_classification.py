"""Task 3 of the paper (section 3.2.3): the target's Yes or No about an item."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import itemgetter
from typing import ClassVar

import numpy as np
from pydantic import Field

from recexplainer.alignment.prompt_texts import fill
from recexplainer.alignment.seeded_draws import choose, draw_decided, generators
from recexplainer.alignment.templates import templates
from recexplainer.alignment.yes_shares import YesShares
from recexplainer.metrics import accuracy
from recexplainer.plugins.interfaces import AlignmentTask, AnswerKind, Asked, Options
from recexplainer.records import Catalogue, Example, Figure, HistorySlot, ItemSlot, ask

__all__ = ["LABELS", "InterestClassification", "InterestOptions"]

LABELS = ("Yes", "No")

_UNDECIDED = 0.2
"""Part of the soft labels that are of items between Yes and No."""


class InterestOptions(Options):
    """What is learned of how far the target says Yes or No."""

    softness: float | None = Field(None, gt=0)
    """null teaches Yes and No alone, as the paper does. A number teaches the share of Yes that goes
    with a score (soft labels, Hinton et al., 2015): half midway between the lowest Yes and the
    highest No, 1 / (1 + exp(-1 / softness)) at that Yes (.88 with 0.5), nearly all well above. A
    fifth of what is learned is then about items in between, to which the target says neither."""


class InterestClassification(AlignmentTask):
    """One unseen item of the target's top 20 % and one of its bottom 50 %, Yes or No?

    Args:
        options: what is learned of how far; None is the paper's task.
    """

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

    def __init__(self, options: InterestOptions | None = None) -> None:
        self._softness = None if options is None else options.softness

    def on_contexts(self, asked: Asked, rng: np.random.Generator) -> Iterator[Example]:
        """Yield two examples per context, in random order; none where the target is undecided."""
        for position, own in enumerate(generators(asked.contexts, rng)):
            context, scores = asked.contexts[position], asked.scores[position]
            slot = HistorySlot(asked.rows[position])
            decided = draw_decided(scores, own)
            shares = None
            if decided and self._softness is not None:
                shares = YesShares.of(scores, self._softness)
            between: list[int] = []
            if shares is not None and context.split == "train":  # not where it is measured
                between = own.permutation(shares.between)[: len(decided)].tolist()
            for decision, decided_row in decided:
                undecided = bool(between) and own.random() < _UNDECIDED
                row = between.pop() if undecided else decided_row
                soft = () if shares is None else shares.labels(row)
                answer = max(soft, key=itemgetter(1))[0] if undecided else decision
                item = asked.catalogue[row]
                template = choose(templates()[self.name], own)
                yield Example(
                    id=f"{context.id}:{item.id}",
                    task=self.name,
                    turns=ask(fill(template, history=slot, item=ItemSlot(item.id)), answer),
                    reference=() if undecided else (decision,),
                    options=LABELS,
                    label_shares=soft,
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
