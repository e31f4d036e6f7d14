"""Echo language model for tests: fast, deterministic, and easy to predict."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recexplainer.plugins.interfaces import FloatArray
from recexplainer.plugins.speaker_interface import Orders
from recexplainer.records import Catalogue, Context, HistorySlot, ItemSlot, Prompt, Text, Turn

__all__ = ["EchoSpeaker"]


class EchoSpeaker:
    """Repeats the question, with the titles in place of slots.

    Free answers are the question's own words. Constrained answers are the titles it names, in the
    order of the question, then the rest of the catalogue; offered titles are ordered likewise. A
    label is the likelier, the oftener the question says it.
    """

    name = "echo"

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def answer(  # noqa: PLR0913  # the interface's
        self,
        questions: Sequence[tuple[Turn, ...]],
        contexts: Sequence[Context],
        *,
        max_new_tokens: int,
        beams: int = 1,
        constrained: bool = False,
        distinct: bool = False,  # noqa: ARG002  # the interface's
        quoting: bool = False,  # noqa: ARG002
        temperature: float = 0.0,  # noqa: ARG002
        top_p: float = 1.0,  # noqa: ARG002
    ) -> list[tuple[str, ...]]:
        """Return ``beams`` answers per question; a token is a word here."""
        if constrained:
            return [self._titles(question, contexts)[:beams] for question in questions]
        return [
            tuple(
                " ".join(self._words(question, contexts)[: max_new_tokens - beam])
                for beam in range(beams)
            )
            for question in questions
        ]

    def orders(
        self,
        questions: Sequence[tuple[Turn, ...]],
        contexts: Sequence[Context],
        offered: Sequence[Sequence[str]],
        *,
        max_new_tokens: int,
    ) -> list[Orders]:
        """Return each question's own words, and its offered titles as it names them."""
        free = self.answer(questions, contexts, max_new_tokens=max_new_tokens)
        kept = []
        for question, items in zip(questions, offered, strict=True):
            own = {self.catalogue.title(item) for item in items}
            kept.append("; ".join(t for t in self._titles(question, contexts) if t in own))
        return [Orders(text, order) for (text,), order in zip(free, kept, strict=True)]

    def likelihoods(
        self,
        questions: Sequence[tuple[Turn, ...]],
        contexts: Sequence[Context],
        labels: Sequence[Sequence[str]],
    ) -> list[FloatArray]:
        """Return log-probabilities of each question's labels from their counts, plus one."""
        likelihoods = []
        for question, offered in zip(questions, labels, strict=True):
            words = [word.strip(".,:;!?").casefold() for word in self._words(question, contexts)]
            counts = np.array([1.0 + words.count(label.casefold()) for label in offered])
            likelihoods.append(np.log(counts / counts.sum()).astype(np.float32))
        return likelihoods

    def _words(self, question: tuple[Turn, ...], contexts: Sequence[Context]) -> list[str]:
        parts = []
        for segment in _asked(question):
            if isinstance(segment, Text):
                parts.append(segment.text)
            else:
                parts.append(", ".join(map(self.catalogue.title, _named(segment, contexts))))
        return "".join(parts).split()

    def _titles(self, question: tuple[Turn, ...], contexts: Sequence[Context]) -> tuple[str, ...]:
        slots = [part for part in _asked(question) if not isinstance(part, Text)]
        named = [item for slot in slots for item in _named(slot, contexts)]
        return tuple(dict.fromkeys([*map(self.catalogue.title, named), *self.catalogue.titles]))


def _asked(question: tuple[Turn, ...]) -> Prompt:
    """Return what the user says last."""
    return next(turn.content for turn in reversed(question) if turn.role == "user")


def _named(slot: HistorySlot | ItemSlot, contexts: Sequence[Context]) -> tuple[str, ...]:
    return (slot.item,) if isinstance(slot, ItemSlot) else contexts[slot.context].history
