"""The data set ``csv``: a table of interactions and one of items, columns named by options."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field, field_validator, model_validator

from recexplainer.data.arrow_tables import ParquetFile
from recexplainer.data.delimited_files import DelimitedFile, TableFormat
from recexplainer.data.id_maps import MappedIds
from recexplainer.data.interaction_table import InteractionColumns
from recexplainer.data.item_table import ItemColumns
from recexplainer.data.number_cells import DecimalMark
from recexplainer.data.record_file import RecordFile, record_kind
from recexplainer.data.record_lines import flat_record
from recexplainer.data.table_dialect import Quoting
from recexplainer.data.text_encoding import known_encoding
from recexplainer.data.text_tables import FileSource
from recexplainer.data.two_tables import TwoTables, TwoTablesDataset
from recexplainer.data.user_table import UserColumns
from recexplainer.plugins.interfaces import Options
from recexplainer.records import InteractionLog, Progress

__all__ = ["CsvDataset", "CsvOptions"]


class CsvOptions(Options):
    """Where the two files are and what their columns are called."""

    interactions: Path
    """File with one row per interaction."""
    items: Path
    """File with one row per item; or the same file once more, of which the first row of each item
    counts then."""
    name: str | None = None
    """What the report calls the data set; None takes the name of the interactions' folder."""
    user_column: str = "user_id"
    """Column of ``interactions`` with the user's id."""
    item_column: str = "item_id"
    """Column of ``interactions`` with the item's id."""
    time_column: str | None = None
    """Column of ``interactions`` to sort by: numbers or dates. None takes ``timestamp`` or
    ``position``, whichever is there, and else the order of the file."""
    time_format: str | None = None
    """How dates in it are written, such as ``"%d/%m/%Y %H:%M"``, by the signs of ``strptime``; None
    finds numbers, ISO 8601 and the formats of common data sets."""
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
    """The character between cells, such as ``","``, ``";"`` or a tab. None finds it: a tab in files
    that end in ``.tsv`` or ``.tab`` and else a comma, unless another fits the rows better."""
    encoding: str | None = None
    """Encoding of both files, by Python's name for it; None finds UTF-8, UTF-16 and cp1252."""
    quoting: Quoting | None = None
    """What double quotes mean. double: cells may stand in them, a quote within is written twice;
    backslash: a quote within has a backslash before it; none: they are text. None finds it."""
    header: bool | None = None
    """Whether the first line names the columns; without a header they are called ``"0"``, ``"1"``
    and so on. None finds it."""
    decimal: DecimalMark | None = None
    """The decimal mark of ratings and times; None takes a comma where the cells show one."""
    rating_column: str | None = None
    """Column of ``interactions`` that ``rating_at_least`` is held against."""
    rating_at_least: float | None = None
    """Rows whose ``rating_column`` is lower are left out; None keeps all."""
    user_map: Path | None = None
    """Table of two columns that turns the users' ids of ``interactions`` into others."""
    item_map: Path | None = None
    """Table of two columns, an item's id in ``interactions`` and its id in ``items``."""
    users: Path | None = None
    """File with one row per user, such as age or country, by which ``recx audit`` compares users;
    no recommender and no prompt sees it."""
    user_id_column: str = "user_id"
    """Column of ``users`` with the user's id, as ``interactions`` or ``user_map`` give it."""
    user_columns: tuple[str, ...] | None = None
    """Columns of ``users`` to keep. None keeps those that do not nearly name each user."""
    file_format: Literal["auto", "text", "json", "parquet"] = "auto"
    """auto: files that end in ``.parquet`` or ``.pq`` are Parquet, those that begin with ``{`` JSON
    lines, and all others delimited text."""

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str | None) -> str | None:
        return known_encoding(encoding)

    @field_validator("delimiter", mode="before")
    @classmethod
    def _tab(cls, delimiter: object) -> object:
        return "\t" if delimiter == "\\t" else delimiter

    @model_validator(mode="after")
    def _ratings_are_somewhere(self) -> CsvOptions:
        if self.rating_at_least is not None and self.rating_column is None:
            raise ValueError("rating_at_least needs rating_column, the column with the ratings")
        return self

    def source(self, path: Path, *columns: str | None) -> FileSource:
        """Return the file at ``path``, of which ``columns`` are asked for, as it is written."""
        path = path.expanduser()
        endings = {ending.lower() for ending in path.suffixes}
        if self.file_format == "parquet" or (
            self.file_format == "auto" and endings & {".parquet", ".pq"}
        ):
            return ParquetFile(path)
        kind = record_kind(path) if self.file_format in {"auto", "json"} else None
        if kind is not None or self.file_format == "json":
            encoding = self.encoding or "utf-8"
            return RecordFile(path, flat_record, kind=kind or "a JSON object", encoding=encoding)
        written = TableFormat(
            delimiter=self.delimiter,
            usual_delimiter="\t" if endings & {".tsv", ".tab"} else ",",
            encoding=self.encoding,
            quoting=self.quoting,
            header=self.header,
            numbered=any(column is not None and column.isdecimal() for column in columns),
        )
        return DelimitedFile(path, written)


class CsvDataset(TwoTablesDataset):
    """Reads a log from two tables: delimited text or JSON lines, packed or not, or Parquet.

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
            return self.tables().load(name, bar)

    def tables(self) -> TwoTables:
        """Return the two files and what their columns mean."""
        options = self.options
        item_columns = ItemColumns(
            item=options.item_id_column,
            title=options.title_column,
            attributes=options.attribute_columns,
            list_separator=options.list_separator,
        )
        columns = InteractionColumns(
            user=options.user_column,
            item=options.item_column,
            time=options.time_column,
            rating=options.rating_column,
            rating_at_least=options.rating_at_least,
            time_format=options.time_format,
            decimal=options.decimal,
        )
        rows = options.source(options.interactions, columns.user, columns.item, columns.time)
        known = UserColumns(options.user_id_column, options.user_columns)
        users = None
        if options.users is not None:
            users = (options.source(options.users, known.user), known)
        if options.items == options.interactions:
            own = replace(item_columns, attributes=options.attribute_columns or ())
            return TwoTables(None, own, rows, columns, users=users)
        items = options.source(options.items, item_columns.item, item_columns.title)
        maps = {columns.user: options.user_map, columns.item: options.item_map}
        return TwoTables(items, item_columns, self._mapped(rows, maps), columns, users=users)

    def _mapped(self, rows: FileSource, maps: Mapping[str, Path | None]) -> FileSource:
        sources = {
            column: self.options.source(path) for column, path in maps.items() if path is not None
        }
        return MappedIds(rows, sources) if sources else rows
