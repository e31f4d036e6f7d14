"""Id layout of an exported model: what it calls the items and padding, and whose columns are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recexplainer.errors import UserError

__all__ = ["IdLayout", "Padded", "Side"]

Side = Literal["left", "right"]


@dataclass(frozen=True, slots=True)
class Padded:
    """Histories as a model reads them.

    Attributes:
        ids: ``(B, T)``, padding where there is no item.
        present: ``(B, T)``, where an item is.
    """

    ids: NDArray[np.int64]
    present: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class IdLayout:
    """What the options say of ids and columns.

    Attributes:
        items: the model's items in row order; the id of row k is ``id_offset + k``.
        id_offset: the id of the first item.
        padding_id: what fills a history up.
        padding: the side that is filled up.
        column_offset: the first item's column; None where it follows from the number of columns.
        latest_first: whether the latest item is read first.
    """

    items: tuple[str, ...]
    id_offset: int
    padding_id: int
    padding: Side
    column_offset: int | None = None
    latest_first: bool = False

    @property
    def last_id(self) -> int:
        """The last item's id."""
        return self.id_offset + len(self.items) - 1

    def named(self, id_: int) -> str:
        """Return what an id is said to be, for messages."""
        if self.id_offset <= id_ <= self.last_id:
            return f"id {id_} ({self.items[id_ - self.id_offset]!r})"
        return f"id {id_} ({'padding' if id_ == self.padding_id else 'no item'})"

    def fill(self, rows: Sequence[Sequence[int]], width: int) -> Padded:
        """Return histories of row numbers, filled up to ``width``."""
        ids = np.full((len(rows), width), self.padding_id, dtype=np.int64)
        present = np.zeros((len(rows), width), dtype=bool)
        for place, read in enumerate(rows):
            taken = (
                slice(0, len(read)) if self.padding == "right" else slice(width - len(read), width)
            )
            ordered = read[::-1] if self.latest_first else read
            ids[place, taken] = np.asarray(ordered, dtype=np.int64) + self.id_offset
            present[place, taken] = True
        return Padded(ids, present)

    def columns(self, count: int, source: str) -> slice:
        """Return the items' columns among ``count``.

        Raises:
            UserError: there are too few, or more than the items' and padding's.
        """
        needed = len(self.items)
        if self.column_offset is not None:
            if self.column_offset + needed <= count:
                return slice(self.column_offset, self.column_offset + needed)
            raise UserError(
                f"{source}: scores have {count} columns, and {needed} items from column_offset "
                f"{self.column_offset} need {self.column_offset + needed}; {self._ways(count)}."
            )
        if count == needed:
            return slice(0, needed)
        if count in {self.last_id + 1, max(self.last_id, self.padding_id) + 1}:
            return slice(self.id_offset, self.id_offset + needed)
        raise UserError(
            f"{source}: scores have {count} columns; {needed} items and id_offset {self.id_offset} "
            f"make {needed}, or {max(self.last_id, self.padding_id) + 1} with a column per id; "
            f"{self._ways(count)}."
        )

    def _ways(self, count: int) -> str:
        """Return the options that fit ``count`` columns."""
        surplus = count - len(self.items)
        if surplus < 0:
            return (
                f"item_ids names {-surplus} more than the model scores: give the model's own list, "
                "without padding"
            )
        if surplus == 0:
            return "leave column_offset out, since there is one column per item"
        if surplus == 1:
            return (
                "set id_offset=1 if the first column is padding's, or id_offset=0 if the last one "
                "is; column_offset says which column is the first item's where ids do not"
            )
        return (
            f"if {surplus} columns are of no item, say which is the first item's with "
            f"column_offset, 0 to {surplus}; else item_ids lacks items"
        )

    def check_padding(self, asked: Collection[str], source: str, *, told_apart: bool) -> None:
        """Refuse padding that is an item's id.

        Args:
            asked: the items that will be asked about; a row of ``item_ids`` may be padding's own.
            source: what to call the model in the message.
            told_apart: whether the model is also told which ids are padding.

        Raises:
            UserError: an item has that id, and the model cannot tell the two apart.
        """
        row = self.padding_id - self.id_offset
        if told_apart or not 0 <= row < len(self.items) or self.items[row] not in asked:
            return
        last = ", the last one" if row == len(self.items) - 1 else ""
        raise UserError(
            f"{source}: padding_id {self.padding_id} is also the id of the item "
            f"{self.items[row]!r}{last}: id_offset {self.id_offset} and row {row} of item_ids make "
            f"{self.padding_id}. If ids begin at 0 and padding is behind the last item, set "
            f"target.options.id_offset=0 and padding_id={len(self.items)}; if padding is 0 and ids "
            "begin at 1, set id_offset=1 and padding_id=0."
        )
