"""A report as one page that needs nothing else: no network, no fonts, no scripts.

What was found stands first, ten cases follow, the rest is folded; on paper the rest is left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from jinja2 import Environment

from recexplainer.report.best_baselines import first_explainer, metric_label, own_explainer
from recexplainer.report.caveats import doubts
from recexplainer.report.charts.bars import BarChart, bar_charts, explanation_charts
from recexplainer.report.charts.grades import grade_charts
from recexplainer.report.charts.risk_coverage import min_confidence, risk_charts, risk_rows
from recexplainer.report.charts.training_curve import training_curve
from recexplainer.report.control_results import failed_controls
from recexplainer.report.declared_figures import figure_of
from recexplainer.report.gallery import GROUPS, gallery
from recexplainer.report.headline import fold_in_words, highlights, opening, steps_words
from recexplainer.report.main_findings import Place, findings
from recexplainer.report.model import Report
from recexplainer.report.published_figures import CITATION
from recexplainer.report.render.page_environment import case_environment
from recexplainer.report.surrogate_share import shortlist_words, swap_words
from recexplainer.report.tables import (
    MetricTable,
    corpus_rows,
    difference_metrics,
    explanation_metrics,
    fidelity_metrics,
    instruction_metrics,
    kept_metrics,
    metric_tables,
    other_metrics,
    shortlist_metrics,
    swap_metrics,
    target_metrics,
)

__all__ = ["render_html"]

_PLACES: Mapping[Place, str] = {
    "target": "See the recommender's table",
    "fidelity": "See the fidelity tables",
    "explanations": "See the explanations' tables",
    "withheld": "See what is withheld",
    "care": "See them",
}
"""The part of the page that a finding is from, to the words of the link there."""


def render_html(report: Report) -> str:
    """Return the page. Everything that comes from data is escaped."""
    run = report.run
    explainer = own_explainer(report)
    fidelity = metric_tables(fidelity_metrics(report))
    return (
        _environment(report)
        .get_template("report.html")
        .render(
            report=report,
            run=run,
            opening=opening(report),
            findings=findings(report),
            highlights=highlights(report),
            doubts=doubts(report),
            failed_controls=failed_controls(report),
            fidelity=[(table, bar_charts(table, run.mode)) for table in fidelity],
            target_tables=metric_tables(target_metrics(report)),
            fold_in=fold_in_words(run.target_facts),
            explained=_explained(report, explainer),
            masking_tables=metric_tables(
                [m for m in explanation_metrics(report) if figure_of(m).shown == "masking"]
            ),
            kept_tables=metric_tables(kept_metrics(report)),
            risk_charts=risk_charts(report),
            risk_table=risk_rows(report),
            min_confidence=min_confidence(report),
            difference_tables=metric_tables(difference_metrics(report)),
            compared_with=first_explainer(report),
            shortlist_words=shortlist_words(report),
            shortlist_tables=metric_tables(shortlist_metrics(report)),
            swap_words=swap_words(report),
            swap_tables=metric_tables(swap_metrics(report)),
            instruction_tables=metric_tables(instruction_metrics(report)),
            other_tables={
                task: metric_tables(metrics) for task, metrics in other_metrics(report).items()
            },
            grade_charts=grade_charts(report),
            curve=training_curve(run.curve),
            explainer=explainer,
            gallery=gallery(report),
            accounts={account.case: account for account in report.accounts},
            corpus=corpus_rows(run.corpus),
            config_text=json.dumps(run.config, indent=2, ensure_ascii=False),
            citation=CITATION,
        )
    )


def _explained(report: Report, explainer: str | None) -> list[tuple[MetricTable, list[BarChart]]]:
    """Return the table of each split, what masking tells left out, with its charts."""
    whole = metric_tables(explanation_metrics(report))
    main = [m for m in explanation_metrics(report) if figure_of(m).shown != "masking"]
    charts = {table.split: explanation_charts(table, explainer) for table in whole}
    return [(table, charts[table.split]) for table in metric_tables(main)]


def _environment(report: Report) -> Environment:
    environment = case_environment(report)
    environment.globals.update(
        group_words=GROUPS,
        place_words=_PLACES,
        metric_label=metric_label,
        steps_words=steps_words,
    )
    return environment
