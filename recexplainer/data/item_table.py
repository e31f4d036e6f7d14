"""A file of items as catalogue entries with attributes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from recexplainer.data.reading import (
    MISSING,
    TableFormat,
    column_names,
    is_missing,
    require_columns,
)
from recexplainer.data.sieve import Sieve
from recexplainer.records import Item

__all__ = ["ItemColumns", "read_items"]

Values = tuple[str, ...]

_ITEMS_TO_JUDGE_BY = 20
_NEARLY_ALL = 0.9
"""An attribute of which nine values in ten occur once tells nothing about what items share."""


@dataclass(frozen=True, slots=True)
class ItemColumns:
    """Which columns of the items' file mean what; ``attributes`` None keeps the telling ones."""

    item: str
    title: str
    attributes: tuple[str, ...] | None
    list_separator: str
    table_format: TableFormat


def read_items(path: Path, columns: ItemColumns) -> tuple[list[Item], tuple[str, ...]]:
    """Return the items of ``path`` in its order, and the notes about what was left out.

    Raises:
        DataError: the file lacks a column, cannot be read, or most of its rows are unusable.
    """
    table_format = columns.table_format
    names = column_names(path, table_format)
    wanted = {columns.item: "item_id_column", columns.title: "title_column"}
    chosen = dict.fromkeys(columns.attributes or (), "attribute_columns")
    require_columns(path, {**chosen, **wanted}, names, table_format)
    attributes = [name for name in (columns.attributes or names) if name not in wanted]
    if columns.attributes == ():
        attributes = []
    sieve = Sieve(path, [*wanted, *attributes], table_format, "item")
    _drop_unusable(sieve, columns)
    values = {
        name: _values(sieve.frame[name].tolist(), columns.list_separator) for name in attributes
    }
    notes = sieve.notes()
    if columns.attributes is None:
        untelling = [name for name in attributes if _is_untelling(values[name])]
        notes += tuple(_left_out(name, values.pop(name), path) for name in untelling)
    items = [
        Item(item, title, {name: values[name][row] for name in values if values[name][row]})
        for row, (item, title) in enumerate(
            zip(sieve.frame[columns.item], sieve.frame[columns.title], strict=True)
        )
    ]
    return items, notes


def _drop_unusable(sieve: Sieve, columns: ItemColumns) -> None:
    sieve.drop(is_missing(sieve.frame[columns.item]), "without an item id")
    sieve.drop(is_missing(sieve.frame[columns.title]), "with an empty title")
    sieve.drop(sieve.frame.duplicated(), "repeating an earlier row")
    sieve.drop(
        sieve.frame.duplicated([columns.item]),
        "whose id an earlier row has with other cells (the first row counts)",
    )
    sieve.check_enough_left()


def _values(cells: Sequence[str], separator: str) -> list[Values]:
    def split(cell: str) -> Values:
        parts = cell.split(separator) if separator else [cell]
        stripped = (part.strip() for part in parts)
        return tuple(dict.fromkeys(part for part in stripped if part not in MISSING))

    return [split(cell) for cell in cells]


def _is_untelling(values: Sequence[Values]) -> bool:
    mentions = [value for item in values for value in item]
    known = sum(1 for item in values if item)
    return known >= _ITEMS_TO_JUDGE_BY and len(set(mentions)) >= _NEARLY_ALL * len(mentions)


def _left_out(name: str, values: Sequence[Values], path: Path) -> str:
    known = sum(1 for item in values if item)
    distinct = len({value for item in values for value in item})
    return (
        f"column {name!r} of {path.name} was left out, since nearly every item has its own value "
        f"({distinct:,} values in {known:,} items); name it in `attribute_columns` to keep it"
    )
