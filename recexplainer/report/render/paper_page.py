"""Page of the paper's tables: one file that opens offline, and the record beside it."""

from __future__ import annotations

from pathlib import Path

from recexplainer.report import labels as naming
from recexplainer.report.declared_figures import BUILT_IN
from recexplainer.report.paper_layout import alignment_tables, grade_figures, rating_tables
from recexplainer.report.paper_record import PaperTables
from recexplainer.report.published_figures import CITATION
from recexplainer.report.render.page_environment import page_environment
from recexplainer.runs.artifacts import write_text

__all__ = ["render_paper", "write_paper"]


def write_paper(tables: PaperTables, folder: Path) -> None:
    """Write ``paper.json`` and ``paper.html`` into ``folder``, each by rename, both made before."""
    page, record = render_paper(tables), tables.model_dump_json(indent=2) + "\n"
    folder.mkdir(parents=True, exist_ok=True)
    write_text(folder / "paper.json", record)
    write_text(folder / "paper.html", page)


def render_paper(tables: PaperTables) -> str:
    """Return the page. Everything that comes from data is escaped."""
    told = {(one.task, one.metric): one.told for one in BUILT_IN}
    environment = page_environment()
    environment.globals.update(
        naming=naming, metric_note=lambda task, metric: told.get((task, metric), "")
    )
    return environment.get_template("paper.html").render(
        tables=tables,
        alignment=alignment_tables(tables),
        ratings=rating_tables(tables),
        charts=grade_figures(tables),
        citation=CITATION.removesuffix(", Table 2"),
    )
