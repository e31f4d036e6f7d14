"""The data set ``amazon``: reviews and metadata of one category, as they are distributed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import Field

from recexplainer.data.amazon_editions import (
    FirstColumn,
    Metadata,
    Reviews,
    metadata_of,
    metadata_records,
    reviews_of,
)
from recexplainer.data.interaction_table import InteractionColumns
from recexplainer.data.item_table import ItemColumns
from recexplainer.data.markup import flat_texts, plain_text
from recexplainer.data.record_file import RecordFile, megabytes
from recexplainer.data.record_lines import Record, any_record
from recexplainer.data.two_tables import TwoTables
from recexplainer.errors import DataError
from recexplainer.plugins.interfaces import Dataset, Options
from recexplainer.plugins.providers import objections
from recexplainer.records import Bar, InteractionLog, Progress

__all__ = ["AmazonDataset", "AmazonOptions"]

_ITEM, _TITLE, _BRAND, _CATEGORY = "item", "title", "brand", "category"
_BRANDS, _CATEGORIES = ("store", "brand"), ("categories", "category")
"""Fields of any year with the maker, and with the categories."""
_SCRIPT = "getTime"
"""In titles of the 2018 metadata that hold a script of the page instead of the title."""
_MAKER = re.compile(r"^(?:by\s+|Visit (?:Amazon's|the)\s+)|\s+(?:Page|Store)$")
"""Words around a maker's name in what the shop's pages link to."""


class AmazonOptions(Options):
    """Where the two files of one category are, and which reviews count as interactions."""

    reviews: Path
    """The category's reviews, such as ``Video_Games_5.json.gz`` (2018) or ``Video_Games.jsonl.gz``
    (2023), or its ratings, such as ``ratings_Video_Games.csv`` (2014), ``Video_Games.csv`` (2018)
    or ``Video_Games.csv.gz`` (2023); packed or not."""
    metadata: Path
    """The category's items of the same year, such as ``meta_Video_Games.json.gz``."""
    name: str | None = None
    """What the report calls the data set; None takes the name of the reviews' file."""
    rating_at_least: float = Field(default=0, ge=0, le=5)
    """Reviews with fewer stars (they run from 1 to 5) are left out; 0 keeps all."""
    first_column: FirstColumn | None = None
    """Whose ids stand first in ratings without a header: user (2014) or item (2018); None finds
    it."""


class AmazonDataset(Dataset):
    """Amazon reviews of 2014 (McAuley et al.), 2018 (Ni et al.) or 2023 (Hou et al.).

    What a file holds shows in its fields: reviews are lines of JSON or a table of ratings, metadata
    lines of JSON or, in 2014, of Python. Items are told apart by ``asin`` until 2018 and, variants
    of a product taken together, by ``parent_asin`` in 2023.
    """

    def __init__(self, options: AmazonOptions) -> None:
        self.options = options

    def load(self, progress: Progress) -> InteractionLog:
        """Return the reviews as interactions, oldest first per user, and all items with a title.

        Raises:
            DataError: a file cannot be used, or the two name items differently.
        """
        paths = self._paths
        name = self.options.name or paths[0].name.partition(".")[0]
        with progress.bar(f"reading {name} (MB)", sum(map(megabytes, paths))) as bar:
            reviews, metadata = self._recognized()
            log = self._tables(reviews, metadata, bar).load(name)
            if not isinstance(reviews.source, RecordFile):
                bar.advance(megabytes(paths[0]))
            return log

    def objections(self) -> Iterator[str]:
        """Yield what the first lines of the files show to be wrong; see ``Provider.ready``."""
        yield from objections(lambda: metadata_of(self._paths[1]), self._recognized)

    def head_notes(self) -> Iterator[str]:
        """Yield what the first lines of the files show to be dropped or odd."""
        yield from self._tables(*self._recognized(), None).head_notes()

    @property
    def _paths(self) -> tuple[Path, Path]:
        return self.options.reviews.expanduser(), self.options.metadata.expanduser()

    def _recognized(self) -> tuple[Reviews, Metadata]:
        """Return what the files are. Raises DataError where they do not go together."""
        path, listed = self._paths
        metadata = metadata_of(listed)
        reviews = reviews_of(path, metadata, self.options.first_column)
        if reviews.fields.item != metadata.item:
            message = (
                f"these items are of {metadata.year} and the reviews of {reviews.fields.year}, "
                "whose items have other ids; take both from one year"
            )
            raise DataError(message, path=listed)
        return reviews, metadata

    def _tables(self, reviews: Reviews, metadata: Metadata, bar: Bar | None) -> TwoTables:
        rows, fields, least = reviews.source, reviews.fields, self.options.rating_at_least
        if isinstance(rows, RecordFile):
            rows = replace(rows, columns=fields.names, bar=bar)
        columns = (_ITEM, _TITLE, _BRAND, _CATEGORY)
        return TwoTables(
            replace(
                metadata_records(metadata.path),
                parse=_Items(metadata.item),
                columns=columns,
                bar=bar,
            ),
            ItemColumns(_ITEM, _TITLE, (_BRAND, _CATEGORY)),
            rows,
            InteractionColumns(
                fields.user, fields.item, fields.time, fields.rating if least else None, least
            ),
            told=(
                (
                    f"{rows.path.name} was recognized as {reviews.told}, {metadata.path.name} as "
                    f"{metadata.told}"
                ),
            ),
        )


@dataclass(frozen=True, slots=True)
class _Items:
    """Turns a line of metadata into an item's id, title, brand and categories."""

    item: str

    def __call__(self, line: str) -> Record:
        record = any_record(line)
        title = record.get(_TITLE)
        return {
            _ITEM: record.get(self.item),
            _TITLE: "" if _SCRIPT in str(title) else title,
            _BRAND: [_maker(str(name)) for name in flat_texts(_any(record, _BRANDS))],
            _CATEGORY: list(flat_texts(_any(record, _CATEGORIES))),
        }


def _any(record: Record, fields: Sequence[str]) -> object:
    return next((record[field] for field in fields if record.get(field)), None)


def _maker(name: str) -> str:
    """Return the name of a brand without the words of the link that it was taken from.

    >>> _maker("by Nintendo"), _maker("Visit Amazon's Sid Meier Page")
    ('Nintendo', 'Sid Meier')
    """
    return _MAKER.sub("", plain_text(name))  # entities stand in what is looked for
