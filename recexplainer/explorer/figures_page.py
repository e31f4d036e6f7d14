"""Figures page: how far a run can be trusted, as the charts of its report."""

from __future__ import annotations

from pathlib import Path

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from nicegui import ui

from recexplainer.explorer.elements import box, text
from recexplainer.report import labels
from recexplainer.report.charts.bars import BarChart, bar_charts, explanation_charts
from recexplainer.report.check_words import abstention_words, case_words, check_words, spans
from recexplainer.report.declared_figures import notes
from recexplainer.report.model import Report
from recexplainer.report.tables import explanation_metrics, fidelity_metrics, metric_tables

__all__ = ["page_templates", "report_of", "show_figures"]


def report_of(path: Path) -> Report | None:
    """Return the report of a run folder; None before it is written."""
    file = path / "report.json"
    return Report.model_validate_json(file.read_bytes()) if file.exists() else None


def show_figures(path: Path) -> None:
    """Show the charts of the run in a folder."""
    report = report_of(path)
    with box("section", "panel figures"):
        text("h1", f"How far to trust {path.resolve().name}")
        if report is None:
            text("p", "This run has no report yet: finish it with recx run.")
            return
        mode = report.run.mode
        _charts(
            report,
            "Does the surrogate answer as the recommender does?",
            [
                chart
                for table in metric_tables(fidelity_metrics(report))
                for chart in bar_charts(table, mode)
            ],
        )
        _charts(
            report,
            "Are the explanations true of the recommender?",
            [
                chart
                for table in metric_tables(explanation_metrics(report))
                for chart in explanation_charts(table, mode)
            ],
        )


def _charts(report: Report, heading: str, charts: list[BarChart]) -> None:
    text("h2", heading)
    template = page_templates(report).get_template("charts_page.html")
    # escaped by the template; sanitizing would take the charts out
    ui.html(template.render(charts=charts), sanitize=False)


def page_templates(report: Report) -> Environment:
    """Return the templates of the explorer and of the report; whatever they show is escaped."""
    told = notes(report)
    environment = Environment(
        loader=ChoiceLoader(
            [PackageLoader("recexplainer.explorer"), PackageLoader("recexplainer.report")]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        naming=labels,
        metric_note=lambda task, metric: told.get((task, metric), ""),
        abstention_words=abstention_words,
        case_words=case_words,
        check_words=check_words,
        spans=spans,
    )
    return environment
