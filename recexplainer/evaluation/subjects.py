"""Subjects of the measurement: language models, and two baselines that know no target.

Shapes: B examples of a batch, I items.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from recexplainer.evaluation.example_questions import (
    YES_NO,
    context_of,
    item_of,
    labels_of,
    shows_vector_only,
)
from recexplainer.metrics import join_titles
from recexplainer.oracle import LIKED_SHARE, REJECTED_SHARE, case_rng, tie_order
from recexplainer.plugins.interfaces import AnswerKind, Speaker
from recexplainer.records import Catalogue, Context, Example

__all__ = [
    "ANSWERS",
    "MAX_NEW_TOKENS",
    "POPULAR_SHARE",
    "PopularitySubject",
    "RandomSubject",
    "SpeakerSubject",
    "Subject",
]

MAX_NEW_TOKENS: Mapping[AnswerKind, int] = MappingProxyType(
    {"item": 150, "order": 500, "list": 500}
)
"""Where answers of each kind are cut off; the lengths that the paper's published code uses."""

ANSWERS = 5
"""How many titles are answered where one is asked for: the 5 of hit@5."""
POPULAR_SHARE = (LIKED_SHARE + 1.0 - REJECTED_SHARE) / 2.0
"""The target's Yes items are its top 20 % and its No items its bottom 50 %; halfway lies 35 %."""


class Subject(Protocol):
    """One row of the fidelity table: whoever can be asked the examples' questions."""

    @property
    def name(self) -> str:
        """What the row is called."""
        ...

    def can_answer(self, example: Example, *, constrained: bool) -> bool:
        """Return whether this can be answered at all; what cannot is not measured, not zero."""
        ...

    def answer(
        self,
        examples: Sequence[Example],
        contexts: Sequence[Context],
        *,
        kind: AnswerKind,
        constrained: bool,
    ) -> list[tuple[str, ...]]:
        """Return the answers to B examples; the same example gets the same answers in any batch.

        Args:
            examples: B examples of one task.
            contexts: what ``HistorySlot.context`` counts into.
            kind: how the task's answers are given.
            constrained: allow only titles of the catalogue for ``item``, and only orders of the
                example's options for ``order``; the other kinds are never asked so.

        Returns:
            Per example up to 5 titles, best first, for ``item``; one text for the other kinds.
        """
        ...


class SpeakerSubject:
    """A language model: beams for one title, greedy decoding for several, likelihood for labels.

    Args:
        name: what its row is called.
        speaker: the model.
        beams: how many titles are answered where one is asked for.
        max_new_tokens: where answers of the kinds ``item``, ``order`` and ``list`` are cut off.
        reads_vectors: whether it can be shown the target's vectors, not titles alone.
    """

    def __init__(
        self,
        name: str,
        speaker: Speaker,
        *,
        beams: int = ANSWERS,
        max_new_tokens: Mapping[AnswerKind, int] = MAX_NEW_TOKENS,
        reads_vectors: bool = True,
    ) -> None:
        self.name = name
        self._reads_vectors = reads_vectors
        self._speaker = speaker
        self._beams = beams
        self._max_new_tokens = max_new_tokens
        self._kept: dict[Example, str] = {}

    def can_answer(self, example: Example, *, constrained: bool) -> bool:  # noqa: ARG002
        """Return whether the question is in a form that the model reads."""
        return self._reads_vectors or not shows_vector_only(example)

    def answer(
        self,
        examples: Sequence[Example],
        contexts: Sequence[Context],
        *,
        kind: AnswerKind,
        constrained: bool,
    ) -> list[tuple[str, ...]]:
        """Ask the model; see ``Subject.answer``."""
        if kind == "label":
            return self._likeliest(examples, contexts)
        if kind == "order" and all(example.options for example in examples):
            return self._orders(examples, contexts, constrained=constrained)
        return self._speaker.answer(
            [example.question for example in examples],
            contexts,
            max_new_tokens=self._max_new_tokens[kind],
            beams=self._beams if kind == "item" else 1,
            constrained=constrained and kind == "item",
            distinct=kind in {"order", "list"},
        )

    def _orders(
        self, examples: Sequence[Example], contexts: Sequence[Context], *, constrained: bool
    ) -> list[tuple[str, ...]]:
        """Return each example's order; a free one leaves the other for when that is asked for."""
        if constrained and all(example in self._kept for example in examples):
            return [(self._kept.pop(example),) for example in examples]
        pairs = self._speaker.orders(
            [example.question for example in examples],
            contexts,
            [example.options for example in examples],
            max_new_tokens=self._max_new_tokens["order"],
        )
        if constrained:
            return [(pair.kept,) for pair in pairs]
        self._kept |= {one: pair.kept for one, pair in zip(examples, pairs, strict=True)}
        return [(pair.free,) for pair in pairs]

    def _likeliest(
        self, examples: Sequence[Example], contexts: Sequence[Context]
    ) -> list[tuple[str, ...]]:
        """Return each example's likeliest label; of equally likely ones the first offered."""
        offered = [labels_of(example) for example in examples]
        questions = [example.question for example in examples]
        likelihoods = self._speaker.likelihoods(questions, contexts, offered)
        pairs = zip(offered, likelihoods, strict=True)
        return [(labels[int(likely.argmax())],) for labels, likely in pairs]


