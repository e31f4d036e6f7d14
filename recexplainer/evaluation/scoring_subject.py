"""Recommender as a row of the fidelity table: it answers questions by its scores."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from recexplainer.evaluation.example_questions import (
    YES_NO,
    context_of,
    item_of,
    shows_history,
    shows_vector_only,
)
from recexplainer.evaluation.subjects import ANSWERS, POPULAR_SHARE
from recexplainer.metrics import join_titles
from recexplainer.plugins.interfaces import AnswerKind, FloatArray, Target
from recexplainer.records import Catalogue, Context, Example

__all__ = ["ScoringSubject"]


class ScoringSubject:
    """Answers for one recommender; see ``Subject``.

    Its Yes and No are decided as the target's: by an item's place among those not seen. There the
    target is undecided between its top 20 % and its bottom 50 %; where it is asked all the same,
    halfway, at 35 %, Yes ends.

    Args:
        name: what its row is called.
        recommender: whose scores they are.
        catalogue: the items.
        excluded: the ids of the items that it is not asked about in a context.
    """

    def __init__(
        self,
        name: str,
        recommender: Target,
        catalogue: Catalogue,
        excluded: Callable[[Context], Sequence[str]],
    ) -> None:
        self.name = name
        self._recommender, self._catalogue, self._excluded = recommender, catalogue, excluded

    def can_answer(self, example: Example, *, constrained: bool) -> bool:  # noqa: ARG002
        """Return whether scores answer it: one title, an order of items, or Yes and No of one."""
        if shows_vector_only(example) or not shows_history(example):
            return False
        if not example.options:
            return len(example.reference) == 1
        if all(self._catalogue.knows(option) for option in example.options):
            return True
        return set(example.options) == set(YES_NO) and item_of(example) is not None

    def answer(
        self,
        examples: Sequence[Example],
        contexts: Sequence[Context],
        *,
        kind: AnswerKind,
        constrained: bool,  # noqa: ARG002  # it knows no titles but the catalogue's
    ) -> list[tuple[str, ...]]:
        """Answer from the scores; see ``Subject.answer``."""
        asked = [context_of(example, contexts) for example in examples]
        shown = [context for context in asked if context is not None]
        scores = np.array(
            self._recommender.scores([context.history for context in shown]), dtype=np.float32
        )
        for row, context in zip(scores, shown, strict=True):
            row[self._catalogue.rows(self._excluded(context))] = -np.inf
        return [
            self._answer(example, row, kind) for example, row in zip(examples, scores, strict=True)
        ]

    def _answer(self, example: Example, scores: FloatArray, kind: AnswerKind) -> tuple[str, ...]:
        if kind == "label":
            return (self._label(example, scores),)
        titles = self._catalogue.titles
        if kind == "item":
            first = np.argsort(-scores, kind="stable")[:ANSWERS]
            return tuple(titles[row] for row in first if np.isfinite(scores[row]))
        offered = np.array(self._catalogue.rows(example.options))
        order = offered[np.argsort(-scores[offered], kind="stable")]
        return (join_titles(titles[row] for row in order),)

    def _label(self, example: Example, scores: FloatArray) -> str:
        item = item_of(example)
        own = -np.inf if item is None else scores[self._catalogue.row(item)]
        before = int((scores > own).sum())
        return YES_NO[0] if before < POPULAR_SHARE * np.isfinite(scores).sum() else YES_NO[1]
