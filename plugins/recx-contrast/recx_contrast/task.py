"""Contrast task: pairs of items, the target's choice between them, and grades by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar
from zlib import crc32

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from recexplainer.plugins.interfaces import AlignmentTask, AnswerKind, Asked, Options, TaskKit
from recexplainer.records import Catalogue, Context, Example, Figure, ask
from recx_contrast.facts import Facts, Pair, facts_of, negligible
from recx_contrast.wording import LABELS, answer, question

__all__ = ["Contrast", "ContrastOptions"]


class ContrastOptions(Options):
    """Which items are compared, and what is said of them."""

    favorite_share: float = Field(0.2, gt=0.0, le=1.0)
    """The preferred item is sampled from this part of the target's ranking of unseen items, the
    other one from all that the target scores lower."""
    causes: int = Field(3, ge=1, le=5)
    """The most items of a history that are named as causes."""


class Contrast(AlignmentTask):
    """Asks which of two unseen items the target scores higher, and why.

    Measured by ``accuracy``: whether the item that the target scores higher is chosen. The two are
    shown in random order, so guessing scores 0.5.
    """

    name: ClassVar[str] = "contrast"
    answer_kind: ClassVar[AnswerKind | None] = "label"
    figures: ClassVar[tuple[Figure, ...]] = (
        Figure(
            task=name,
            metric="accuracy",
            note="chooses the item that f scores higher; guessing gives 0.5",
            better="higher",
        ),
    )

    def __init__(self, options: ContrastOptions, kit: TaskKit) -> None:
        self._options = options
        self._catalogue = kit.catalogue

    def on_contexts(self, asked: Asked, rng: np.random.Generator) -> Iterator[Example]:
        """Yield one example per context with two unseen items of different scores."""
        base = int(rng.integers(2**32))
        drawn: list[tuple[int, np.random.Generator, Pair]] = []
        for position, context in enumerate(asked.contexts):
            # One generator per context: what is drawn does not depend on who else is asked.
            own = np.random.default_rng([base, crc32(context.id.encode())])
            pair = self._pair(context, asked.ranking(position), asked.scores[position], own)
            if pair is not None:
                drawn.append((position, own, pair))
        found = facts_of(
            [pair for _, _, pair in drawn], asked.target, self._catalogue, self._options.causes
        )
        for (position, own, _), facts in zip(drawn, found, strict=True):
            yield self._example(asked.contexts[position], asked.rows[position], facts, own)

    def grade(
        self,
        example: Example,
        answers: Sequence[str],
        catalogue: Catalogue,  # noqa: ARG002  # the interface's
    ) -> dict[str, float | None]:
        """Return ``accuracy``: 1 when the answer's first word is the target's choice."""
        words = answers[0].split(maxsplit=1) if answers else []
        chosen = words[0].strip(".,;:!").casefold() if words else ""
        return {"accuracy": float(chosen == example.reference[0].casefold())}

    def _pair(
        self,
        context: Context,
        ranking: NDArray[np.int64],
        scores: NDArray[np.float32],
        rng: np.random.Generator,
    ) -> Pair | None:
        """Sample a favorite of the target and an item that it scores lower; None if impossible."""
        favorites = ranking[: max(1, int(len(ranking) * self._options.favorite_share))]
        if not len(favorites):
            return None
        preferred = int(rng.choice(favorites))
        clearly = scores[preferred] - negligible(float(scores[preferred]))
        lower = ranking[scores[ranking] < clearly]
        if not len(lower):
            return None
        other = int(rng.choice(lower))
        return Pair(
            history=context.history,
            preferred=self._catalogue.ids[preferred],
            other=self._catalogue.ids[other],
            scores=(float(scores[preferred]), float(scores[other])),
        )

    def _example(
        self, context: Context, row: int, facts: Facts, rng: np.random.Generator
    ) -> Example:
        pair, place = facts.pair, int(rng.integers(2))
        shown = (pair.preferred, pair.other) if place == 0 else (pair.other, pair.preferred)
        said = answer(facts, LABELS[place], self._catalogue, rng)
        return Example(
            id=f"{context.id}:{pair.preferred}:{pair.other}",
            task=self.name,
            turns=ask(question(row, *shown, rng), said),
            reference=(LABELS[place],),
            options=LABELS,
            names_history=True,
        )
