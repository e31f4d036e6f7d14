"""Filter of unusable rows: counted by reason, the first of each named by its line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from recexplainer.data.plural_words import counted, were
from recexplainer.data.text_tables import Loss, Table

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Sieve"]

_TOLERATED = 0.1
"""Share of a file's rows that may be lost without a doubt."""


class Sieve:
    """A table of which rows are dropped for stated reasons.

    Attributes:
        frame: the rows still there, cells as text; the index numbers the file's records from 0.
    """

    def __init__(self, table: Table, noun: str) -> None:
        """Begin with all of ``table``; ``noun`` is what one row is, such as ``interaction``."""
        self.frame = table.frame
        self._table, self._noun = table, noun
        self._losses, self._repeated = list(table.lost), 0
        self._total = len(self.frame) + sum(loss.rows for loss in table.lost)

    @property
    def path(self) -> Path:
        """The file."""
        return self._table.path

    def drop(self, bad: pd.Series[bool], reason: str, *, lost: bool = True) -> None:
        """Drop the rows where ``bad`` (aligned with ``frame``) is true.

        Args:
            bad: which rows to drop.
            reason: completes "3 interactions ... were dropped", such as ``without a user id``.
            lost: whether anything is lost with them; repeated rows are no loss.
        """
        if not bad.any():
            return
        first = int(self.frame.index.to_numpy()[bad.to_numpy()][0])
        loss = Loss(int(bad.sum()), reason, first)
        self._losses.append(loss)
        if not lost:
            self._repeated += loss.rows
        self.frame = self.frame[~bad]

    def doubts(self, left_out: int = 0) -> tuple[str, ...]:
        """Return a sentence where more than a tenth of the rows was lost, and else none.

        Args:
            left_out: how many usable rows the caller took away.

        Raises:
            DataError: more than half was; then an option is wrong rather than some rows.
        """
        usable = len(self.frame) + left_out + self._repeated
        dropped = self._total - usable
        if dropped <= _TOLERATED * self._total:
            return ()
        worst = max(self._losses, key=lambda loss: loss.rows)
        reasons = "; ".join(f"{loss.rows:,} {loss.reason}" for loss in self._losses)
        message = f"{dropped:,} of {counted(self._total, self._noun)} cannot be used: {reasons}"
        if 2 * usable < self._total:
            advice = "Check that the options name the right columns and files"
            raise self._table.error(f"{message}. {advice}", worst.record)
        return (f"{message}; see {self._table.place(worst.record)}",)

    def notes(self) -> tuple[str, ...]:
        """Return what was odd about the file, and one counted sentence per reason, in order."""
        dropped = (
            f"{counted(loss.rows, self._noun)} {loss.reason} {were(loss.rows)} dropped; "
            f"the first is {self._table.place(loss.record)}"
            for loss in self._losses
        )
        return (*self._table.notes, *dropped)
