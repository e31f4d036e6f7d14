"""Ids that another table translates, such as Goodreads' numbers of books and users."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from recexplainer.data.text_tables import FileSource, SameColumns, Source, Table
from recexplainer.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MappedIds"]


@dataclass(frozen=True, slots=True)
class MappedIds(SameColumns):
    """Rows of which some columns' ids are replaced by those in a table of two columns.

    An id that the table lacks stays as it is.

    Attributes:
        source: the rows, of a file whose head can be looked at.
        maps: column of ``source`` to its table, whose first column holds the ids of ``source``.
    """

    source: FileSource
    maps: Mapping[str, Source]

    def read(self, columns: Sequence[str], repeated: Sequence[str] = ()) -> Table:
        """Return ``columns``, translated; the index is that of the rows.

        Raises:
            DataError: a file cannot be read, or a table has other than two columns.
        """
        table = self.source.read(columns, repeated)
        frame = table.frame.assign(
            **{
                column: _translated(table.frame[column], _pairs(ids))
                for column, ids in self.maps.items()
                if column in columns
            }
        )
        return replace(table, frame=frame)

    def head(self) -> MappedIds:
        """Return the first rows; the tables are read whole, since ids may stand anywhere."""
        return replace(self, source=self.source.head())

    def check_head(self) -> None:
        """Look at the first rows and at the tables' columns; raises as ``read``."""
        self.source.check_head()
        for ids in self.maps.values():
            _two_columns(ids)


def _two_columns(ids: Source) -> Sequence[str]:
    names = ids.names()
    if len(names) != 2:
        message = (
            f"a table of ids has two columns, the id in the interactions and the one to put in its "
            f"place; this one has {len(names)}: {', '.join(names)}"
        )
        raise DataError(message, path=ids.path)
    return names


def _pairs(ids: Source) -> dict[str, str]:
    old, new = _two_columns(ids)
    frame = ids.read([old, new]).frame
    return dict(zip(frame[old], frame[new], strict=True))


def _translated(cells: pd.Series[str], pairs: Mapping[str, str]) -> pd.Series[str]:
    import pandas as pd

    categories = cells.astype("category").cat
    new = [pairs.get(old, old) for old in categories.categories]
    codes, texts = pd.factorize(pd.Series(new, dtype=str))
    merged = pd.Categorical.from_codes(codes[categories.codes], pd.Index(texts))
    return pd.Series(merged, index=cells.index)
