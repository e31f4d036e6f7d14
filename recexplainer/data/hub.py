"""The data set ``hub``: any table that the library ``datasets`` can load, with named columns."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import model_validator

from recexplainer.data.arrow_tables import ArrowRows
from recexplainer.data.delimited_files import DelimitedFile, TableFormat
from recexplainer.data.interaction_table import InteractionColumns, read_interactions
from recexplainer.data.item_table import ItemColumns, read_items
from recexplainer.data.number_cells import DecimalMark
from recexplainer.data.opened_files import PACKED_ENDINGS
from recexplainer.data.record_file import RecordFile, record_kind
from recexplainer.data.record_lines import flat_record
from recexplainer.data.text_tables import FirstOfEach, Source
from recexplainer.errors import DataError
from recexplainer.plugins.interfaces import Dataset, Options
from recexplainer.records import Catalogue, InteractionLog, Progress

__all__ = ["HubDataset", "HubOptions"]

_BUILDERS = {
    ".json": "json",
    ".jsonl": "json",
    ".parquet": "parquet",
    ".arrow": "arrow",
}

_DELIMITED = {".csv": ",", ".tsv": "\t"}
"""Endings of text files, which are read as those of ``csv`` are, and the usual delimiter."""


class HubOptions(Options):
    """Where the rows are and which columns mean what.

    Interactions come from ``repository`` or ``path``. Items come from the ``items_...`` options
    where one is given, and else from the rows of the interactions themselves.
    """

    repository: str | None = None
    """A data set on the Hugging Face hub, such as ``owner/name``; naming one downloads it."""
    path: Path | None = None
    """A local folder or file instead: CSV, JSON lines, Parquet, or what ``save_to_disk`` wrote."""
    configuration: str | None = None
    """Which of the data set's configurations holds the interactions."""
    split: str = "train"
    """Which split holds the interactions."""
    items_repository: str | None = None
    """A data set on the hub with one row per item."""
    items_path: Path | None = None
    """A local folder or file with one row per item."""
    items_configuration: str | None = None
    """Which configuration holds the items; alone, it is one of the interactions' data set."""
    items_split: str = "train"
    """Which split holds the items."""
    name: str | None = None
    """What the report calls the data set; None takes the name of the repository or path."""
    user_column: str = "user_id"
    """Column of the interactions with the user's id."""
    item_column: str = "item_id"
    """Column of the interactions with the item's id."""
    time_column: str | None = None
    """Column of the interactions to sort by. None takes ``timestamp`` or ``position``, whichever is
    there, and else the order of the rows."""
    time_format: str | None = None
    """How dates in it are written, by the signs of ``strptime``; None finds it."""
    decimal: DecimalMark | None = None
    """The decimal mark of ratings and times that are text; None finds it."""
    rating_column: str | None = None
    """Column of the interactions that ``rating_at_least`` is held against."""
    rating_at_least: float | None = None
    """Rows whose ``rating_column`` is lower are left out; None keeps all."""
    item_id_column: str | None = None
    """Column of the items with the item's id; None takes ``item_column``."""
    title_column: str = "title"
    """Column of the items with the title that prompts and explanations use."""
    attribute_columns: tuple[str, ...] | None = None
    """Columns of the items to keep as attributes. None keeps, of items with rows of their own, all
    but those in which nearly every item has its own value, and else none."""
    list_separator: str = "|"
    """Separates several values in one attribute's text; columns of lists need none."""

    @model_validator(mode="after")
    def _consistent(self) -> HubOptions:
        if (self.repository is None) == (self.path is None):
            raise ValueError(
                "give either repository, a data set on the hub, or path, a local folder or file"
            )
        if self.items_repository is not None and self.items_path is not None:
            raise ValueError("give items_repository or items_path, not both")
        if self.rating_at_least is not None and self.rating_column is None:
            raise ValueError("rating_at_least needs rating_column, the column with the ratings")
        return self


@dataclass(frozen=True, slots=True)
class _Place:
    """Where one table is: in a repository or at a path, under a configuration and split."""

    repository: str | None
    path: Path | None
    configuration: str | None
    split: str

    @property
    def label(self) -> Path:
        """What messages call it."""
        return Path(self.repository or "") if self.path is None else self.path.expanduser()


