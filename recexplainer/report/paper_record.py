"""Record of the paper's tables with our rows: ``paper.json`` exactly; the page is made from it."""

from __future__ import annotations

from typing import Final, Literal

from recexplainer.records.outcomes import Record
from recexplainer.report.ablation_record import VariantFigure
from recexplainer.report.published_figures import PaperDataset

__all__ = ["PAPER_SCHEMA", "GradeCount", "PaperRun", "PaperTables", "PublishedFigure"]

PAPER_SCHEMA: Final = 1


class PaperRun(Record):
    """A run that the tables are made from."""

    folder: str
    mode: str
    seed: int
    backbone: str
    graded: bool


class PublishedFigure(Record):
    """A figure that the paper gives, on its own data; never measured here."""

    subject: str
    task: str
    metric: str
    value: float


class GradeCount(Record):
    """How often a judge gave a grade to an explainer's texts; None was not graded."""

    explainer: str
    judge: str
    grade: int | None
    count: int


class PaperTables(Record):
    """Tables 2 and 3 and Figure 3 of the paper.

    Attributes:
        command: how they were asked for.
        dataset, target: of the runs, in words.
        paper: the paper's data set that stands beside; None for none.
        runs: what they are made from.
        alignment: our rows of Table 2, by split.
        ratings: our rows of Table 3, by split; ``metric`` is the judge.
        grades: Figure 3.
        published: the paper's own figures on ``paper``; those of Table 3 have no task.
        notes: what must be known to read them.
    """

    schema_version: Literal[1] = PAPER_SCHEMA
    command: str
    dataset: str
    target: str
    paper: PaperDataset | None
    runs: tuple[PaperRun, ...]
    alignment: tuple[VariantFigure, ...]
    ratings: tuple[VariantFigure, ...]
    grades: tuple[GradeCount, ...]
    published: tuple[PublishedFigure, ...]
    notes: tuple[str, ...] = ()

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds of the runs, each once."""
        return tuple(sorted({run.seed for run in self.runs}))
