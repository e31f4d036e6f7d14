"""Page templates: the report of a run, and what its contents are laid out with, all escaped."""

from __future__ import annotations

from pathlib import Path

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from recexplainer.report import labels
from recexplainer.report.check_words import abstention_words, case_words, check_words, spans
from recexplainer.report.declared_figures import notes
from recexplainer.report.model import Report

__all__ = ["page_templates", "report_of"]


def report_of(path: Path) -> Report | None:
    """Return the report of a run folder; None before it is written."""
    file = path / "report.json"
    return Report.model_validate_json(file.read_bytes()) if file.exists() else None


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
