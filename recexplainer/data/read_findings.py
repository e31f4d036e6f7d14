"""Findings about files that were read: notes for the reader, and doubts that stop a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from recexplainer.records import Catalogue, InteractionLog

__all__ = ["Findings"]


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found while files were read.

    Attributes:
        notes, doubts: as of ``InteractionLog``.
    """

    notes: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    def __add__(self, other: Findings) -> Findings:
        return Findings(self.notes + other.notes, self.doubts + other.doubts)

    def log(
        self, name: str, catalogue: Catalogue, histories: Mapping[str, tuple[str, ...]]
    ) -> InteractionLog:
        """Return the log of which these are the findings."""
        notes = tuple(dict.fromkeys(self.notes))  # both tables may be of one file
        return InteractionLog(name, catalogue, histories, notes, self.doubts)
