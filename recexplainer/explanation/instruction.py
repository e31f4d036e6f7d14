"""Instruction of a user, such as ``only genres``, and the attribute it means."""

from __future__ import annotations

import difflib
import re
from collections.abc import Sequence

from recexplainer.errors import WishError
from recexplainer.records import Catalogue

__all__ = ["named_in", "resolve_focus"]

_REFUSING = frozenset(
    {
        "no",
        "not",
        "without",
        "except",
        "but",
        "avoid",
        "ignore",
        "omit",
        "dont",
        "never",
        "excluding",
    }
)
_CLOSE = 0.75


def resolve_focus(instruction: str | None, catalogue: Catalogue) -> str | None:
    """Return the attribute name that ``instruction`` asks to keep to, or None when it is empty.

    Singular and plural, case, underscores and small slips are tolerated; an attribute of several
    words may be named by its last one, where that is clear.

    Args:
        instruction: the user's words.
        catalogue: its attribute names are what can be asked for.

    Raises:
        WishError: nothing, or more than one attribute, is asked for, or one is to be left out.
    """
    if instruction is None or not instruction.strip():
        return None
    names = tuple(catalogue.attribute_values)
    if not names:
        raise WishError(
            f"cannot follow the instruction {instruction!r}: the items of this data set have no "
            "attributes. Ask without an instruction, or add attribute columns to the items."
        )
    words = _words(instruction.casefold().replace("nothing but", "only").replace("'", ""))
    if _REFUSING.intersection(words):
        raise _refusal(instruction, names, "it can be told what to keep to, not what to leave out")
    asked = _named(words, names)
    if len(asked) > 1:
        raise _refusal(instruction, names, f"it names {' and '.join(asked)}; ask for one at a time")
    if not asked:
        raise _refusal(instruction, names, _advice(words, catalogue))
    return asked[0]


def named_in(text: str, names: Sequence[str]) -> list[str]:
    """Return the attributes that ``text`` names in full, in the singular or the plural.

    One whose name is part of another's that is named does not count.
    """
    said = f" {' '.join(_words(text))} "
    full = [name for name in names if f" {' '.join(_words(name))} " in said]
    own = {name: f" {' '.join(_words(name))} " for name in full}
    return [
        name
        for name in full
        if not any(own[name] != other and own[name] in other for other in own.values())
    ]


def _named(words: list[str], names: tuple[str, ...]) -> list[str]:
    """Return the attributes that the words name: in full, else by the last word, else nearly."""
    full = named_in(" ".join(words), names)
    if full:
        return full
    last = [name for name in names if _words(name)[-1:] and _words(name)[-1] in words]
    if last:
        return last
    ends = {_words(name)[-1]: name for name in names if _words(name)}
    near = [
        (difflib.SequenceMatcher(None, word, end).ratio(), name)
        for word in words
        for end, name in ends.items()
    ]
    best = max(near, default=(0.0, ""))
    return [best[1]] if best[0] >= _CLOSE else []


def _words(text: str) -> list[str]:
    """Return the words of ``text`` in the singular and in lower case."""
    return [_singular(word) for word in re.findall(r"[^\W_]+", text.casefold())]


def _singular(word: str) -> str:
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _advice(words: list[str], catalogue: Catalogue) -> str:
    """Return why nothing was recognized; names the attribute where one of its values was given."""
    for name, values in catalogue.attribute_values.items():
        given = next(
            (value for value in values if _words(value) and set(_words(value)) <= set(words)), None
        )
        if given is not None:
            return f"{given!r} is a value of {name!r}; ask for the attribute"
    return "it names no attribute of this data set"


def _refusal(instruction: str, names: tuple[str, ...], reason: str) -> WishError:
    return WishError(
        f"cannot follow the instruction {instruction!r}: {reason}. "
        f"What can be asked for: {', '.join(f'only {name}' for name in names)}."
    )
