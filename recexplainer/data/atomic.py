"""The data set ``recbole``: atomic files, whose header names each column with its type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import Field

from recexplainer.data.delimited_files import DelimitedFile, TableFormat
from recexplainer.data.interaction_table import InteractionColumns, read_interactions
from recexplainer.data.item_table import ItemColumns, read_items
from recexplainer.errors import DataError, nearest
from recexplainer.plugins.interfaces import Dataset, Options
from recexplainer.plugins.providers import objections
from recexplainer.records import Catalogue, InteractionLog, Progress

__all__ = ["AtomicDataset", "AtomicOptions"]

_TYPES = ("token", "token_seq", "float", "float_seq")
_WORDS = ("title", "name")
"""What the field of the title is called, somewhere in its name."""


class AtomicOptions(Options):
    """Where the two files are and what their fields are called, in RecBole's own terms."""

    interactions: Path
    """The ``.inter`` file."""
    items: Path
    """The ``.item`` file."""
    name: str | None = None
    """What the report calls the data set; None takes the name of the ``.inter`` file."""
    user_id_field: str = "user_id"
    """Field with the user's id."""
    item_id_field: str = "item_id"
    """Field with the item's id, in both files."""
    time_field: str = "timestamp"
    """Field to sort by; without it the order of the file counts."""
    title_field: str | None = None
    """Field with the title. None takes the first whose name contains ``title``, then ``name``."""
    rating_field: str = "rating"
    """Field that ``rating_at_least`` is held against."""
    rating_at_least: float | None = None
    """Interactions whose ``rating_field`` is lower are left out; None keeps all."""
    field_separator: str = Field(default="\t", min_length=1, max_length=1)
    """The character between fields."""
    seq_separator: str = " "
    """Separates the values of a ``token_seq``."""


class AtomicDataset(Dataset):
    """Reads RecBole's ``.inter`` and ``.item`` files; fields of type token become attributes."""

    def __init__(self, options: AtomicOptions) -> None:
        self.options = options

    def load(self, progress: Progress) -> InteractionLog:
        """Return all interactions, oldest first per user, and all items.

        Raises:
            DataError: a file cannot be used; names the file and, where there is one, the line.
        """
        options = self.options
        interactions, listed = self._file(options.interactions), self._file(options.items)
        name = options.name or interactions.path.stem
        with progress.bar(f"reading {name}", 2) as bar:
            items, item_notes = read_items(listed, self._item_columns(listed))
            bar.advance()
            catalogue = Catalogue(items)
            columns = self._interaction_columns(interactions)
            histories, notes = read_interactions(interactions, columns, catalogue)
            bar.advance()
        return InteractionLog(name, catalogue, histories, item_notes + notes)

    def objections(self) -> Iterator[str]:
        """Yield what the heads of the files show to be wrong; see ``Provider.ready``."""
        yield from objections(self._check_items, self._check_interactions)

    def _check_items(self) -> None:
        file = self._file(self.options.items)
        self._item_columns(file)
        file.check_head()

    def _check_interactions(self) -> None:
        file = self._file(self.options.interactions)
        self._interaction_columns(file)
        file.check_head()

    def _file(self, path: Path) -> DelimitedFile:
        written = TableFormat(self.options.field_separator, typed=True)
        file = DelimitedFile(path.expanduser(), written)
        for name, kind in file.types().items():
            if kind not in _TYPES:
                close = next(iter(nearest(kind, _TYPES)), _TYPES[0])
                message = (
                    f"field {name!r} has {f'the type {kind!r}' if kind else 'no type'}, where "
                    f"atomic files have one of {', '.join(_TYPES)}; write {name}:{close}"
                )
                raise DataError(message, path=file.path, line=1)
        return file

    def _item_columns(self, file: DelimitedFile) -> ItemColumns:
        options, types = self.options, file.types()
        texts = [name for name, kind in types.items() if kind in {"token", "token_seq"}]
        title = options.title_field or _title_field(texts) or _WORDS[0]
        file.require({options.item_id_field: "item_id_field", title: "title_field"})
        return ItemColumns(
            item=options.item_id_field,
            title=title,
            attributes=None,
            list_separator=options.seq_separator,
            candidates=tuple(texts),
            lists=tuple(name for name in texts if types[name] == "token_seq"),
        )

    def _interaction_columns(self, file: DelimitedFile) -> InteractionColumns:
        options = self.options
        wanted = {options.user_id_field: "user_id_field", options.item_id_field: "item_id_field"}
        rating = None if options.rating_at_least is None else options.rating_field
        if rating is not None:
            wanted[rating] = "rating_field"
        file.require(wanted)
        return InteractionColumns(
            user=options.user_id_field,
            item=options.item_id_field,
            time=options.time_field if options.time_field in file.names() else None,
            rating=rating,
            rating_at_least=options.rating_at_least or 0,
        )


def _title_field(names: Sequence[str]) -> str | None:
    return next((name for word in _WORDS for name in names if word in name.lower()), None)
