"""An ablation as Markdown: what was found, and all of its figures."""

from __future__ import annotations

from collections.abc import Iterator

from recexplainer.report.ablation_record import Ablation, VariantFigure
from recexplainer.report.ablation_tables import AblationTable, ablation_tables
from recexplainer.report.ablation_words import (
    ablation_findings,
    difference_text,
    failure_lines,
    opening,
)
from recexplainer.report.labels import NOT_MEASURED, NOT_SCORED, split_text, task_text

__all__ = ["render_ablation_markdown"]


def render_ablation_markdown(ablation: Ablation) -> str:
    """Return the text."""
    return "\n".join(_lines(ablation)) + "\n"


def _lines(ablation: Ablation) -> Iterator[str]:
    yield f"# {_plain(ablation.name)}: what each part is worth"
    yield ""
    yield _plain(opening(ablation))
    yield ""
    yield from (f"- {_plain(line)}" for line in failure_lines(ablation))
    yield from (f"- {_plain(line)}" for line in ablation_findings(ablation))
    for table in ablation_tables(ablation):
        yield ""
        yield f"## {split_text(table.split).capitalize()} (n = {table.scored})"
        yield ""
        yield from _table(table)
    yield ""
    yield "## How to read this"
    yield ""
    yield from (f"- {_plain(note)}" for note in ablation.notes)


def _table(table: AblationTable) -> Iterator[str]:
    heads = [f"{task_text(task)}, {metric}" for task, metric in table.columns]
    yield "| variant | " + " | ".join(heads) + " |"
    yield "|---|" + "---|" * len(heads)
    for row in table.rows:
        yield f"| {_plain(row.name)} | " + " | ".join(map(_cell, row.cells)) + " |"


def _cell(figure: VariantFigure | None) -> str:
    if figure is None:
        return NOT_MEASURED
    if figure.value is None:
        return NOT_SCORED
    interval = ""
    if figure.low is not None and figure.high is not None:
        interval = f" [{figure.low:.3f}, {figure.high:.3f}]"
    change = difference_text(figure.difference).replace("*", "\\*")
    return f"{figure.value:.3f}{interval}" + (f"; {change}" if change else "")


def _plain(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
