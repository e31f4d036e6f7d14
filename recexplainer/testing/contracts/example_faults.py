"""Rules of one example and one grade: each returns what is wrong, or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from recexplainer.plugins.interfaces import AnswerKind
from recexplainer.records import (
    ITEM_MARK,
    USER_MARK,
    Catalogue,
    Example,
    HistorySlot,
    ItemSlot,
    Text,
)
from recexplainer.testing.contracts.rules import broken

__all__ = [
    "Flaw",
    "answer_flaws",
    "grade_flaws",
    "reference_flaws",
    "refuse",
    "segment_flaws",
    "share_flaws",
]

Grades = Mapping[str, float | None]

_REFERENCES: Final[Mapping[AnswerKind, str]] = {
    "item": "give the one item id that the target chose",
    "order": "give the offered item ids in the target's order, and offer the same ids as options",
    "label": "give the one label, and offer all labels as options",
    "list": "give the item ids of the list",
}


@dataclass(frozen=True, slots=True)
class Flaw:
    """What was found, and what mends it."""

    found: str
    fix: str


def refuse(flaws: Iterable[Flaw]) -> None:
    """Break the running rule with the first of ``flaws``, if there is one."""
    __tracebackhide__ = True
    for flaw in flaws:
        broken(flaw.found, flaw.fix)


def answer_flaws(example: Example, task: str) -> Iterator[Flaw]:
    """Yield what is wrong with whose ``example`` it is, and with how its conversation ends."""
    if example.task != task:
        yield Flaw(
            f"example {example.id!r} says task {example.task!r}",
            f"make examples with task={task!r}",
        )
    roles = [turn.role for turn in example.turns]
    if roles[-1:] != ["assistant"] or roles[-2:-1] != ["user"] or not example.answer.strip():
        yield Flaw(
            f"example {example.id!r} has turns {roles} and answer {example.answer!r}",
            "end with a user's turn and an assistant's turn that is not empty; see records.ask",
        )
    elif not all(isinstance(part, Text) for part in example.turns[-1].content):
        yield Flaw(f"the answer of example {example.id!r} holds a slot", "write answers as Text")


def segment_flaws(example: Example, rows: set[int], catalogue: Catalogue) -> Iterator[Flaw]:
    """Yield slots of ``example`` that point nowhere, and parts that are neither slot nor text."""
    for part in (part for turn in example.turns for part in turn.content):
        given: object = part
        if isinstance(given, HistorySlot):
            if given.context not in rows:
                yield Flaw(
                    f"example {example.id!r} points at context {given.context}, which was not "
                    "asked about",
                    "use asked.rows[position], not the position itself",
                )
        elif isinstance(given, ItemSlot):
            if given.item not in catalogue.ids:
                yield Flaw(
                    f"example {example.id!r} points at item {given.item!r}, which is not in the "
                    "catalogue",
                    "ItemSlot takes an item id, not a title or a row",
                )
        elif not isinstance(given, Text):
            yield Flaw(
                f"example {example.id!r} holds a {type(given).__name__}",
                "prompts are made of Text, HistorySlot and ItemSlot",
            )
        elif USER_MARK in given.text or ITEM_MARK in given.text:
            yield Flaw(
                f"a text of example {example.id!r} holds a vector mark",
                "use HistorySlot and ItemSlot; marks are written when slots are rendered",
            )


def reference_flaws(
    example: Example, kind: AnswerKind | None, catalogue: Catalogue
) -> Iterator[Flaw]:
    """Yield how the reference of ``example`` does not fit how its answer is taken."""
    reference, options = example.reference, example.options
    if kind is None or kind not in _REFERENCES or _fits(kind, reference, options, catalogue):
        return
    yield Flaw(
        f"example {example.id!r} has reference {reference} and options {options}",
        f"for answer_kind {kind!r}: {_REFERENCES[kind]}",
    )


def share_flaws(example: Example, catalogue: Catalogue) -> Iterator[Flaw]:
    """Yield what is wrong with the soft labels of ``example``, if it has any."""
    known = {"liked": set(catalogue.ids), "label_shares": set(example.options)}
    for field, names in known.items():
        pairs = getattr(example, field)
        shares = [share for _, share in pairs]
        whole = sum(shares)
        if not {name for name, _ in pairs} <= names:
            yield Flaw(
                f"{field} of example {example.id!r} names {[name for name, _ in pairs][:5]}",
                "liked has ids of items, label_shares labels that the options offer",
            )
        elif pairs and not (min(shares) >= 0 and np.isclose(whole, 1, atol=1e-4)):
            yield Flaw(
                f"{field} of example {example.id!r} has shares {shares[:5]}, in all {whole:g}",
                "give shares of 1",
            )


def grade_flaws(
    example: Example, right: Grades, wrong: Grades, names: frozenset[str]
) -> Iterator[Flaw]:
    """Yield what is unfair in the grades of the target's own answer and of nonsense.

    Args:
        example: what both answer.
        right: the grades of the target's own answer.
        wrong: those of nonsense.
        names: the metrics that every answer has to have.
    """
    if not names or frozenset(right) != names or frozenset(wrong) != names:
        yield Flaw(
            f"grade() returned metrics {sorted(right)} and {sorted(wrong)}, before {sorted(names)}",
            "return every metric for every answer; None where it cannot be scored",
        )
        return
    for name, value in right.items():
        worse = wrong[name]
        if value is None:
            yield Flaw(
                f"{name} is None for the target's own answer",
                "score the text that example.answer holds",
            )
        elif not (np.isfinite(value) and -1.0 <= value <= 1.0):
            yield Flaw(
                f"{name} is {value} for the target's own answer",
                "grades lie between 0 and 1 (correlations between -1 and 1)",
            )
        elif worse is not None and value <= worse:
            yield Flaw(
                f"{name} is {worse} for nonsense and {value} for the target's own answer "
                f"({example.id!r})",
                "grade by what the answer says, compared with example.reference",
            )


def _fits(
    kind: AnswerKind,
    reference: tuple[str, ...],
    options: tuple[str, ...],
    catalogue: Catalogue,
) -> bool:
    known = set(reference) <= set(catalogue.ids)
    if kind == "item":
        return len(reference) == 1 and known
    if kind == "order":
        distinct = len(set(reference)) == len(reference) > 1
        return distinct and set(reference) == set(options)
    if kind == "label":
        return len(reference) == 1 and reference[0] in options
    return bool(reference) and known
