"""Editions of Amazon's reviews: what a file holds shows in its fields, not in its name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from recexplainer.data.delimited_files import DelimitedFile, TableFormat
from recexplainer.data.number_cells import is_number
from recexplainer.data.record_file import RecordFile, record_kind
from recexplainer.data.record_lines import any_record
from recexplainer.data.text_tables import FileSource
from recexplainer.errors import DataError

__all__ = [
    "FirstColumn",
    "Metadata",
    "ReviewFields",
    "Reviews",
    "metadata_of",
    "metadata_records",
    "reviews_of",
]

FirstColumn = Literal["user", "item"]

_ASIN = re.compile(r"B[0-9A-Z]{9}|[0-9]{9}[0-9X]")
_EARLY_METADATA, _LATE_METADATA = {"categories", "salesRank", "imUrl"}, {"category", "also_buy"}
"""Fields of 2014 and of 2018 by which their metadata differ."""
_CELLS_WITHOUT_HEADER = 4


@dataclass(frozen=True, slots=True)
class ReviewFields:
    """What the fields of reviews are called, in which year."""

    year: str
    user: str
    item: str
    time: str
    rating: str

    @property
    def names(self) -> tuple[str, ...]:
        """All of them."""
        return self.user, self.item, self.time, self.rating


_OLD = ReviewFields("2014 or 2018", "reviewerID", "asin", "unixReviewTime", "overall")
_NEW = ReviewFields("2023", "user_id", "parent_asin", "timestamp", "rating")
_ORDERS: dict[FirstColumn, tuple[str, ...]] = {
    "user": (_OLD.user, _OLD.item, _OLD.rating, _OLD.time),
    "item": (_OLD.item, _OLD.user, _OLD.rating, _OLD.time),
}
"""Columns of the files that hold ratings only, which have no header, by the first of them."""
_YEAR_OF_ORDER: dict[FirstColumn, str] = {"user": "2014", "item": "2018"}


@dataclass(frozen=True, slots=True)
class Reviews:
    """A file of reviews or ratings.

    Attributes:
        source: its rows.
        fields: what their columns are called.
        told: what it was taken for, for the reader.
    """

    source: FileSource
    fields: ReviewFields
    told: str


@dataclass(frozen=True, slots=True)
class Metadata:
    """A file of items.

    Attributes:
        path: the file.
        item: the field with the item's id.
        year: of the edition.
        told: what it was taken for, for the reader.
    """

    path: Path
    item: str
    year: str
    told: str


def metadata_of(path: Path) -> Metadata:
    """Return what the metadata at ``path`` are.

    Raises:
        DataError: they are none of Amazon's, or the file cannot be read.
    """
    records = metadata_records(path)
    fields = set(records.fields())
    item = next((one.item for one in (_NEW, _OLD) if one.item in fields), None)
    if item is None or "title" not in fields:
        message = "this is no metadata of Amazon's (asin or parent_asin, title); it has "
        raise DataError(message + _listed(records.fields()), path=path, line=1)
    year = "2023" if item == _NEW.item else _old_year(fields)
    return Metadata(path, item, year, f"metadata of {year} ({records.kind} per line)")


def metadata_records(path: Path) -> RecordFile:
    """Return the records at ``path``, with the fields that they have."""
    return RecordFile(path, any_record, kind=record_kind(path) or "a JSON object")


def reviews_of(path: Path, metadata: Metadata, first_column: FirstColumn | None) -> Reviews:
    """Return what the reviews at ``path`` are.

    Args:
        path: the file.
        metadata: those of the same category.
        first_column: of a file without a header; None finds it.

    Raises:
        DataError: they are none of Amazon's, or the file cannot be read.
    """
    if kind := record_kind(path):
        records = RecordFile(path, any_record, kind=kind)
        fields = _known(path, records.fields())
        return Reviews(records, fields, f"reviews of {fields.year} ({kind} per line)")
    table = DelimitedFile(path)
    names = table.names()
    if len(names) == _CELLS_WITHOUT_HEADER and not _is_header(table, names):
        first = first_column or _first_column(path, metadata)
        fields, order = _OLD, _ORDERS[first]
        told = f"ratings of {_YEAR_OF_ORDER[first]} (CSV without a header: {', '.join(order)})"
        rows = DelimitedFile(path, TableFormat(names=order))
        return Reviews(rows, fields, told)
    fields = _known(path, names)
    return Reviews(table, fields, f"ratings of {fields.year} (CSV)")


def _known(path: Path, names: Sequence[str]) -> ReviewFields:
    fields = next((one for one in (_NEW, _OLD) if {one.user, one.item} <= set(names)), None)
    if fields is None:
        message = (
            "this is no review of Amazon's (2023: user_id, parent_asin; 2018 and 2014: "
            "reviewerID, asin; or four columns without a header); it has "
        )
        raise DataError(message + _listed(names), path=path, line=1)
    return fields


def _is_header(table: DelimitedFile, names: Sequence[str]) -> bool:
    return table.dialect().header and not all(map(is_number, names[2:]))


def _first_column(path: Path, metadata: Metadata) -> FirstColumn:
    """Return whose ids come first, by those of ``metadata`` or else by how they look.

    Raises:
        DataError: neither tells.
    """
    columns = ("0", "1", "2", "3")
    rows = DelimitedFile(path, TableFormat(names=columns)).head().read(columns[:2]).frame
    items = metadata_records(metadata.path).head().read([metadata.item]).frame
    listed = set(items[metadata.item])
    for hits in (
        [int(rows[column].isin(listed).sum()) for column in columns[:2]],
        [int(rows[column].str.fullmatch(_ASIN).sum()) for column in columns[:2]],
    ):
        if hits[0] != hits[1]:
            return "item" if hits[0] > hits[1] else "user"
    message = (
        "whether users or items come first cannot be told here: neither column looks like the ids "
        f"of {metadata.path.name}. Set the option `first_column` to user or item"
    )
    raise DataError(message, path=path, line=1)


def _old_year(fields: set[str]) -> str:
    early, late = len(fields & _EARLY_METADATA), len(fields & _LATE_METADATA)
    if early == late:
        return "2014 or 2018"
    return "2014" if early > late else "2018"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:8]) or "no fields"
