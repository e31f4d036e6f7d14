"""Unusable rows are dropped, counted by reason, and the first of each is named by its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from recexplainer.data.notes import counted, were
from recexplainer.data.reading import TableFormat, line_of_record, read_table
from recexplainer.errors import DataError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Sieve"]


@dataclass(frozen=True, slots=True)
class _Loss:
    rows: int
    reason: str
    line: int


class Sieve:
    """A table read from a file, of which rows are dropped for stated reasons.

    Attributes:
        frame: the rows still there, cells as text; the index numbers the file's records from 0.
    """

    def __init__(
        self, path: Path, columns: Sequence[str], table_format: TableFormat, noun: str
    ) -> None:
        """Read ``columns`` of ``path``; ``noun`` is what one row is, such as ``interaction``."""
        self.path = path
        self.frame = read_table(path, columns, table_format)
        self._format, self._noun = table_format, noun
        self._total = len(self.frame)
        self._losses: list[_Loss] = []

    def drop(self, bad: pd.Series[bool], reason: str) -> None:
        """Drop the rows where ``bad`` (aligned with ``frame``) is true.

        Args:
            bad: which rows to drop.
            reason: completes "3 interactions ... were dropped", such as ``without a user id``.
        """
        if not bad.any():
            return
        first = int(self.frame.index.to_numpy()[bad.to_numpy()][0])
        line = line_of_record(self.path, self._format, first)
        self._losses.append(_Loss(int(bad.sum()), reason, line))
        self.frame = self.frame[~bad]

    def check_enough_left(self) -> None:
        """Refuse a file that lost most rows: then an option is wrong rather than some rows.

        Raises:
            DataError: more than half of the rows were dropped, with every reason.
        """
        if 2 * len(self.frame) >= self._total:
            return
        worst = max(self._losses, key=lambda loss: loss.rows)
        reasons = "; ".join(f"{loss.rows:,} {loss.reason}" for loss in self._losses)
        dropped = self._total - len(self.frame)
        message = (
            f"{dropped:,} of {counted(self._total, self._noun)} cannot be used: {reasons}. "
            "Check that the options name the right columns and files"
        )
        raise DataError(message, path=self.path, line=worst.line)

    def notes(self) -> tuple[str, ...]:
        """Return one counted sentence per reason, in the order the rows were dropped."""
        return tuple(
            f"{counted(loss.rows, self._noun)} {loss.reason} {were(loss.rows)} dropped; "
            f"the first is {self.path.name}:{loss.line}"
            for loss in self._losses
        )
