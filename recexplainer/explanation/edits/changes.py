"""Changes of a history: items removed, replaced or added, one by one or by what they share."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

__all__ = ["KINDS", "Change", "Edit", "Kind", "changed", "compatible", "items_of", "simpler"]

Kind = Literal["remove", "replace", "add"]
KINDS: tuple[Kind, ...] = ("remove", "replace", "add")


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a history: of one item, or of all items that share an attribute value.

    Attributes:
        kind: ``remove``, ``replace`` or ``add``.
        old: items of the history that go.
        new: items that come: each in the place of the old one, or behind the end.
        attribute: what the items share, where the change is one by attribute.
        old_value, new_value: the value that all the old, and all the new items have.
    """

    kind: Kind
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    attribute: str | None = None
    old_value: str | None = None
    new_value: str | None = None

    @property
    def leaving(self) -> Hashable:
        """What goes, as other changes may have it in common."""
        return (self.attribute, self.old_value) if self.attribute else self.old

    @property
    def coming(self) -> Hashable:
        """What comes, as other changes may have it in common."""
        return (self.attribute, self.new_value) if self.attribute else self.new


Edit = tuple[Change, ...]
"""Changes made together; what they add comes in their order."""


def items_of(edit: Edit) -> int:
    """Return how many items of the history go or come; a replaced one counts once."""
    return sum(max(len(change.old), len(change.new)) for change in edit)


def changed(history: Sequence[str], edit: Edit) -> tuple[str, ...]:
    """Return the history after all changes, oldest first."""
    place = {item: item for item in history}
    for change in edit:
        if change.kind == "replace":
            place.update(zip(change.old, change.new, strict=True))
        for item in change.old if change.kind == "remove" else ():
            del place[item]
    added = (item for change in edit if change.kind == "add" for item in change.new)
    return (*(place[item] for item in dict.fromkeys(history) if item in place), *added)


def compatible(edit: Edit, change: Change) -> bool:
    """Return whether the change touches no item that the edit touches already."""
    touched = {item for one in edit for item in (*one.old, *one.new)}
    return touched.isdisjoint((*change.old, *change.new))


def simpler(edit: Edit, kinds: Collection[Kind]) -> Iterator[Edit]:
    """Yield the edits that leave one part out: a change, one of several added items, or what comes.

    Args:
        edit: the changes.
        kinds: those that are allowed; without ``remove``, what is replaced cannot just go.
    """
    for place, change in enumerate(edit):
        before, after = edit[:place], edit[place + 1 :]
        if len(edit) > 1:
            yield (*before, *after)
        if change.kind == "replace" and "remove" in kinds:
            weaker = replace(change, kind="remove", new=(), new_value=None)
            yield (*before, weaker, *after)
        if change.kind == "add" and len(change.new) > 1:
            for item in change.new:
                fewer = tuple(one for one in change.new if one != item)
                yield (*before, replace(change, new=fewer), *after)
