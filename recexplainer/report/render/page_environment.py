"""Environment of the templates of pages: whatever they show is escaped, and nothing is missing."""

from __future__ import annotations

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

from recexplainer.report import labels as naming
from recexplainer.report.check_words import abstention_words, case_words, check_words, spans
from recexplainer.report.declared_figures import notes
from recexplainer.report.model import Report

__all__ = ["case_environment", "page_environment"]


def page_environment(*packages: str) -> Environment:
    """Return the templates of the report and, before them, those of other ``packages``."""
    loaders = [PackageLoader(name) for name in (*packages, "recexplainer.report")]
    return Environment(
        loader=ChoiceLoader(loaders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def case_environment(report: Report, *packages: str) -> Environment:
    """Return the same with what figures and cases of a report are shown by."""
    told = notes(report)
    environment = page_environment(*packages)
    environment.globals.update(
        naming=naming,
        metric_note=lambda task, metric: told.get((task, metric), ""),
        abstention_words=abstention_words,
        case_words=case_words,
        check_words=check_words,
        spans=spans,
    )
    return environment
