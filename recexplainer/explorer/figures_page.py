"""Figures page: how far a run can be trusted, as the charts of its report."""

from __future__ import annotations

from pathlib import Path

from nicegui import ui

from recexplainer.explorer.elements import box, text
from recexplainer.explorer.page_templates import page_templates, report_of
from recexplainer.report.charts.bars import BarChart, bar_charts, explanation_charts
from recexplainer.report.model import Report
from recexplainer.report.tables import explanation_metrics, fidelity_metrics, metric_tables

__all__ = ["show_figures"]


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
