"""A file of items as catalogue entries with attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from recexplainer.data.read_findings import Findings
from recexplainer.data.sieve import Sieve
from recexplainer.data.text_tables import Source, Table, is_missing, split_values
from recexplainer.records import Item

__all__ = ["ItemColumns", "read_items", "require_item_columns", "usable_items"]

Values = tuple[str, ...]

_ITEMS_TO_JUDGE_BY = 20
_NEARLY_ALL = 0.9
"""An attribute of which nine values in ten occur once tells nothing about what items share."""


@dataclass(frozen=True, slots=True)
class ItemColumns:
    """Which columns of a source of items mean what.

    Attributes:
        item: the item's id.
        title: its title.
        attributes: what to keep as attributes; None keeps the telling ones of ``candidates``.
        list_separator: separates the values in a cell; empty where cells hold one.
        candidates: columns that may be attributes; None for all.
        lists: columns that ``list_separator`` is for; None for all.
    """

    item: str
    title: str
    attributes: tuple[str, ...] | None = None
    list_separator: str = ""
    candidates: tuple[str, ...] | None = None
    lists: tuple[str, ...] | None = None

    def separator(self, column: str) -> str:
        """Return what separates the values in a cell of ``column``."""
        return self.list_separator if self.lists is None or column in self.lists else ""


def read_items(source: Source, columns: ItemColumns) -> tuple[list[Item], Findings]:
    """Return the items of ``source`` in its order, and what was found about its rows.

    Raises:
        DataError: the file lacks a column, cannot be read, or most of its rows are unusable.
    """
    require_item_columns(source, columns)
    wanted, chosen = (columns.item, columns.title), columns.attributes
    possible = source.names() if columns.candidates is None else columns.candidates
    attributes = [name for name in (possible if chosen is None else chosen) if name not in wanted]
    sieve, doubts = usable_items(source.read(list(dict.fromkeys([*wanted, *attributes]))), columns)
    values = {
        name: [split_values(cell, columns.separator(name)) for cell in sieve.frame[name].tolist()]
        for name in attributes
    }
    notes = sieve.notes()
    if chosen is None:
        untelling = [name for name in attributes if _is_untelling(values[name])]
        notes += tuple(_left_out(name, values.pop(name), source) for name in untelling)
    items = [
        Item(item, title, {name: values[name][row] for name in values if values[name][row]})
        for row, (item, title) in enumerate(
            zip(sieve.frame[columns.item], sieve.frame[columns.title], strict=True)
        )
    ]
    return items, Findings(notes, doubts)


def require_item_columns(source: Source, columns: ItemColumns) -> None:
    """Check that ``source`` has every column that is named. Raises DataError where it lacks one."""
    wanted = {columns.item: "item_id_column", columns.title: "title_column"}
    source.require({**dict.fromkeys(columns.attributes or (), "attribute_columns"), **wanted})


def usable_items(table: Table, columns: ItemColumns) -> tuple[Sieve, tuple[str, ...]]:
    """Return the rows of ``table`` that have an id of their own and a title, and doubts about it.

    Raises:
        DataError: most of its rows are unusable.
    """
    sieve = Sieve(table, "item")
    sieve.drop(is_missing(sieve.frame[columns.item]), "without an item id")
    sieve.drop(is_missing(sieve.frame[columns.title]), "with an empty title")
    sieve.drop(sieve.frame.duplicated(), "repeating an earlier row", lost=False)
    sieve.drop(
        sieve.frame.duplicated([columns.item]),
        "whose id an earlier row has with other cells (the first row counts)",
        lost=False,  # the item is there
    )
    return sieve, sieve.doubts()


def _is_untelling(values: Sequence[Values]) -> bool:
    mentions = [value for item in values for value in item]
    known = sum(1 for item in values if item)
    return known >= _ITEMS_TO_JUDGE_BY and len(set(mentions)) >= _NEARLY_ALL * len(mentions)


def _left_out(name: str, values: Sequence[Values], source: Source) -> str:
    known = sum(1 for item in values if item)
    distinct = len({value for item in values for value in item})
    return (
        f"column {name!r} of {source.path.name} was left out, since nearly every item has its own "
        f"value ({distinct:,} values in {known:,} items); name it in `attribute_columns` to keep it"
    )
