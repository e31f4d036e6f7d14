"""Page templates: the report of a run, and what its contents are laid out with, all escaped."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment

from recexplainer.report.model import Report
from recexplainer.report.render.page_environment import case_environment

__all__ = ["page_templates", "report_of"]


def report_of(path: Path) -> Report | None:
    """Return the report of a run folder; None before it is written."""
    file = path / "report.json"
    return Report.model_validate_json(file.read_bytes()) if file.exists() else None


def page_templates(report: Report) -> Environment:
    """Return the templates of the explorer and of the report; whatever they show is escaped."""
    return case_environment(report, "recexplainer.explorer")