class _RankingSubject(ABC):
    """Answers every kind of question from one ranking of the catalogue, without reading the target.

    Titles come from the catalogue anyway, so free and constrained answers are the same.
    """

    name: str

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def can_answer(self, example: Example, *, constrained: bool) -> bool:  # noqa: ARG002
        """Return True: a ranking answers everything."""
        return True

    def answer(
        self,
        examples: Sequence[Example],
        contexts: Sequence[Context],
        *,
        kind: AnswerKind,
        constrained: bool,  # noqa: ARG002  # the interface's
    ) -> list[tuple[str, ...]]:
        """Answer from the ranking; see ``Subject.answer``."""
        return [self._answer(example, context_of(example, contexts), kind) for example in examples]

    def _answer(
        self, example: Example, context: Context | None, kind: AnswerKind
    ) -> tuple[str, ...]:
        if kind == "label":
            return (self._label(example),)
        history = () if context is None else context.history
        ranking = self._ranking(example)
        if kind == "item":
            return self._unseen(ranking, history)
        if kind == "list":
            return (self._joined(ranking[: len(history)]),)
        offered = set(self._catalogue.rows(example.options))
        return (self._joined([row for row in ranking if row in offered]),)

    def _unseen(self, ranking: Sequence[int], history: Sequence[str]) -> tuple[str, ...]:
        seen = set(self._catalogue.rows(history))
        best = [row for row in ranking[: ANSWERS + len(seen)] if row not in seen]
        return tuple(self._catalogue.titles[row] for row in best[:ANSWERS])

    def _joined(self, rows: Sequence[int]) -> str:
        return join_titles(self._catalogue.titles[row] for row in rows)

    @abstractmethod
    def _ranking(self, example: Example) -> Sequence[int]:
        """Return all item rows, best first."""

    @abstractmethod
    def _label(self, example: Example) -> str:
        """Return one of the labels that the example offers."""


class RandomSubject(_RankingSubject):
    """Random answers from the seed and the example alone, so that a rerun repeats them."""

    name = "random"

    def __init__(self, catalogue: Catalogue, seed: int) -> None:
        super().__init__(catalogue)
        self._seed = seed

    def _ranking(self, example: Example) -> Sequence[int]:
        ranking: list[int] = self._rng(example).permutation(len(self._catalogue)).tolist()
        return ranking

    def _label(self, example: Example) -> str:
        labels = labels_of(example)
        return labels[int(self._rng(example).integers(len(labels)))]

    def _rng(self, example: Example) -> np.random.Generator:
        return case_rng(self._seed, f"{example.task}/{example.id}")


class PopularitySubject(_RankingSubject):
    """Answers by how often items were interacted with; equally popular ones in random order.

    Args:
        catalogue: the items.
        popularity: ``(I,)``, interactions per item in the training histories.
        seed: of that order.
    """

    name = "popularity"

    def __init__(self, catalogue: Catalogue, popularity: NDArray[np.int64], seed: int) -> None:
        super().__init__(catalogue)
        ties = tie_order(len(catalogue), seed)
        self._order: list[int] = ties[np.argsort(-popularity[ties], kind="stable")].tolist()
        self._popular = frozenset(self._order[: round(POPULAR_SHARE * len(catalogue))])

    def _ranking(self, example: Example) -> Sequence[int]:  # noqa: ARG002  # the interface's
        return self._order

    def _label(self, example: Example) -> str:
        """Return Yes for a popular item, else No; the first label where these are not offered."""
        labels = labels_of(example)
        item = item_of(example)
        popular = item is not None and self._catalogue.row(item) in self._popular
        label = YES_NO[0] if popular else YES_NO[1]
        return label if label in labels else labels[0]
