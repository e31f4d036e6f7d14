"""A report's metrics as tables: subjects down, metrics across, one table for each split."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from recexplainer.explanation.explainers.instructed import INSTRUCTION_TASK
from recexplainer.explanation.figures.abstention import KEPT_TASK, RISK_TASK
from recexplainer.explanation.figures.differences import DIFFERENCE_TASK
from recexplainer.explanation.figures.shortlists import SHORTLIST_TASK
from recexplainer.explanation.figures.vector_swap import SWAP_TASK
from recexplainer.records import EXPLANATION_TASK, Metric
from recexplainer.report.declared_figures import METRIC_ORDER
from recexplainer.report.labels import BASELINES, FIDELITY_TASKS, SPLIT_NAMES, SUBJECTS
from recexplainer.report.model import CorpusCount, Report
from recexplainer.targets.target_quality import TARGET_TASK

__all__ = [
    "Column",
    "CorpusRow",
    "MetricTable",
    "Row",
    "corpus_rows",
    "difference_metrics",
    "explanation_metrics",
    "fidelity_metrics",
    "instruction_metrics",
    "kept_metrics",
    "metric_tables",
    "other_metrics",
    "risk_metrics",
    "shortlist_metrics",
    "swap_metrics",
    "target_metrics",
]


_Name = TypeVar("_Name")
_OWN_PLACES = frozenset(
    {
        *(TARGET_TASK, EXPLANATION_TASK, KEPT_TASK, RISK_TASK, INSTRUCTION_TASK, DIFFERENCE_TASK),
        *(SHORTLIST_TASK, SWAP_TASK),
    }
)
"""Tasks whose figures are no answers to alignment tasks, and have their place in the report."""


@dataclass(frozen=True, slots=True)
class Column:
    """What one column shows."""

    task: str
    metric: str


@dataclass(frozen=True, slots=True)
class Row:
    """One subject's figures; a cell is None where the subject was not measured."""

    subject: str
    baseline: bool
    cells: tuple[Metric | None, ...]


@dataclass(frozen=True, slots=True)
class MetricTable:
    """All figures of one split."""

    split: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    @property
    def scored(self) -> str:
        """How many cases the figures rest on, such as ``94`` or ``94 to 943``."""
        counts = [cell.n for row in self.rows for cell in row.cells if cell is not None]
        fewest, most = min(counts), max(counts)
        return f"{most:,}" if fewest == most else f"{fewest:,} to {most:,}"

    @property
    def tasks(self) -> list[tuple[str, int]]:
        """Each task and how many neighboring columns it heads."""
        groups = groupby(self.columns, key=lambda column: column.task)
        return [(task, len(list(columns))) for task, columns in groups]


@dataclass(frozen=True, slots=True)
class CorpusRow:
    """Examples of one task in one form, by split in the order of ``SPLIT_NAMES``."""

    task: str
    form: str
    counts: tuple[int, ...]


def target_metrics(report: Report) -> list[Metric]:
    """Return what was measured of the target itself."""
    return [metric for metric in report.metrics if metric.task == TARGET_TASK]


def explanation_metrics(report: Report) -> list[Metric]:
    """Return what was measured of the explanations."""
    return [metric for metric in report.metrics if metric.task == EXPLANATION_TASK]


def kept_metrics(report: Report) -> list[Metric]:
    """Return what was measured of the explanations that were given, not withheld."""
    return [metric for metric in report.metrics if metric.task == KEPT_TASK]


def risk_metrics(report: Report) -> list[Metric]:
    """Return the areas under the risk-coverage curves."""
    return [metric for metric in report.metrics if metric.task == RISK_TASK]


def instruction_metrics(report: Report) -> list[Metric]:
    """Return how instructions to keep to one attribute were followed; each has its own split."""
    return [metric for metric in report.metrics if metric.task == INSTRUCTION_TASK]


def difference_metrics(report: Report) -> list[Metric]:
    """Return how far each explainer is from the first one, case by case."""
    return [metric for metric in report.metrics if metric.task == DIFFERENCE_TASK]


def shortlist_metrics(report: Report) -> list[Metric]:
    """Return how good shortlists of history items are, by who draws them up."""
    return [metric for metric in report.metrics if metric.task == SHORTLIST_TASK]


def swap_metrics(report: Report) -> list[Metric]:
    """Return whom texts follow that are written from swapped vectors."""
    return [metric for metric in report.metrics if metric.task == SWAP_TASK]


def fidelity_metrics(report: Report) -> list[Metric]:
    """Return what was measured of answers to the alignment tasks: ours, and those of the corpus."""
    asked = {*FIDELITY_TASKS, *(count.task for count in report.run.corpus)} - _OWN_PLACES
    return [metric for metric in report.metrics if metric.task in asked]


def other_metrics(report: Report) -> dict[str, list[Metric]]:
    """Return the figures of each task that we know nothing of, as plugins measure them."""
    known = {*_OWN_PLACES, *(metric.task for metric in fidelity_metrics(report))}
    found: dict[str, list[Metric]] = {}
    for metric in report.metrics:
        if metric.task not in known:
            found.setdefault(metric.task, []).append(metric)
    return found


def metric_tables(metrics: Sequence[Metric]) -> list[MetricTable]:
    """Return one table for each split; rows and columns that no figure fills are left out."""
    splits = _ordered((m.split for m in metrics), tuple(SPLIT_NAMES))
    return [_table([m for m in metrics if m.split == split], split) for split in splits]


def corpus_rows(counts: Sequence[CorpusCount]) -> list[CorpusRow]:
    """Return the corpus' sizes, one row for each task and form, in the order they came."""
    rows = []
    for task, form in dict.fromkeys((count.task, count.form) for count in counts):
        own = [count for count in counts if (count.task, count.form) == (task, form)]
        by_split = (sum(c.count for c in own if c.split == split) for split in SPLIT_NAMES)
        rows.append(CorpusRow(task, form, tuple(by_split)))
    return rows


def _table(metrics: Sequence[Metric], split: str) -> MetricTable:
    columns = tuple(
        Column(*key) for key in _ordered(((m.task, m.metric) for m in metrics), METRIC_ORDER)
    )
    cells = {(m.subject, m.task, m.metric): m for m in metrics}
    rows = tuple(
        Row(
            subject,
            subject in BASELINES,
            tuple(cells.get((subject, column.task, column.metric)) for column in columns),
        )
        for subject in _ordered((m.subject for m in metrics), SUBJECTS)
    )
    return MetricTable(split, columns, rows)


def _ordered(found: Iterable[_Name], known: Sequence[_Name]) -> list[_Name]:
    """Return the names found, without repeats: known ones first, then others as they came."""
    names = dict.fromkeys(found)
    return [*(n for n in known if n in names), *(n for n in names if n not in known)]
