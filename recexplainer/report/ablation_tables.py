"""An ablation's figures as tables: variants and baselines down, metrics across, split by split."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from recexplainer.report.ablation_record import Ablation, VariantFigure
from recexplainer.report.labels import SPLIT_NAMES

__all__ = ["AblationRow", "AblationTable", "ablation_tables"]


@dataclass(frozen=True, slots=True)
class AblationRow:
    """One variant or baseline; a cell is None where it was not measured."""

    name: str
    is_base: bool
    is_baseline: bool
    cells: tuple[VariantFigure | None, ...]


@dataclass(frozen=True, slots=True)
class AblationTable:
    """All figures of one split; columns are task and metric."""

    split: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[AblationRow, ...]

    @property
    def scored(self) -> str:
        """How many answers the variants' figures rest on, such as ``94`` or ``94 to 943``."""
        rows = (row for row in self.rows if not row.is_baseline)
        counts = [cell.n for row in rows for cell in row.cells if cell is not None]
        fewest, most = min(counts), max(counts)
        return f"{most:,}" if fewest == most else f"{fewest:,} to {most:,}"

    @property
    def tasks(self) -> list[tuple[str, int]]:
        """Each task and how many neighboring columns it heads."""
        return [(task, len(list(group))) for task, group in groupby(self.columns, lambda c: c[0])]


def ablation_tables(ablation: Ablation) -> list[AblationTable]:
    """Return a table for each split, in the order of the report's."""
    splits = dict.fromkeys(figure.split for figure in ablation.figures)
    known = [split for split in SPLIT_NAMES if split in splits]
    return [_table(ablation, s) for s in (*known, *(s for s in splits if s not in known))]


def _table(ablation: Ablation, split: str) -> AblationTable:
    figures = [one for one in (*ablation.baselines, *ablation.figures) if one.split == split]
    columns = tuple(
        dict.fromkeys((one.task, one.metric) for one in ablation.figures if one.split == split)
    )
    cells = {(one.variant, one.task, one.metric): one for one in figures}
    return AblationTable(split, columns, tuple(_rows(ablation, columns, cells)))


def _rows(
    ablation: Ablation,
    columns: tuple[tuple[str, str], ...],
    cells: dict[tuple[str, str, str], VariantFigure],
) -> Iterator[AblationRow]:
    baselines = dict.fromkeys(one.variant for one in ablation.baselines)
    variants = [variant.name for variant in ablation.variants]
    for name in (*baselines, *variants):
        own = tuple(cells.get((name, *column)) for column in columns)
        if any(own) or name in variants:
            yield AblationRow(name, name == variants[0], name in baselines, own)
