"""The data set ``csv``: a table of interactions and one of items, columns named by options."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from recexplainer.data.arrow_tables import ParquetFile
from recexplainer.data.delimited_files import DelimitedFile, TableFormat
from recexplainer.data.interaction_table import (
    InteractionColumns,
    read_interactions,
    require_interaction_columns,
)
from recexplainer.data.item_table import ItemColumns, read_items, require_item_columns
from recexplainer.data.text_tables import FileSource
from recexplainer.plugins.interfaces import Dataset, Options
from recexplainer.plugins.providers import objections
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
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    """The character between cells, such as ``","``, ``";"`` or a tab. None takes a tab for files
    that end in ``.tsv`` or ``.tab``, and else a comma."""
    encoding: str = "utf-8"
    """Encoding of both files, by Python's name for it."""
    rating_column: str | None = None
    """Column of ``interactions`` that ``rating_at_least`` is held against."""
    rating_at_least: float | None = None
    """Rows whose ``rating_column`` is lower are left out; None keeps all."""
    file_format: Literal["auto", "text", "parquet"] = "auto"
    """auto: files that end in ``.parquet`` or ``.pq`` are Parquet, all others delimited text."""

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str) -> str:
        try:
            codecs.lookup(encoding)
        except LookupError:
            message = f"unknown encoding {encoding!r}; try utf-8, latin-1 or cp1252"
            raise ValueError(message) from None
        return encoding

    @model_validator(mode="after")
    def _ratings_are_somewhere(self) -> CsvOptions:
        if self.rating_at_least is not None and self.rating_column is None:
            raise ValueError("rating_at_least needs rating_column, the column with the ratings")
        return self

    def source(self, path: Path) -> FileSource:
        """Return the file at ``path`` as its name or the options say it is written."""
        path = path.expanduser()
        endings = {ending.lower() for ending in path.suffixes}
        if self.file_format == "parquet" or (
            self.file_format == "auto" and endings & {".parquet", ".pq"}
        ):
            return ParquetFile(path)
        delimiter = self.delimiter or ("\t" if endings & {".tsv", ".tab"} else ",")
        return DelimitedFile(path, TableFormat(delimiter, self.encoding))


class CsvDataset(Dataset):
    """Reads a log from two tables: delimited text, gzipped or not, or Parquet.

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
            items, item_notes = read_items(options.source(options.items), self._item_columns())
            bar.advance()
            catalogue = Catalogue(items)
            histories, notes = read_interactions(
                options.source(options.interactions), self._interaction_columns(), catalogue
            )
            bar.advance()
        return InteractionLog(name, catalogue, histories, item_notes + notes)

    def objections(self) -> Iterator[str]:
        """Yield what the heads of the files show to be wrong; see ``Provider.ready``."""
        yield from objections(self._check_items, self._check_interactions)

    def _check_items(self) -> None:
        items = self.options.source(self.options.items)
        require_item_columns(items, self._item_columns())
        items.check_head()

    def _check_interactions(self) -> None:
        interactions = self.options.source(self.options.interactions)
        require_interaction_columns(interactions, self._interaction_columns())
        interactions.check_head()

    def _item_columns(self) -> ItemColumns:
        options = self.options
        return ItemColumns(
            item=options.item_id_column,
            title=options.title_column,
            attributes=options.attribute_columns,
            list_separator=options.list_separator,
        )

    def _interaction_columns(self) -> InteractionColumns:
        options = self.options
        return InteractionColumns(
            user=options.user_column,
            item=options.item_column,
            time=options.time_column,
            rating=None if options.rating_at_least is None else options.rating_column,
            rating_at_least=options.rating_at_least or 0,
        )
