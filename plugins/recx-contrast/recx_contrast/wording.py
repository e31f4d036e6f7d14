"""How a contrast is asked and answered: sentence patterns, drawn so that no frozen form is learned.

Every answer begins with its label, ``First`` or ``Second``, so that the choice can be measured by
likelihood; titles stand in curly quotes. No pattern claims more than the facts it is filled with.
In questions, slots follow ": " and are followed by " ." or " ," or " ?", so that a title is cut
into the same tokens wherever it stands.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import Formatter
from typing import TypeVar

import numpy as np

from recexplainer.records import Catalogue, HistorySlot, ItemSlot, Prompt, Segment, Text
from recx_contrast.facts import Facts, Value

__all__ = ["LABELS", "answer", "draw", "question"]

Choice = TypeVar("Choice")

LABELS = ("First", "Second")
"""Which of the two items, in the order in which the question shows them."""

QUESTIONS = (
    (
        "The user has the following history: {history} . Which of two items would the "
        "recommender rather recommend, the first: {first} , or the second: {second} ? Say why."
    ),
    (
        "Given the user's history: {history} , compare the first item: {first} , with the "
        "second item: {second} . Which one would the recommender prefer, and what makes the "
        "difference?"
    ),
    (
        "Here is the user history: {history} . The first item: {first} , the second item: "
        "{second} . Which one is the better recommendation, first or second, and why?"
    ),
    (
        "First: {first} . Second: {second} . Which of them would the recommender put higher "
        "for a user with the history: {history} ? Give the reason."
    ),
    (
        "Considering the user: {history} , choose between the first item: {first} , and the "
        "second item: {second} . Explain what in the history decides it."
    ),
    (
        "Two items compete for one place, the first: {first} , and the second: {second} . "
        "Based on the history: {history} , which one wins, and what tips the scales?"
    ),
    (
        "From the perspective of a recommendation model, does the history: {history} , speak "
        "more for the first item: {first} , or for the second item: {second} ? Explain the "
        "difference."
    ),
    (
        "For a user with the history: {history} , would you place the first item: {first} , "
        "above or below the second item: {second} ? Name the one you prefer and why."
    ),
)

CHOICE = (
    "{label}: the recommender prefers {preferred} to {other}.",
    "{label}. Of the two, {preferred} ranks higher than {other}.",
    "{label}, since {preferred} scores higher here than {other}.",
    "{label}: {preferred} is preferred to {other}.",
    "{label}. The recommender puts {preferred} above {other} for this history.",
    "{label}, because {preferred} beats {other} after this history.",
)
CAUSES = (
    "What makes the difference is {causes}.",
    "Its lead rests mostly on {causes}.",
    "{causes} in the history tip the scales.",
    "The lead comes above all from {causes}.",
    "It is ahead mainly because the history holds {causes}.",
)
ONE_CAUSE = (
    "What makes the difference is {causes}.",
    "Its lead rests mostly on {causes}.",
    "{causes} in the history tips the scales.",
    "The lead comes above all from {causes}.",
    "It is ahead mainly because the history holds {causes}.",
)
NO_CAUSE = (
    "No single title of the history makes the difference.",
    "Its lead does not hang on any one title of the history.",
    "Taking out any one title of the history does not cut its lead.",
)
DECISIVE = (
    "Without {strongest} the recommender would prefer {other}.",
    "Were {strongest} not in the history, {other} would come out ahead.",
    "Take {strongest} away, and {other} wins.",
)
OVERTURNED = (
    "Without the {attribute} {value} in the history, {other} would be preferred.",
    (
        "It has the {attribute} {value}, which {other} lacks; without it in the history, "
        "{other} would come out ahead."
    ),
    "The {attribute} {value} decides it: with none of it in the history, {other} would win.",
)
HALVED = (
    "Without the {attribute} {value} in the history, at least half of its lead would be gone.",
    (
        "It has the {attribute} {value}, which {other} lacks and to which at least half of its "
        "lead is due."
    ),
    (
        "Unlike {other} it has the {attribute} {value}; with none of it in the history, half "
        "of the lead or more would go."
    ),
)


def draw(choices: Sequence[Choice], rng: np.random.Generator) -> Choice:
    """Return one of ``choices``, all equally likely."""
    return choices[int(rng.integers(len(choices)))]


def question(context: int, first: str, second: str, rng: np.random.Generator) -> Prompt:
    """Return one way to ask which of two items (ids) the target prefers after a history."""
    slots: dict[str, Segment] = {
        "history": HistorySlot(context),
        "first": ItemSlot(first, offered=True),
        "second": ItemSlot(second, offered=True),
    }
    segments: list[Segment] = []
    for words, name, _, _ in Formatter().parse(draw(QUESTIONS, rng)):
        segments += [Text(words)] if words else []
        segments += [slots[name]] if name else []
    return tuple(segments)


def answer(facts: Facts, label: str, catalogue: Catalogue, rng: np.random.Generator) -> str:
    """Return the facts in two to four sentences, ``label`` first.

    Args:
        facts: what is said.
        label: which of ``LABELS`` the preferred item is.
        catalogue: where titles come from.
        rng: draws the patterns.
    """
    causes = [_quoted(item, catalogue) for item in facts.causes]
    patterns = [draw(CHOICE, rng), draw(_cause_patterns(len(causes)), rng)]
    words = {
        "label": label,
        "preferred": _quoted(facts.pair.preferred, catalogue),
        "other": _quoted(facts.pair.other, catalogue),
        "causes": _joined(causes),
        "strongest": causes[0] if causes else "",
    }
    if facts.decisive:
        patterns.append(draw(DECISIVE, rng))
    if facts.value is not None:
        patterns.append(draw(OVERTURNED if facts.overturned else HALVED, rng))
        words |= _value_words(facts.value)
    return " ".join(patterns).format(**words)


def _cause_patterns(causes: int) -> Sequence[str]:
    return NO_CAUSE if not causes else ONE_CAUSE if causes == 1 else CAUSES


def _value_words(value: Value) -> dict[str, str]:
    return {"attribute": value.attribute.replace("_", " ").strip(), "value": value.value}


def _quoted(item: str, catalogue: Catalogue) -> str:
    return f"“{catalogue.title(item)}”"


def _joined(parts: Sequence[str]) -> str:
    """Return ``A``, ``A and B`` or ``A, B and C``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
