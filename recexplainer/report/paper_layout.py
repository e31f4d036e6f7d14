"""Layout of the paper's tables: subjects down, metrics across, the paper's own rows last."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import get_args

from recexplainer.records import Mode, Verdict
from recexplainer.report.ablation_record import VariantFigure
from recexplainer.report.charts.grades import GradeChart, grade_chart
from recexplainer.report.labels import SPLIT_NAMES, SUBJECTS
from recexplainer.report.paper_record import PaperTables

__all__ = ["PaperRow", "PaperTable", "alignment_tables", "grade_figures", "rating_tables"]

_PAPER_COLUMNS = (
    ("next_item_retrieval", "hit@5"),
    ("next_item_retrieval", "ndcg@5"),
    ("item_ranking", "ndcg@5"),
    ("interest_classification", "accuracy"),
    ("history_reconstruction", "history_coverage"),
)
"""Those of the paper's Table 2."""
_OF_THE_PAPER = "leave_one_out"
"""The paper held no users out."""
_SURROGATES: tuple[Mode, ...] = get_args(Mode)
_OUR_COLUMNS = (
    ("next_item_retrieval", "hit@5_constrained"),
    ("next_item_retrieval", "ndcg@5_constrained"),
    ("item_ranking", "ndcg@5_constrained"),
    ("item_ranking", "kendall_tau"),
    ("item_ranking", "kendall_tau_constrained"),
)


@dataclass(frozen=True, slots=True)
class PaperRow:
    """One subject: our figures, or numbers that the paper gives; None where there is none."""

    name: str
    cells: tuple[VariantFigure | float | None, ...]
    published: bool = False


@dataclass(frozen=True, slots=True)
class PaperTable:
    """The rows of one split; columns are task and metric."""

    split: str
    columns: tuple[tuple[str, str], ...]
    rows: tuple[PaperRow, ...]
    ours: bool = False

    @property
    def tasks(self) -> list[tuple[str, int]]:
        """Each task and how many neighboring columns it heads."""
        return [(task, len(list(group))) for task, group in groupby(self.columns, lambda c: c[0])]


def alignment_tables(tables: PaperTables) -> list[PaperTable]:
    """Return Table 2 of each split, in its columns and then in those that it does not have."""
    return [
        found
        for split in _splits(tables.alignment)
        for columns in (_PAPER_COLUMNS, _OUR_COLUMNS)
        if (found := _alignment(tables, split, columns)).rows
    ]


def rating_tables(tables: PaperTables) -> list[PaperTable]:
    """Return Table 3 of each split: explainers down, judges across."""
    own = dict.fromkeys(("", one.metric) for one in tables.ratings)
    theirs = dict.fromkeys(("", one.metric) for one in tables.published if not one.task)
    columns = (*own, *theirs) if own else ()
    found = []
    for split in _splits(tables.ratings):
        cells = {(f.variant, "", f.metric): f for f in tables.ratings if f.split == split}
        published = _published(tables, columns, rated=True) if split == _OF_THE_PAPER else ()
        rows = (*_rows(cells, columns), *published)
        found.append(PaperTable(split, columns, rows))
    return found


def grade_figures(tables: PaperTables) -> list[GradeChart]:
    """Return Figure 3: for each judge the share of every grade."""
    charts = []
    for judge in dict.fromkeys(one.judge for one in tables.grades):
        verdicts = [
            Verdict(case="", explainer=one.explainer, judge=judge, grade=one.grade)
            for one in tables.grades
            if one.judge == judge
            for _ in range(one.count)
        ]
        charts.append(grade_chart(f"Graded by {judge}", "all seeds and users", verdicts))
    return charts


def _alignment(tables: PaperTables, split: str, columns: Sequence[tuple[str, str]]) -> PaperTable:
    cells = {(f.variant, f.task, f.metric): f for f in tables.alignment if f.split == split}
    measured = [row for row in _rows(cells, columns) if any(row.cells)]
    ours = columns is _OUR_COLUMNS
    beside = measured and not ours and split == _OF_THE_PAPER
    published = _published(tables, columns, rated=False) if beside else ()
    return PaperTable(split, tuple(columns), (*measured, *published), ours)


def _rows(
    cells: Mapping[tuple[str, str, str], VariantFigure], columns: Sequence[tuple[str, str]]
) -> list[PaperRow]:
    names = sorted(dict.fromkeys(name for name, *_ in cells), key=_place)
    return [PaperRow(name, tuple(cells.get((name, *c)) for c in columns)) for name in names]


def _place(subject: str) -> int:
    """Return where a subject stands: what was not trained, then others, then the surrogates."""
    own = len(SUBJECTS) - len(_SURROGATES)
    if subject in _SURROGATES:
        return own + 1 + _SURROGATES.index(subject)
    return SUBJECTS.index(subject) if subject in SUBJECTS else own


def _published(
    tables: PaperTables, columns: Sequence[tuple[str, str]], *, rated: bool
) -> Iterator[PaperRow]:
    own = [one for one in tables.published if (not one.task) == rated]
    cells = {(one.subject, one.task, one.metric): one.value for one in own}
    for name in dict.fromkeys(one.subject for one in own):
        yield PaperRow(name, tuple(cells.get((name, *c)) for c in columns), published=True)


def _splits(figures: Sequence[VariantFigure]) -> list[str]:
    found = dict.fromkeys(figure.split for figure in figures)
    return [split for split in SPLIT_NAMES if split in found]
