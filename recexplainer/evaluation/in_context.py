"""In-context examples: questions of other users, answered by the target, before the question.

A language model that is not trained may learn from them what the target likes (the rows of
in-context learning in the paper's later version, which gives two).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from recexplainer.evaluation.example_questions import context_of, shows_vector_only
from recexplainer.evaluation.subjects import Subject
from recexplainer.oracle import case_rng
from recexplainer.plugins.interfaces import AnswerKind
from recexplainer.records import Context, Example, Turn

__all__ = ["SHOTS", "InContextSubject", "Shots"]

SHOTS = 2
"""Answered questions before each question."""


class Shots:
    """Answered questions to choose from.

    Args:
        examples: answered by the target; their slots count into ``contexts``.
        contexts: all that questions show: those that are asked about first, then those of the
            answered ones.
        seed: of the choice.
    """

    def __init__(
        self, examples: Sequence[Example], contexts: Sequence[Context], *, seed: int
    ) -> None:
        self.contexts, self._seed = contexts, seed
        self._by_task: dict[str, list[tuple[str | None, Example]]] = {}
        for example in examples:
            if not shows_vector_only(example):
                owner = _user(example, contexts)
                self._by_task.setdefault(example.task, []).append((owner, example))

    def of(self, example: Example) -> tuple[Turn, ...]:
        """Return the turns of two answered questions of the task; fewer where there are not two.

        They are of two users other than the one asked about, and the same ones each time.
        """
        own, offered = _user(example, self.contexts), self._by_task.get(example.task, [])
        rng = case_rng(self._seed, f"shots/{example.task}/{example.id}")
        chosen: dict[str | None, Example] = {}
        for place in rng.permutation(len(offered)):
            owner, shot = offered[int(place)]
            if owner not in {own, None}:
                chosen.setdefault(owner, shot)
            if len(chosen) == SHOTS:
                break
        return tuple(turn for shot in chosen.values() for turn in shot.turns)


class InContextSubject:
    """A chat model that is shown answered questions before each question; see ``Subject``.

    Args:
        name: what its row is called.
        subject: the model, asked in words.
        shots: what is shown.
    """

    def __init__(self, name: str, subject: Subject, shots: Shots) -> None:
        self.name = name
        self._subject, self._shots = subject, shots

    def can_answer(self, example: Example, *, constrained: bool) -> bool:
        """Return whether the model can, and there are answered questions to show."""
        able = self._subject.can_answer(example, constrained=constrained)
        return able and len(self._shots.of(example)) >= 2 * SHOTS

    def answer(
        self,
        examples: Sequence[Example],
        contexts: Sequence[Context],  # noqa: ARG002  # the shots' begin with them
        *,
        kind: AnswerKind,
        constrained: bool,
    ) -> list[tuple[str, ...]]:
        """Ask the model; see ``Subject.answer``."""
        shown = [replace(one, turns=(*self._shots.of(one), *one.turns)) for one in examples]
        return self._subject.answer(shown, self._shots.contexts, kind=kind, constrained=constrained)


def _user(example: Example, contexts: Sequence[Context]) -> str | None:
    context = context_of(example, contexts)
    return None if context is None else context.user
