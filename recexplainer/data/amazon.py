"""The data set ``amazon``: reviews and metadata of one category, as they are distributed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from recexplainer.data.interaction_table import InteractionColumns
from recexplainer.data.item_table import ItemColumns
from recexplainer.data.markup import flat_texts, plain_text
from recexplainer.data.record_file import Record, RecordFile, json_record, megabytes
from recexplainer.data.two_tables import TwoTables
from recexplainer.errors import DataError
from recexplainer.plugins.interfaces import Dataset, Options
from recexplainer.plugins.providers import objections
from recexplainer.records import Bar, InteractionLog, Progress

__all__ = ["AmazonDataset", "AmazonOptions"]

_ITEM, _TITLE, _BRAND, _CATEGORY = "item", "title", "brand", "category"
_JSON = "a JSON object"
_SCRIPT = "getTime"
"""In titles of the 2018 metadata that hold a script of the page instead of the title."""
_MAKER = re.compile(r"^(?:by\s+|Visit (?:Amazon's|the)\s+)|\s+(?:Page|Store)$")
"""Words around a maker's name in what the shop's pages link to."""


class AmazonOptions(Options):
    """Where the two files of one category are, and which reviews count as interactions."""

    reviews: Path
    """The category's reviews, such as ``Video_Games.json.gz`` or ``Video_Games_5.json.gz`` (2018)
    or ``Video_Games.jsonl.gz`` (2023); gzipped or not."""
    metadata: Path
    """The category's items of the same year, such as ``meta_Video_Games.json.gz``."""
    name: str | None = None
    """What the report calls the data set; None takes the name of the reviews' file."""
    rating_at_least: float = Field(default=0, ge=0, le=5)
    """Reviews with fewer stars (they run from 1 to 5) are left out; 0 keeps all."""


@dataclass(frozen=True, slots=True)
class _Generation:
    """The fields of one year's files."""

    year: int
    user: str
    item: str
    time: str
    rating: str
    brand: str
    categories: str

    @property
    def review(self) -> tuple[str, ...]:
        return self.user, self.item, self.time, self.rating


_GENERATIONS = (
    _Generation(
        2023,
        "user_id",
        "parent_asin",
        "timestamp",
        "rating",
        brand="store",
        categories="categories",
    ),
    _Generation(
        2018,
        "reviewerID",
        "asin",
        "unixReviewTime",
        "overall",
        brand="brand",
        categories="category",
    ),
)
"""Newest first: its files have ``asin`` too."""


class AmazonDataset(Dataset):
    """Amazon reviews of 2018 (Ni et al., 2019) or 2023 (Hou et al., 2024), with brand and category.

    Which of the two it is shows in the names of the fields. Items are told apart by ``asin`` in
    2018 and, variants of a product taken together, by ``parent_asin`` in 2023.
    """

    def __init__(self, options: AmazonOptions) -> None:
        self.options = options

    def load(self, progress: Progress) -> InteractionLog:
        """Return the reviews as interactions, oldest first per user, and all items with a title.

        Raises:
            DataError: a file cannot be used, or the two are of different years.
        """
        options = self.options
        reviews, metadata = self._files
        name = options.name or reviews.name.partition(".")[0]
        generation = _generation(reviews, metadata)
        total = megabytes(reviews) + megabytes(metadata)
        with progress.bar(f"reading {name} (MB)", total) as bar:
            return self._tables(generation, bar).load(name)

    def objections(self) -> Iterator[str]:
        """Yield what the first lines of the files show to be wrong; see ``Provider.ready``."""
        reviews, metadata = self._files
        apart = list(objections(lambda: _of_reviews(reviews), lambda: _of_metadata(metadata)))
        yield from apart or objections(lambda: _generation(reviews, metadata))

    def head_notes(self) -> Iterator[str]:
        """Yield what the first lines of the files show to be dropped or odd."""
        yield from self._tables(_generation(*self._files), None).head_notes()

    def _tables(self, generation: _Generation, bar: Bar | None) -> TwoTables:
        reviews, metadata = self._files
        columns = (_ITEM, _TITLE, _BRAND, _CATEGORY)
        return TwoTables(
            RecordFile(metadata, _Items(generation), columns, _JSON, bar=bar),
            ItemColumns(_ITEM, _TITLE, (_BRAND, _CATEGORY)),
            RecordFile(reviews, json_record, generation.review, _JSON, bar=bar),
            self._columns(generation),
        )

    @property
    def _files(self) -> tuple[Path, Path]:
        return self.options.reviews.expanduser(), self.options.metadata.expanduser()

    def _columns(self, generation: _Generation) -> InteractionColumns:
        least = self.options.rating_at_least
        rating = generation.rating if least else None
        return InteractionColumns(
            generation.user, generation.item, generation.time, rating, rating_at_least=least
        )


@dataclass(frozen=True, slots=True)
class _Items:
    """Turns a line of metadata into an item's id, title, brand and categories."""

    generation: _Generation

    def __call__(self, line: str) -> Record:
        record = json_record(line)
        title = record.get(_TITLE)
        return {
            _ITEM: record.get(self.generation.item),
            _TITLE: "" if _SCRIPT in str(title) else title,
            _BRAND: [_maker(str(name)) for name in flat_texts(record.get(self.generation.brand))],
            _CATEGORY: list(flat_texts(record.get(self.generation.categories))),
        }


def _maker(name: str) -> str:
    """Return the name of a brand without the words of the link that it was taken from.

    >>> _maker("by Nintendo"), _maker("Visit Amazon's Sid Meier Page")
    ('Nintendo', 'Sid Meier')
    """
    return _MAKER.sub("", plain_text(name))  # entities stand in what is looked for


def _generation(reviews: Path, metadata: Path) -> _Generation:
    generation, found = _of_reviews(reviews), _of_metadata(metadata)
    if found is not generation:
        message = (
            f"these items are of {found.year} and the reviews of {generation.year}, whose items "
            "have other ids; take both from one year"
        )
        raise DataError(message, path=metadata)
    return generation


def _of_reviews(reviews: Path) -> _Generation:
    review = RecordFile(reviews, json_record, (), _JSON).first()
    generation = next((one for one in _GENERATIONS if _has(review, one.user, one.item)), None)
    if generation is None:
        wanted = "; ".join(f"{one.year}: {one.user}, {one.item}" for one in _GENERATIONS)
        message = f"this is no review of Amazon's ({wanted}); it has {_listed(review)}"
        raise DataError(message, path=reviews, line=1)
    return generation


def _of_metadata(metadata: Path) -> _Generation:
    item = RecordFile(metadata, json_record, (), _JSON).first()
    found = next((one for one in _GENERATIONS if _has(item, one.item)), None)
    if found is None or not _has(item, _TITLE):
        message = "this is no metadata of Amazon's (asin or parent_asin, title); it has "
        raise DataError(message + _listed(item), path=metadata, line=1)
    return found


def _has(record: Record, *fields: str) -> bool:
    return all(field in record for field in fields)


def _listed(record: Record) -> str:
    return ", ".join(list(record)[:8]) or "no fields"
