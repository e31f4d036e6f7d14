"""Answer cache: a speaker that answers once what several explainers ask."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from recexplainer.plugins.interfaces import Speaker
from recexplainer.plugins.speaker_interface import Orders
from recexplainer.records import Context, HistorySlot, Turn

__all__ = ["RememberingSpeaker"]

_MOST = 4096
"""Answers kept; a run that is asked for days must not grow."""


class RememberingSpeaker:
    """Gives a question that is asked again the answer it got; see ``Speaker``.

    Args:
        speaker: whose answers depend on the question and its histories alone.
    """

    def __init__(self, speaker: Speaker) -> None:
        self.name = speaker.name
        self._speaker = speaker
        self._answers: dict[Any, tuple[str, ...]] = {}

    def answer(
        self, questions: Sequence[tuple[Turn, ...]], contexts: Sequence[Context], **wishes: Any
    ) -> list[tuple[str, ...]]:
        """Return the answers; see ``Speaker.answer``."""
        wish = tuple(sorted(wishes.items()))
        keys = [(_with_histories(question, contexts), wish) for question in questions]
        pairs = dict(zip(keys, questions, strict=True))
        new = {key: question for key, question in pairs.items() if key not in self._answers}
        if len(self._answers) + len(new) > _MOST:
            self._answers.clear()
            new = pairs
        if new:
            said = self._speaker.answer(list(new.values()), contexts, **wishes)
            self._answers |= dict(zip(new, said, strict=True))
        return [self._answers[key] for key in keys]

    def orders(
        self,
        questions: Sequence[tuple[Turn, ...]],
        contexts: Sequence[Context],
        offered: Sequence[Sequence[str]],
        *,
        max_new_tokens: int,
    ) -> list[Orders]:
        """Return what the speaker says; see ``Speaker.orders``."""
        return self._speaker.orders(questions, contexts, offered, max_new_tokens=max_new_tokens)

    def likelihoods(
        self,
        questions: Sequence[tuple[Turn, ...]],
        contexts: Sequence[Context],
        labels: Sequence[Sequence[str]],
    ) -> list[NDArray[np.float32]]:
        """Return what the speaker says; see ``Speaker.likelihoods``."""
        return self._speaker.likelihoods(questions, contexts, labels)


def _with_histories(question: tuple[Turn, ...], contexts: Sequence[Context]) -> Any:
    """Return the question with its histories in place of their numbers."""
    return tuple(
        (turn.role, *(_resolved(part, contexts) for part in turn.content)) for turn in question
    )


def _resolved(part: Any, contexts: Sequence[Context]) -> Any:
    if isinstance(part, HistorySlot):
        return part.vector_only, contexts[part.context].history
    return part
