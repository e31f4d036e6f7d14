"""Filter of unusable rows: counted by reason, the first of each named by its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from recexplainer.data.plural_words import counted, were
from recexplainer.data.text_tables import Loss, Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Sieve"]


class Sieve:
    """A table of which rows are dropped for stated reasons.

    Attributes:
        frame: the rows still there, cells as text; the index numbers the file's records from 0.
    """

    def __init__(self, table: Table, noun: str) -> None:
        """Begin with all of ``table``; ``noun`` is what one row is, such as ``interaction``."""
        self.frame = table.frame
        self._table, self._noun = table, noun
        self._losses = list(table.lost)
        self._total = len(self.frame) + sum(loss.rows for loss in table.lost)

    def drop(self, bad: pd.Series[bool], reason: str) -> None:
        """Drop the rows where ``bad`` (aligned with ``frame``) is true.

        Args:
            bad: which rows to drop.
            reason: completes "3 interactions ... were dropped", such as ``without a user id``.
        """
        if not bad.any():
            return
        first = int(self.frame.index.to_numpy()[bad.to_numpy()][0])
        self._losses.append(Loss(int(bad.sum()), reason, first))
        self.frame = self.frame[~bad]

    def check_enough_left(self, left_out: int = 0) -> None:
        """Refuse a file that lost most rows: then an option is wrong rather than some rows.

        Args:
            left_out: how many usable rows the caller took away.

        Raises:
            DataError: more than half of the rows were dropped, with every reason.
        """
        usable = len(self.frame) + left_out
        if 2 * usable >= self._total:
            return
        worst = max(self._losses, key=lambda loss: loss.rows)
        reasons = "; ".join(f"{loss.rows:,} {loss.reason}" for loss in self._losses)
        dropped = self._total - usable
        message = (
            f"{dropped:,} of {counted(self._total, self._noun)} cannot be used: {reasons}. "
            "Check that the options name the right columns and files"
        )
        raise self._table.error(message, worst.record)

    def notes(self) -> tuple[str, ...]:
        """Return one counted sentence per reason, in the order the rows were dropped."""
        return tuple(
            f"{counted(loss.rows, self._noun)} {loss.reason} {were(loss.rows)} dropped; "
            f"the first is {self._table.place(loss.record)}"
            for loss in self._losses
        )
