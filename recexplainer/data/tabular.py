"""The data set ``csv``: one file of interactions and one of items, columns named by options."""

from __future__ import annotations

import codecs
from pathlib import Path

from pydantic import Field, field_validator

from recexplainer.data.interaction_table import InteractionColumns, read_interactions
from recexplainer.data.item_table import ItemColumns, read_items
from recexplainer.data.reading import TableFormat
from recexplainer.plugins.interfaces import Dataset, Options
from recexplainer.records import Catalogue, InteractionLog, Progress

__all__ = ["CsvDataset", "CsvOptions"]


class CsvOptions(Options):
    """Where the two files are and what their columns are called."""

    interactions: Path
    """File with one row per interaction."""
    items: Path
    """File with one row per item."""
    name: str | None = None
    """What the report calls the data set; None takes the name of the interactions' folder."""
    user_column: str = "user_id"
    """Column of ``interactions`` with the user's id."""
    item_column: str = "item_id"
    """Column of ``interactions`` with the item's id."""
    time_column: str | None = None
    """Column of ``interactions`` to sort by: numbers or ISO 8601 dates. None takes ``timestamp`` or
    ``position``, whichever is there, and else the order of the file."""
    item_id_column: str = "item_id"
    """Column of ``items`` with the item's id."""
    title_column: str = "title"
    """Column of ``items`` with the title that prompts and explanations use."""
    attribute_columns: tuple[str, ...] | None = None
    """Columns of ``items`` to keep as attributes. None keeps all but those in which nearly every
    item has its own value."""
    list_separator: str = "|"
    """Separates several values in one attribute's cell; empty where cells hold one value."""
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    """The character between cells, such as ``","``, ``";"`` or a tab."""
    encoding: str = "utf-8"
    """Encoding of both files, by Python's name for it."""

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str) -> str:
        try:
            codecs.lookup(encoding)
        except LookupError:
            message = f"unknown encoding {encoding!r}; try utf-8, latin-1 or cp1252"
            raise ValueError(message) from None
        return encoding

    @property
    def table_format(self) -> TableFormat:
        """How both files are written."""
        return TableFormat(self.delimiter, self.encoding)


class CsvDataset(Dataset):
    """Reads a log from two delimited text files.

    Faults of a whole file (missing, wrong columns or encoding, rows too long) are errors. Unusable
    rows are dropped, counted and noted, unless they are more than half of a file.
    """

    def __init__(self, options: CsvOptions) -> None:
        self.options = options

    def load(self, progress: Progress) -> InteractionLog:
        """Return all interactions, oldest first per user, and all items.

        Raises:
            DataError: a file cannot be used; names the file and, where there is one, the line.
        """
        options = self.options
        name = options.name or options.interactions.resolve().parent.name
        with progress.bar(f"reading {name}", 2) as bar:
            items, item_notes = read_items(options.items.expanduser(), self._item_columns())
            bar.advance()
            catalogue = Catalogue(items)
            histories, notes = read_interactions(
                options.interactions.expanduser(), self._interaction_columns(), catalogue
            )
            bar.advance()
        return InteractionLog(name, catalogue, histories, item_notes + notes)

    def _item_columns(self) -> ItemColumns:
        options = self.options
        return ItemColumns(
            item=options.item_id_column,
            title=options.title_column,
            attributes=options.attribute_columns,
            list_separator=options.list_separator,
            table_format=options.table_format,
        )

    def _interaction_columns(self) -> InteractionColumns:
        options = self.options
        return InteractionColumns(
            user=options.user_column,
            item=options.item_column,
            time=options.time_column,
            table_format=options.table_format,
        )
