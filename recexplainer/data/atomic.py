"""The data set ``recbole``: atomic files, whose header names each column with its type."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from pydantic import Field, field_validator

from recexplainer.data.delimited_files import DelimitedFile, TableFormat
from recexplainer.data.interaction_table import InteractionColumns
from recexplainer.data.item_table import ItemColumns
from recexplainer.data.table_dialect import Quoting
from recexplainer.data.text_encoding import known_encoding
from recexplainer.data.two_tables import TwoTables
from recexplainer.errors import DataError, nearest
from recexplainer.plugins.interfaces import Dataset, Options
from recexplainer.plugins.providers import objections
from recexplainer.records import InteractionLog, Progress

__all__ = ["AtomicDataset", "AtomicOptions"]

_TYPES = ("token", "token_seq", "float", "float_seq")
_WORDS = ("title", "name")
"""What the field of the title is called, somewhere in its name."""
_TIME, _RATING = "timestamp", "rating"
"""What RecBole calls these fields."""


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
    time_field: str | None = None
    """Field to sort by; None takes ``timestamp``, and where it is not there the file's order."""
    time_format: str | None = None
    """How dates in it are written, by the signs of ``strptime``; None finds it."""
    title_field: str | None = None
    """Field with the title. None takes the first whose name contains ``title``, then ``name``."""
    rating_field: str | None = None
    """Field that ``rating_at_least`` is held against; None takes ``rating``."""
    rating_at_least: float | None = None
    """Interactions whose ``rating_field`` is lower are left out; None keeps all."""
    field_separator: str | None = Field(default=None, min_length=1, max_length=1)
    """The character between fields; None finds it: a tab, unless another fits the header better."""
    encoding: str | None = None
    """Encoding of both files, by Python's name for it; None finds UTF-8, UTF-16 and cp1252."""
    quoting: Quoting | None = None
    """What double quotes mean: double, backslash or none, as of ``csv``; None finds it."""
    seq_separator: str = " "
    """Separates the values of a ``token_seq``."""

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, encoding: str | None) -> str | None:
        return known_encoding(encoding)


class AtomicDataset(Dataset):
    """Reads RecBole's ``.inter`` and ``.item`` files; fields of type token become attributes."""

    def __init__(self, options: AtomicOptions) -> None:
        self.options = options

    def load(self, progress: Progress) -> InteractionLog:
        """Return all interactions, oldest first per user, and all items.

        Raises:
            DataError: a file cannot be used; names the file and, where there is one, the line.
        """
        name = self.options.name or self.options.interactions.stem
        with progress.bar(f"reading {name}", 2) as bar:
            return self._tables().load(name, bar)

    def objections(self) -> Iterator[str]:
        """Yield what the heads of the files show to be wrong; see ``Provider.ready``."""
        yield from objections(self._check_items, self._check_interactions)

    def head_notes(self) -> Iterator[str]:
        """Yield what the heads of the files show to be guessed, dropped or odd."""
        yield from self._tables().head_notes()

    def _tables(self) -> TwoTables:
        listed, rows = self._file(self.options.items), self._file(self.options.interactions)
        return TwoTables(listed, self._item_columns(listed), rows, self._interaction_columns(rows))

    def _check_items(self) -> None:
        file = self._file(self.options.items)
        self._item_columns(file)
        file.check_head()

    def _check_interactions(self) -> None:
        file = self._file(self.options.interactions)
        self._interaction_columns(file)
        file.check_head()

    def _file(self, path: Path) -> DelimitedFile:
        written = TableFormat(
            delimiter=self.options.field_separator,
            usual_delimiter="\t",
            delimiter_option="field_separator",
            encoding=self.options.encoding,
            quoting=self.options.quoting,
            header=True,
            typed=True,
        )
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
        names = file.names()
        time = options.time_field or (_TIME if _TIME in names else None)
        rated = options.rating_field is not None or options.rating_at_least is not None
        rating = options.rating_field or _RATING if rated else None
        wanted = {options.user_id_field: "user_id_field", options.item_id_field: "item_id_field"}
        wanted |= {time: "time_field"} if time is not None else {}
        wanted |= {rating: "rating_field"} if rating is not None else {}
        file.require(wanted)
        return InteractionColumns(
            user=options.user_id_field,
            item=options.item_id_field,
            time=time,
            rating=rating,
            rating_at_least=options.rating_at_least,
            time_format=options.time_format,
        )


def _title_field(names: Sequence[str]) -> str | None:
    return next((name for word in _WORDS for name in names if word in name.lower()), None)
