"""Plain English for numbers, lists and titles."""

from __future__ import annotations

from collections.abc import Sequence

from recexplainer.errors import UserError
from recexplainer.records import Case, Catalogue, frequent_values, one_full_stop, spoken_attribute

__all__ = [
    "attribute_sentence",
    "decided",
    "enumerated",
    "ordinal",
    "quoted",
    "rank_change",
    "re_scored",
    "refuse_instruction",
]


_MOST_VALUES = 2
"""How many values of an attribute a sentence names."""


def ordinal(number: int) -> str:
    """Return ``1st``, ``12th``, ``1,003rd``."""
    if number % 100 in (11, 12, 13):
        return f"{number:,}th"
    return f"{number:,}{({1: 'st', 2: 'nd', 3: 'rd'}).get(number % 10, 'th')}"


def quoted(title: str) -> str:
    """Return the title in the quotation marks by which texts cite titles."""
    return f"“{title}”"


def enumerated(parts: Sequence[str]) -> str:
    """Return ``a``, ``a and b``, ``a, b and c``; nothing for no parts."""
    return " and ".join(part for part in (", ".join(parts[:-1]), *parts[-1:]) if part)


def attribute_sentence(case: Case, attribute: str, catalogue: Catalogue) -> str:
    """Return what the data say of an attribute of the item in question, beside the history."""
    name = spoken_attribute(attribute)
    own = catalogue.item(case.item).attributes.get(attribute, ())
    frequent = frequent_values(attribute, [catalogue.item(item) for item in case.history])
    fitting = [value for value in own if value in frequent]
    if not own:
        return f"No {name} is recorded for it."
    if fitting:
        return f"Its {name}, {enumerated(fitting[:_MOST_VALUES])}, is frequent in the history."
    return one_full_stop(f"Its {name} is {enumerated(own[:_MOST_VALUES])}.")


def decided(case: Case, title: str) -> str:
    """Return the recommender's decision and where it ranks the item, in a sentence."""
    if case.already_had:
        others = f"beside the {case.candidates - 1:,} items that they have not had"
        ranked = f"the recommender ranks it {ordinal(case.rank)} {others}"
        return f"{case.decision or 'Undecided'}: the user already had {quoted(title)}; {ranked}."
    place = f"{ordinal(case.rank)} of {case.candidates:,} candidates"
    return f"{case.decision or 'Undecided'}: the recommender ranks {quoted(title)} {place}."


def rank_change(rank: int, after: int) -> str:
    """Return the item's rank before and after a removal, such as ``rank 5 to 9``."""
    return f"rank stays {rank:,}" if after == rank else f"rank {rank:,} to {after:,}"


def re_scored(case: Case, rank: int, score: float) -> str:
    """Return the item's rank and score after the whole history and after the removal."""
    return f"rank {case.rank:,} to {rank:,}, score {case.score:.4g} to {score:.4g}"


def refuse_instruction(explainer: str, instruction: str | None) -> None:
    """Raise UserError where an explainer that has one way to speak is given an instruction."""
    if instruction is not None and instruction.strip():
        raise UserError(
            f"the explainer {explainer!r} cannot follow the instruction {instruction!r}: it names "
            "history items only. Ask the surrogate, or ask without an instruction."
        )
