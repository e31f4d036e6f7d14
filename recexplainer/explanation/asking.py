"""Questions to f about one item after one history, asked in batches and never twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from recexplainer.plugins.interfaces import FloatArray, Target
from recexplainer.records import Bar, Case, Catalogue

__all__ = ["Answer", "Question", "ask_target", "question_only", "question_without", "rank_of"]

HISTORIES_AT_ONCE = 256


@dataclass(frozen=True, slots=True)
class Question:
    """What f thinks of ``item`` after ``history``; items of ``seen`` take no part in its rank."""

    history: tuple[str, ...]
    item: str
    seen: frozenset[str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What f answered.

    Attributes:
        score: f's score of the item, in f's own unit.
        rank: the item's 1-based rank among the candidates.
        candidates: how many items are not seen, the item itself always included.
        spread: standard deviation of f's scores of all items after this history.
    """

    score: float
    rank: int
    candidates: int
    spread: float


def question_without(case: Case, removed: Iterable[str] = ()) -> Question:
    """Return the case's question with ``removed`` deleted from the history that f reads.

    What is removed stays seen, so ranks before and after are among the same candidates.
    """
    gone = frozenset(removed)
    kept = tuple(item for item in case.history if item not in gone)
    return Question(kept, case.item, frozenset((*case.history, *case.earlier)) - {case.item})


def question_only(case: Case, kept: Iterable[str]) -> Question:
    """Return the case's question after nothing but the ``kept`` items of its history."""
    return question_without(case, set(case.history).difference(kept))


def ask_target(
    target: Target, catalogue: Catalogue, questions: Sequence[Question], bar: Bar | None = None
) -> list[Answer]:
    """Return f's answer to each question, in order; each distinct history is asked once.

    Args:
        target: f.
        catalogue: the items, in the order of f's columns.
        questions: in any order, repeats allowed.
        bar: advanced by one for every question answered.
    """
    asking: dict[tuple[str, ...], list[int]] = {}
    for position, question in enumerate(questions):
        asking.setdefault(question.history, []).append(position)
    histories = list(asking)
    seen_rows = _SeenRows(catalogue)
    answers: dict[int, Answer] = {}
    for start in range(0, len(histories), HISTORIES_AT_ONCE):
        batch = histories[start : start + HISTORIES_AT_ONCE]
        for history, scores in zip(batch, target.scores(batch), strict=True):
            spread = float(np.std(scores, dtype=np.float64))
            for position in asking[history]:
                question = questions[position]
                row = catalogue.row(question.item)
                rank, candidates = rank_of(scores, row, seen_rows[question.seen])
                answers[position] = Answer(float(scores[row]), rank, candidates, spread)
        if bar is not None:
            bar.advance(sum(len(asking[history]) for history in batch))
    return [answers[position] for position in range(len(questions))]


class _SeenRows(dict[frozenset[str], NDArray[np.int64]]):
    """Seen items to their rows; the many questions about one case look them up once."""

    def __init__(self, catalogue: Catalogue) -> None:
        super().__init__()
        self._catalogue = catalogue

    def __missing__(self, seen: frozenset[str]) -> NDArray[np.int64]:
        self[seen] = np.array(self._catalogue.rows(tuple(seen)), dtype=np.int64)
        return self[seen]


def rank_of(
    scores: FloatArray, row: int, seen: Sequence[int] | NDArray[np.int64]
) -> tuple[int, int]:
    """Return the 1-based rank of item ``row`` and the number of candidates.

    Ties are broken by catalogue order, as in ``Asked.ranking``.

    Args:
        scores: ``(I,)``, f's scores of one history.
        row: the item's row; it counts as a candidate even where ``seen`` has it.
        seen: rows that are no candidates.
    """
    candidate = np.ones(len(scores), dtype=bool)
    candidate[np.asarray(seen, dtype=np.int64)] = False
    candidate[row] = True
    ahead = scores > scores[row]
    ahead[:row] |= scores[:row] == scores[row]
    return 1 + int((ahead & candidate).sum()), int(candidate.sum())