class HubDataset(Dataset):
    """Reads a log with ``datasets``. No code of a data set is ever executed.

    Only a repository that was named is downloaded. Local files are read without writing to the
    cache of the library.
    """

    def __init__(self, options: HubOptions) -> None:
        self.options = options

    def load(self, progress: Progress) -> InteractionLog:
        """Return all interactions, oldest first per user, and all items.

        Raises:
            DataError: the data set cannot be loaded, or lacks a column.
        """
        options = self.options
        place = _Place(options.repository, options.path, options.configuration, options.split)
        name = options.name or place.label.stem
        with progress.bar(f"reading {name}", 2) as bar:
            rows = _rows(place)
            items, findings = read_items(self._items(rows, place), self._item_columns())
            bar.advance()
            catalogue = Catalogue(items)
            columns = InteractionColumns(
                user=options.user_column,
                item=options.item_column,
                time=options.time_column,
                rating=options.rating_column,
                rating_at_least=options.rating_at_least,
                time_format=options.time_format,
                decimal=options.decimal,
            )
            histories, found = read_interactions(rows, columns, catalogue)
            bar.advance()
        return (findings + found).log(name, catalogue, histories)

    @property
    def _items_apart(self) -> bool:
        options = self.options
        return any((options.items_repository, options.items_path, options.items_configuration))

    def _item_columns(self) -> ItemColumns:
        options = self.options
        attributes = options.attribute_columns
        return ItemColumns(
            item=options.item_id_column or options.item_column,
            title=options.title_column,
            attributes=attributes if self._items_apart else attributes or (),
            list_separator=options.list_separator,
        )

    def _items(self, rows: Source, place: _Place) -> Source:
        """Return one row per item: a table of its own, or each item's first of the interactions."""
        options = self.options
        if not self._items_apart:
            rows.require({options.item_column: "item_column"})
            return FirstOfEach(rows, options.item_column)
        elsewhere = options.items_repository or options.items_path
        return _rows(
            _Place(
                repository=options.items_repository if elsewhere else place.repository,
                path=options.items_path if elsewhere else place.path,
                configuration=options.items_configuration,
                split=options.items_split,
            )
        )


def _rows(place: _Place) -> Source:
    """Return one table, loaded into memory unless it is a text file.

    Raises:
        DataError: it cannot be loaded.
    """
    import datasets

    label = place.label
    if place.path is not None and not label.exists():
        raise DataError("there is no such file or folder", path=label)
    endings = {ending.lower() for ending in label.suffixes}
    if place.path is not None and label.is_file() and endings & _DELIMITED.keys():
        usual = next(mark for ending, mark in _DELIMITED.items() if ending in endings)
        return DelimitedFile(label, TableFormat(usual_delimiter=usual))
    if endings & PACKED_ENDINGS and (kind := record_kind(label)):
        return RecordFile(label, flat_record, kind=kind)  # the library goes by the last ending
    with _quiet(), tempfile.TemporaryDirectory() as scratch:
        try:
            loaded = _load(place, scratch)
        except (datasets.exceptions.DatasetsError, OSError, ValueError) as error:
            cause = error.__cause__ or error
            reason = str(cause).strip().split("\n", 1)[0]
            message = f"cannot be loaded ({type(cause).__name__}: {reason})"
            raise DataError(f"{message}. {_next_step(place)}", path=label) from None
        return ArrowRows(label, loaded.with_format("arrow")[:])


def _load(place: _Place, scratch: str) -> Any:
    from datasets import DatasetDict, load_dataset, load_from_disk

    if place.path is None:
        return load_dataset(place.repository, place.configuration, split=place.split)
    path = place.label
    if path.is_dir() and ((path / "state.json").exists() or (path / "dataset_dict.json").exists()):
        saved = load_from_disk(str(path))
        if not isinstance(saved, DatasetDict):
            return saved
        if place.split not in saved:
            raise ValueError(f"there is no split {place.split!r}; there are: {', '.join(saved)}")
        return saved[place.split]
    if path.is_dir():
        return load_dataset(str(path), place.configuration, split=place.split, cache_dir=scratch)
    builder = _BUILDERS.get(path.suffix.lower())
    if builder is None:
        raise ValueError(f"files end in {', '.join((*_DELIMITED, *_BUILDERS))}")
    return load_dataset(builder, data_files=str(path), split="train", cache_dir=scratch)


def _next_step(place: _Place) -> str:
    if place.path is None:
        return (
            "Check the name, the configuration and the split; offline, only what is in the cache "
            "can be read"
        )
    return "Give a folder or file of CSV, JSON lines or Parquet, and a split that it has"


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the library's own bars and tracebacks off the screen; errors are raised as well."""
    from datasets import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
        logging,
    )

    were_off, verbosity = are_progress_bars_disabled(), logging.get_verbosity()
    disable_progress_bars()
    logging.set_verbosity(logging.CRITICAL)
    try:
        yield
    finally:
        logging.set_verbosity(verbosity)
        if not were_off:
            enable_progress_bars()
