"""Takers: moments of the training data at which users took a given item."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recexplainer.audit.subject import Subject
from recexplainer.data.prefixes import shown

__all__ = ["Taker", "takers_of"]


@dataclass(frozen=True, slots=True)
class Taker:
    """A user who took an item, and what the target reads of the time before."""

    user: str
    history: tuple[str, ...]


def takers_of(subject: Subject, rows: Sequence[int], each: int) -> dict[int, list[Taker]]:
    """Return up to ``each`` users who took each item after some other, by the item's row.

    Users come in random order; only what the target was trained on is looked at.
    """
    wanted = {subject.catalogue.ids[row]: row for row in rows}
    found: dict[int, list[Taker]] = {row: [] for row in rows}
    missing = len(found)
    histories = subject.split.training.histories
    users = list(histories)
    for place in subject.rng("takers").permutation(len(users)).tolist():
        history = histories[users[place]]
        for end, item in enumerate(history):
            row = wanted.get(item)
            if end and row is not None and len(found[row]) < each:
                read = shown(history, end, subject.max_history)
                found[row].append(Taker(users[place], read))
                missing -= len(found[row]) == each
        if not missing:
            break
    return found
