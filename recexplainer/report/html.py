"""A report as one page that needs nothing else: no network, no fonts, no scripts."""

from __future__ import annotations

import json

from jinja2 import Environment, PackageLoader, StrictUndefined

from recexplainer.report import naming
from recexplainer.report.bars import bar_charts
from recexplainer.report.choosing import choose_cases
from recexplainer.report.controls import failed_controls
from recexplainer.report.curve import training_curve
from recexplainer.report.doubts import doubts
from recexplainer.report.grades import grade_charts
from recexplainer.report.model import Report
from recexplainer.report.paper import CITATION
from recexplainer.report.standing import first_explainer, metric_label, own_explainer
from recexplainer.report.summary import headline, highlights, opening
from recexplainer.report.tables import (
    corpus_rows,
    difference_metrics,
    explanation_metrics,
    fidelity_metrics,
    metric_tables,
    target_metrics,
)
from recexplainer.report.wording import case_words, check_words, spans

__all__ = ["render_html"]


def render_html(report: Report) -> str:
    """Return the page. Everything that comes from data is escaped."""
    run = report.run
    explainer = own_explainer(report)
    fidelity = metric_tables(fidelity_metrics(report))
    return (
        _environment()
        .get_template("report.html")
        .render(
            report=report,
            run=run,
            opening=opening(report),
            headline=headline(report),
            highlights=highlights(report),
            doubts=doubts(report),
            failed_controls=failed_controls(report),
            fidelity=[(table, bar_charts(table, run.mode)) for table in fidelity],
            target_tables=metric_tables(target_metrics(report)),
            explanation_tables=metric_tables(explanation_metrics(report)),
            difference_tables=metric_tables(difference_metrics(report)),
            compared_with=first_explainer(report),
            grade_charts=grade_charts(report),
            curve=training_curve(run.curve),
            explainer=explainer,
            cases=choose_cases(report.explanations, explainer=explainer, seed=run.seed),
            corpus=corpus_rows(run.corpus),
            config_text=json.dumps(run.config, indent=2, ensure_ascii=False),
            citation=CITATION,
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("recexplainer.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        naming=naming,
        metric_label=metric_label,
        case_words=case_words,
        check_words=check_words,
        spans=spans,
    )
    return environment
