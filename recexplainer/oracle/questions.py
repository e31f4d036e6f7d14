"""Oracle: questions about one item after one history, in bounded batches, none twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from recexplainer.errors import StageError
from recexplainer.oracle.standing import NOISE, Standing, standing_of
from recexplainer.plugins.interfaces import ExplainerKit, FloatArray, Target
from recexplainer.records import Bar, Case, Catalogue, Decision

__all__ = [
    "Answer",
    "Oracle",
    "Question",
    "oracle_of",
    "parts_to_ask",
    "question_only",
    "question_without",
]

_HISTORIES_AT_ONCE = 512
"""Enough for a target that reads batches side by side."""
_SCORES_AT_ONCE = 2**24
"""Bounds memory: so many scores (64 MB) are held at a time, or those of one history."""
_KEPT = 2**18
"""Bounds memory: so many answers are remembered, the oldest forgotten first."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the target thinks of ``item`` after ``history``; ``seen`` takes no part in its rank."""

    history: tuple[str, ...]
    item: str
    seen: frozenset[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the target answered.

    Attributes:
        score: of the item, in the target's own unit.
        spread: standard deviation of the scores of all items after this history.
        standing: where the item stands among the candidates.
    """

    score: float
    spread: float
    standing: Standing

    @property
    def rank(self) -> int:
        """The item's 1-based rank."""
        return self.standing.rank

    @property
    def candidates(self) -> int:
        """How many items are not seen, the item itself always included."""
        return self.standing.candidates

    @property
    def decision(self) -> Decision | None:
        """The target's decision."""
        return self.standing.decision

    @property
    def noise(self) -> float:
        """The size below which a change of ``score`` is rounding."""
        return NOISE * max(self.spread, abs(self.score))


def question_without(case: Case, removed: Iterable[str] = ()) -> Question:
    """Return the case's question with ``removed`` deleted from the history that is read.

    What is removed stays seen, so ranks before and after are among the same candidates.
    """
    gone = frozenset(removed)
    kept = tuple(item for item in case.history if item not in gone)
    return Question(kept, case.item, _seen(case.history, case.earlier, case.item))


def question_only(case: Case, kept: Iterable[str]) -> Question:
    """Return the case's question after nothing but the ``kept`` items of its history."""
    return question_without(case, set(case.history).difference(kept))


@lru_cache(maxsize=2**12)
def _seen(history: tuple[str, ...], earlier: tuple[str, ...], item: str) -> frozenset[str]:
    """Return what is no candidate: one set for all questions about a case, which remember it."""
    return frozenset((*history, *earlier)) - {item}


class Oracle:
    """Asks one target about one catalogue, and remembers what it answered.

    Args:
        target: the recommender; it must not change while the oracle is used.
        catalogue: the items, in the order of the target's columns.
    """

    def __init__(self, target: Target, catalogue: Catalogue) -> None:
        self.target = target
        self.catalogue = catalogue
        self._answers: dict[Question, Answer] = {}

    def ask(self, questions: Sequence[Question], bar: Bar | None = None) -> list[Answer]:
        """Return the answer to each question, in order; a history is put to the target once.

        Args:
            questions: in any order, repeats allowed.
            bar: advanced by one for every question answered.

        Raises:
            StageError: the target gave scores of the wrong shape, or some that are not numbers.
        """
        found = {one: self._answers[one] for one in questions if one in self._answers}
        asked: dict[tuple[str, ...], list[Question]] = {}
        for question in dict.fromkeys(questions):
            if question not in found:
                asked.setdefault(question.history, []).append(question)
        seen_rows = _SeenRows(self.catalogue)
        for history, scores in zip(asked, self.rows_of_scores(list(asked)), strict=True):
            spread = float(np.std(scores, dtype=np.float64))
            for question in asked[history]:
                row = self.catalogue.row(question.item)
                standing = standing_of(scores, row, seen_rows[question.seen])
                found[question] = Answer(float(scores[row]), spread, standing)
            if bar is not None:
                bar.advance(len(asked[history]))
        if bar is not None:
            bar.advance(len(questions) - sum(map(len, asked.values())))
        self._keep(found)
        return [found[question] for question in questions]

    def rows_of_scores(self, histories: Sequence[Sequence[str]]) -> Iterator[FloatArray]:
        """Yield the scores of all items after each history, ``(I,)``, a bounded number held.

        Raises:
            StageError: as ``ask``.
        """
        for scores in self.batches_of_scores(histories):
            yield from scores

    def batches_of_scores(self, histories: Sequence[Sequence[str]]) -> Iterator[FloatArray]:
        """Yield the same by batch, ``(B, I)`` each; an array may be the target's own.

        Raises:
            StageError: as ``ask``.
        """
        for part in parts_to_ask(len(histories), len(self.catalogue)):
            batch = histories[part]
            scores = np.asarray(self.target.scores(batch))
            check_scores(scores, len(batch), len(self.catalogue))
            yield scores

    def _keep(self, found: dict[Question, Answer]) -> None:
        self._answers.update(found)
        for oldest in list(islice(self._answers, max(0, len(self._answers) - _KEPT))):
            del self._answers[oldest]


def oracle_of(kit: ExplainerKit) -> Oracle:
    """Return the run's oracle, or a new one where an explainer is used by itself."""
    return Oracle(kit.target, kit.catalogue) if kit.oracle is None else kit.oracle


def parts_to_ask(histories: int, items: int) -> Iterator[slice]:
    """Yield the slices of that many histories whose scores of all items are held at a time."""
    size = max(1, min(_HISTORIES_AT_ONCE, _SCORES_AT_ONCE // max(1, items)))
    for start in range(0, histories, size):
        yield slice(start, min(start + size, histories))


class _SeenRows(dict[frozenset[str], NDArray[np.int64]]):
    """Seen items to their rows; the many questions about one case look them up once."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue

    def __missing__(self, seen: frozenset[str]) -> NDArray[np.int64]:
        self[seen] = np.array(self._catalogue.rows(tuple(seen)), dtype=np.int64)
        return self[seen]


def check_scores(scores: NDArray[np.float32], histories: int, items: int) -> None:
    """Raise StageError unless ``scores`` is ``(histories, items)`` of finite numbers."""
    if scores.shape != (histories, items):
        raise StageError(
            f"the target scored {histories} histories of a catalogue of {items} items in the shape "
            f"{scores.shape}; ({histories}, {items}) is needed"
        )
    if not np.isfinite(scores).all():
        raise StageError(
            "the target gave scores that are not finite numbers; mask nothing in `scores`, and "
            "check its training for divergence"
        )
