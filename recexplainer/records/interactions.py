"""Items, histories and contexts: what a recommender is trained on and asked about.

Ids are the data set's own strings everywhere. Rows (integers) exist only inside arrays whose
order is the catalogue's or the contexts'.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, overload

__all__ = [
    "Catalogue",
    "Context",
    "InteractionLog",
    "Item",
    "Split",
    "TrainingHistories",
    "Users",
    "frequent_values",
    "one_full_stop",
    "spoken_attribute",
    "without_full_stop",
]

Split = Literal["train", "leave_one_out", "held_out_users"]
"""``train``: the surrogate learns from it. The other two are evaluated only:
``leave_one_out`` contexts belong to users whose earlier prefixes are in training,
``held_out_users`` contexts to users whose prefixes never are."""


Users = Mapping[str, Mapping[str, str]]
"""User id to what is known of the user, by column; no empty cells."""


@dataclass(frozen=True, slots=True)
class Item:
    """One item. ``title`` is unique within its catalogue once the log has been prepared."""

    id: str
    title: str
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Attribute name to its values, such as ``{"genre": ("Drama", "Crime")}``; no empty tuples."""


class Catalogue(Sequence[Item]):
    """The items the target can recommend, in the fixed order of the rows of ``(I, ...)`` arrays."""

    def __init__(self, items: Sequence[Item]) -> None:
        self._items = tuple(items)
        self._row = {item.id: row for row, item in enumerate(self._items)}

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self._items)

    @overload
    def __getitem__(self, row: int) -> Item: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Item, ...]: ...
    def __getitem__(self, row: int | slice) -> Item | tuple[Item, ...]:
        return self._items[row]

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._row

    def knows(self, item_id: str) -> bool:
        """Return whether an item is called ``item_id``."""
        return item_id in self._row

    def row(self, item_id: str) -> int:
        """Return the row of ``item_id``. Raises KeyError when it is not in the catalogue."""
        return self._row[item_id]

    def rows(self, item_ids: Sequence[str]) -> list[int]:
        """Return the rows of ``item_ids``, in their order."""
        return [self._row[item_id] for item_id in item_ids]

    def item(self, item_id: str) -> Item:
        """Return the item called ``item_id``. Raises KeyError when it is not in the catalogue."""
        return self._items[self._row[item_id]]

    def title(self, item_id: str) -> str:
        """Return the title of ``item_id``."""
        return self.item(item_id).title

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Item ids in row order."""
        return tuple(item.id for item in self._items)

    @cached_property
    def titles(self) -> tuple[str, ...]:
        """Titles in row order."""
        return tuple(item.title for item in self._items)

    @cached_property
    def id_of_title(self) -> Mapping[str, str]:
        """Title to item id; titles are unique in a prepared log."""
        return {item.title: item.id for item in self._items}

    @cached_property
    def id_of_folded_title(self) -> Mapping[str, str]:
        """Title without regard to case, to item id; of titles that differ in case alone, one."""
        return {item.title.casefold(): item.id for item in self._items}

    @cached_property
    def attribute_values(self) -> Mapping[str, tuple[str, ...]]:
        """Attribute name to all the values it takes, most frequent first."""
        counts: dict[str, dict[str, int]] = {}
        for item in self._items:
            for name, values in item.attributes.items():
                seen = counts.setdefault(name, {})
                for value in values:
                    seen[value] = seen.get(value, 0) + 1
        return {
            name: tuple(sorted(seen, key=lambda value: (-seen[value], value)))
            for name, seen in counts.items()
        }


@dataclass(frozen=True, slots=True)
class InteractionLog:
    """A data set: who interacted with what, oldest first.

    Attributes:
        name: the data set's name.
        catalogue: every item.
        histories: user id to item ids, oldest first; only items of the catalogue.
        notes: what was dropped, guessed or mended while reading, one counted sentence each.
        doubts: what stops a run unless ``dataset.accept_losses`` is set: a file of which more than
            a tenth of the rows was lost, and times that leave most histories without an order.
        users: what is known of users besides their histories, such as their age. Audits alone read
            it: neither a target nor a prompt ever sees it.
    """

    name: str
    catalogue: Catalogue
    histories: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    users: Users = field(default_factory=dict)

    @property
    def interactions(self) -> int:
        """Number of interactions."""
        return sum(len(history) for history in self.histories.values())


@dataclass(frozen=True, slots=True)
class Context:
    """A moment at which the target is asked: a user after the first ``end`` interactions.

    Attributes:
        user: the user's id.
        end: how many of the user's interactions lie before this moment.
        history: the last ``max_history`` of those, oldest first: what the target reads and prompts
            show.
        split: whether the surrogate may learn from it.
    """

    user: str
    end: int
    history: tuple[str, ...]
    split: Split

    @property
    def id(self) -> str:
        """A name that is unique within a log."""
        return f"{self.user}@{self.end}"


@dataclass(frozen=True, slots=True)
class TrainingHistories:
    """The target's training data: without the last interaction; the second-last only to stop early.

    Attributes:
        histories: user id to all interactions but the last two, oldest first.
        validation: user id to the second-last interaction's item id.
    """

    histories: Mapping[str, tuple[str, ...]]
    validation: Mapping[str, str]


def spoken_attribute(name: str) -> str:
    """Return an attribute's name as it is said: ``release_year`` is "release year"."""
    return name.replace("_", " ").strip()


def one_full_stop(sentence: str) -> str:
    """Return the sentence with one full stop at its end, where a value brings its own: "Inc."."""
    return sentence[:-1] if sentence.endswith("..") else sentence


def without_full_stop(value: str) -> str:
    """Return an attribute value without full stops at its end, which tell no values apart."""
    return value.rstrip(".") or value


def frequent_values(attribute: str, items: Sequence[Item]) -> tuple[str, ...]:
    """Return the values that a history leans to, most frequent first.

    They are in two items or more, and in half as many as the most frequent one.

    Args:
        attribute: whose values are counted.
        items: those of the history.
    """
    counts = Counter(value for item in items for value in set(item.attributes.get(attribute, ())))
    least = max(2.0, max(counts.values(), default=0) / 2)
    frequent = (value for value in counts if counts[value] >= least)
    return tuple(sorted(frequent, key=lambda value: (-counts[value], value)))
