"""Prompts are slot sequences; the alignment form decides how a slot is written (paper, section 3).

A task says ``[Text("Will the user with: "), HistorySlot(7), Text(" like "), ItemSlot("42")]`` once.
Rendering it in the ``behavior`` form writes titles, in the ``intention`` form the target's vectors,
in the ``combined`` form the vector followed by the titles, and in the ``named`` form vectors, with
the titles of offered items. No task knows the form, no form the task.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

__all__ = [
    "HIDE_HISTORY",
    "ITEM_MARK",
    "USER_MARK",
    "Example",
    "Form",
    "HistorySlot",
    "HybridForms",
    "ItemSlot",
    "Mode",
    "Prompt",
    "Rendered",
    "RenderedTurn",
    "Segment",
    "Text",
    "Turn",
    "ask",
]

Mode = Literal["behavior", "intention", "hybrid"]
Form = Literal["behavior", "intention", "named", "combined"]
HybridForms = Literal["all", "vectors", "named", "combined"]
HIDE_HISTORY: frozenset[Form] = frozenset({"intention", "named"})
"""Forms whose prompts name no title of a history."""

USER_MARK = "\ue000"
"""Stands for one user vector in rendered text. A private-use character, stripped from titles and
texts when a log is prepared, so that no title can smuggle a vector slot into a prompt."""
ITEM_MARK = "\ue001"
"""Stands for one item vector in rendered text."""


@dataclass(frozen=True, slots=True)
class Text:
    """Words of the prompt itself."""

    text: str


@dataclass(frozen=True, slots=True)
class HistorySlot:
    """The history of context number ``context`` (its row in the corpus' contexts).

    ``vector_only`` keeps the titles out of every form: history reconstruction would otherwise
    read its answer off the prompt.
    """

    context: int
    vector_only: bool = False


@dataclass(frozen=True, slots=True)
class ItemSlot:
    """The item ``item``; ``vector_only`` keeps its title out, as when the title is the answer.

    ``offered``: one of several that the answer names. Behind a vector alone its title would have
    to be known by heart, so the ``named`` form shows it.
    """

    item: str
    vector_only: bool = False
    offered: bool = False


Segment = Text | HistorySlot | ItemSlot
Prompt = tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """One message of a conversation; the loss is taken on ``assistant`` turns only."""

    role: Literal["system", "user", "assistant"]
    content: Prompt


@dataclass(frozen=True, slots=True)
class Example:
    """One thing to learn or to be measured on.

    Attributes:
        id: unique among the examples of its task and split.
        task: the task that made it.
        turns: the conversation; the last turn is the assistant's answer.
        reference: the answer in ids or labels, in the target's order, for scoring
            (such as one item id, five item ids, or ``("Yes",)``); empty when it is not scored.
        options: the item ids or labels that the prompt offers, in its order; empty when none.
        names_history: the answer names items of the history. A prompt that hides their titles
            would teach to guess, so it is left out where another form is written too.
        liked: for an answer that is one title, the ids of the items that might be named, each with
            its share of 1 (soft labels); empty where the answer is the only right one.
        label_shares: likewise for an answer that is one of the labels in ``options``.
    """

    id: str
    task: str
    turns: tuple[Turn, ...]
    reference: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    names_history: bool = False
    liked: tuple[tuple[str, float], ...] = ()
    label_shares: tuple[tuple[str, float], ...] = ()

    @property
    def question(self) -> tuple[Turn, ...]:
        """The conversation up to the answer."""
        return self.turns[:-1]

    @property
    def answer(self) -> str:
        """The answer's text."""
        return "".join(part.text for part in self.turns[-1].content if isinstance(part, Text))


def ask(prompt: Sequence[Segment], answer: str) -> tuple[Turn, ...]:
    """Return the turns of one question and its answer."""
    return (Turn("user", tuple(prompt)), Turn("assistant", (Text(answer),)))


@dataclass(frozen=True, slots=True)
class RenderedTurn:
    """A turn as text, with ``USER_MARK`` and ``ITEM_MARK`` where vectors go."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class Rendered:
    """A conversation in one form, ready for a tokenizer.

    Attributes:
        turns: the messages.
        context_rows: for each ``USER_MARK`` in order, the row of its context.
        item_rows: for each ``ITEM_MARK`` in order, the row of its item.
        form: the form it was rendered in.
        droppable: stretches ``(turn, start, stop)`` of text to leave out of a conversation that is
            too long, first ones first: history titles, oldest first; none holds a mark.
        liked: rows of the items that the answer, one title, might name, each with its share of 1.
        label_shares: likewise labels that the answer, one of them, might be.
    """

    turns: tuple[RenderedTurn, ...]
    context_rows: tuple[int, ...]
    item_rows: tuple[int, ...]
    form: Form
    droppable: Sequence[tuple[int, int, int]] = ()
    liked: Sequence[tuple[int, float]] = ()
    label_shares: Sequence[tuple[str, float]] = ()

    def without(self, count: int) -> Rendered:
        """Return the conversation without the first ``count`` droppable stretches."""
        texts = [turn.text for turn in self.turns]
        for turn, start, stop in sorted(self.droppable[:count], reverse=True):  # from the end on
            texts[turn] = texts[turn][:start] + texts[turn][stop:]
        pairs = zip(self.turns, texts, strict=True)
        turns = tuple(RenderedTurn(turn.role, text) for turn, text in pairs)
        return Rendered(turns, self.context_rows, self.item_rows, self.form)
