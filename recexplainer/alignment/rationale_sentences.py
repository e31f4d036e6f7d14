"""Sentence patterns of rationales, drawn and joined so that no frozen form is learned.

Titles stand in curly quotes. ``{item}`` is the item's quoted title, ``{causes}`` those of the items
in the history that the target's decision rests on, ``{first}`` that of the strongest, ``{them}`` a
pronoun for all of them, ``{others}`` further items that pull the same way. ``{attribute}`` is an
attribute's name, ``{own}`` the item's values of it, ``{leaning}`` those most frequent in the
history, ``{shared}`` those that the item shares with ``{holders}`` or with the history. No pattern
claims more than the facts it is filled with; ``rationale_facts`` says what each of them means.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from recexplainer.alignment.rationale_facts import AttributeFacts, Facts
from recexplainer.alignment.seeded_draws import choose
from recexplainer.records import Catalogue, Decision, one_full_stop, spoken_attribute

__all__ = ["attribute_sentences", "joined", "leaning_sentences", "say", "say_cause"]

_LEANING_SHARE = 0.5
"""How often the history's leaning is said where it could be left out."""
_MOST_VALUES = 2
"""How many values of an attribute one clause names."""

DECISION: dict[Decision, tuple[str, ...]] = {
    "Yes": (
        "Yes, the user will like {item}.",
        "Yes, {item} suits this user.",
        "Yes. The recommender ranks {item} high for this user.",
        "Yes, {item} is among the recommender's top choices here.",
        "Yes, {item} is a good match for this history.",
        "Yes, this user would enjoy {item}.",
    ),
    "No": (
        "No, the user will not like {item}.",
        "No, {item} does not suit this user.",
        "No. The recommender ranks {item} low for this user.",
        "No, {item} is in the lower half of the recommender's ranking.",
        "No, {item} is a poor match for this history.",
        "No, this user would not enjoy {item}.",
    ),
}

CAUSES: dict[Decision, tuple[str, ...]] = {
    "Yes": (
        "Its score owes most to {causes}.",
        "What speaks for it most is {causes}.",
        "It is lifted most by {causes}.",
        "The strongest support comes from {causes}.",
        "In the history, most support for it comes from {causes}.",
        "The decision rests above all on {causes}.",
    ),
    "No": (
        "Its score is lowered most by {causes}.",
        "What speaks against it most is {causes}.",
        "It is held back most by {causes}.",
        "The strongest objection comes from {causes}.",
        "In the history, most weight against it comes from {causes}.",
        "The decision rests above all on {causes}.",
    ),
}

OTHERS: dict[Decision, tuple[str, ...]] = {
    "Yes": (
        "It is also lifted by {others}.",
        "Its score is raised by {others} as well.",
    ),
    "No": (
        "It is also held back by {others}.",
        "Its score is lowered by {others} as well.",
    ),
}

NO_CAUSE: dict[Decision, tuple[str, ...]] = {
    "Yes": (
        "No single title of the history carries this decision.",
        "No one title in the history raises its score by itself.",
    ),
    "No": (
        "No single title of the history is to blame for this.",
        "No one title in the history lowers its score by itself.",
    ),
}

LEANING = (
    "The history leans to the {attribute} {leaning}.",
    "The most frequent {attribute} in the history: {leaning}.",
    "This user chose the {attribute} {leaning} most often.",
    "A pattern of the history is the {attribute} {leaning}.",
)

SHARED = (
    "It shares the {attribute} {shared} with {holders}.",
    "With {holders} it has the {attribute} {shared} in common.",
    "Like {holders}, it has the {attribute} {shared}.",
)

FITS_LEANING = (
    "Its {attribute} {shared} fits the history.",
    "It is consistent with the history, where the {attribute} {shared} is frequent.",
    "Its {attribute}, {shared}, is frequent in the history.",
)

NOTHING_SHARED = (
    "It shares no {attribute} with {them}; its own is {own}.",
    "Its {attribute}, {own}, is not shared by {them}.",
)

DIFFERS = (
    "The history leans to the {attribute} {leaning}, but its own is {own}.",
    "Its {attribute}, {own}, is inconsistent with a history that leans to {leaning}.",
    "While the history leans to the {attribute} {leaning}, this item has {own}.",
    "The user chose the {attribute} {leaning} most often; this item has {own} instead.",
)

FITS_BUT_REJECTED = (
    "Its {attribute} {shared} fits the history, but that is not enough.",
    "Although the {attribute} {shared} is frequent in the history, the recommender ranks it low.",
    "Sharing the {attribute} {shared} with the history does not save it.",
)

NO_LEANING = (
    "Its {attribute} is {own}.",
    "No {attribute} repeats in the history; its own is {own}.",
    "The history has no repeated {attribute}, while the item has {own}.",
)

UNRECORDED = (
    "No {attribute} is recorded for it.",
    "Its {attribute} is not known.",
)

WHAT_IF: dict[Decision, tuple[str, ...]] = {
    "Yes": (
        "Without {first} it would not be recommended.",
        "It would not be recommended without {first}.",
        "If {first} were removed, it would no longer be recommended.",
        "With {first} left out, it would not be recommended.",
    ),
    "No": (
        "Without {first} it would not be rejected.",
        "It would not be rejected without {first}.",
        "If {first} were removed, it would no longer be rejected.",
        "With {first} left out, it would not be rejected.",
    ),
}
"""No ranks or scores, which a language model cannot know; the target is asked for them later."""

_NAME_LEANING = (FITS_LEANING, DIFFERS, FITS_BUT_REJECTED)
"""Patterns that say themselves what the history leans to."""


def say(facts: Facts, catalogue: Catalogue, rng: np.random.Generator) -> str:
    """Return the facts as two to six sentences: the decision first, what would undo it last.

    Args:
        facts: what is said.
        catalogue: where titles come from.
        rng: draws the patterns, and whether the history's leaning gets a sentence of its own.
    """
    causes = [_quoted(catalogue, item) for item in facts.causes]
    words = {
        "item": _quoted(catalogue, facts.item),
        "causes": joined(causes),
        "first": causes[0] if causes else "",
        "them": "them" if len(causes) > 1 else "that title",
        "others": joined([_quoted(catalogue, item) for item in facts.others]),
    }
    sentences = [choose(DECISION[facts.decision], rng)]
    sentences.append(choose((CAUSES if causes else NO_CAUSE)[facts.decision], rng))
    attribute = facts.attribute
    if attribute is not None:
        consistency = _consistency(facts.decision, attribute, bool(causes))
        if attribute.leaning and consistency not in _NAME_LEANING and rng.random() < _LEANING_SHARE:
            sentences.insert(int(rng.integers(1, 3)), choose(LEANING, rng))
        sentences.append(choose(consistency, rng))
        words |= _attribute_words(facts.decision, attribute, catalogue, len(causes))
    if facts.others:  # after all that "them" may stand for
        sentences.append(choose(OTHERS[facts.decision], rng))
    if facts.decisive:
        sentences.append(choose(WHAT_IF[facts.decision], rng))
    return " ".join(one_full_stop(sentence.format(**words)) for sentence in sentences)


def say_cause(facts: Facts, catalogue: Catalogue, rng: np.random.Generator) -> str:
    """Return the decision, its strongest cause and what else pulls, in two or three sentences."""
    titles = [_quoted(catalogue, item) for item in (*facts.causes, *facts.others)]
    pattern = choose((CAUSES if titles else NO_CAUSE)[facts.decision], rng)
    said = f"{facts.decision}. {pattern.format(causes=''.join(titles[:1]))}"
    if len(titles) < 2:
        return said
    return f"{said} {choose(OTHERS[facts.decision], rng).format(others=joined(titles[1:]))}"


def leaning_sentences(attribute: AttributeFacts) -> list[str]:
    """Return the ways to say what the history leans to."""
    words = {"attribute": spoken_attribute(attribute.name), "leaning": joined(attribute.leaning)}
    return [one_full_stop(pattern.format(**words)) for pattern in LEANING]


def attribute_sentences(
    decision: Decision, attribute: AttributeFacts, catalogue: Catalogue, causes: Sequence[str]
) -> list[str]:
    """Return the ways to say what is true of an attribute, beside the decision.

    Args:
        decision: what the text decides.
        attribute: what is true of it.
        catalogue: where titles come from.
        causes: ids of the items that the text gives as causes.
    """
    words = _attribute_words(decision, attribute, catalogue, len(causes))
    words["them"] = "them" if len(causes) > 1 else "that title"
    told = _consistency(decision, attribute, bool(causes))
    return [one_full_stop(pattern.format(**words)) for pattern in told]


def _consistency(decision: Decision, attribute: AttributeFacts, caused: bool) -> tuple[str, ...]:
    """Return the patterns that are true of the attribute."""
    if not attribute.own:
        return UNRECORDED
    if decision == "No":
        differing = DIFFERS if attribute.leaning else NO_LEANING
        return FITS_BUT_REJECTED if attribute.fitting else differing
    if attribute.shared:
        return SHARED
    if attribute.fitting:
        return FITS_LEANING
    return NOTHING_SHARED if caused else NO_LEANING[:1]


def _attribute_words(
    decision: Decision, attribute: AttributeFacts, catalogue: Catalogue, causes: int
) -> dict[str, str]:
    by_cause = decision == "Yes" and bool(attribute.shared)
    everyone = len(attribute.holders) == causes > 1
    quoted = [_quoted(catalogue, item) for item in attribute.holders]
    return {
        "attribute": spoken_attribute(attribute.name),
        "own": joined(attribute.own[:_MOST_VALUES]),
        "leaning": joined(attribute.leaning),
        "shared": joined((attribute.shared if by_cause else attribute.fitting)[:_MOST_VALUES]),
        "holders": "all of them" if everyone else joined(quoted),
    }


def _quoted(catalogue: Catalogue, item: str) -> str:
    return f"“{catalogue.title(item)}”"


def joined(parts: Sequence[str]) -> str:
    """Return ``A``, ``A and B`` or ``A, B and C``."""
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)
