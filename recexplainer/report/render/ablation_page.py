"""Page of an ablation: one file that opens offline, in the look of the report."""

from __future__ import annotations

from collections.abc import Mapping

from recexplainer.report import labels as naming
from recexplainer.report.ablation_record import Ablation
from recexplainer.report.ablation_tables import ablation_tables
from recexplainer.report.ablation_words import (
    ablation_findings,
    difference_text,
    failure_lines,
    opening,
)
from recexplainer.report.charts.radar import radars
from recexplainer.report.charts.scaled_metrics import MAIN_SPLIT, scaled_metrics
from recexplainer.report.charts.variant_bars import variant_bars
from recexplainer.report.render.page_environment import page_environment

__all__ = ["metric_notes", "render_ablation"]


def render_ablation(ablation: Ablation) -> str:
    """Return the page. Everything that comes from data is escaped."""
    metrics = scaled_metrics(ablation)
    environment = page_environment()
    environment.globals.update(naming=naming, difference_text=difference_text)
    return environment.get_template("ablation.html").render(
        ablation=ablation,
        opening=opening(ablation),
        findings=list(ablation_findings(ablation)),
        failures=list(failure_lines(ablation)),
        tables=ablation_tables(ablation),
        radars=radars(ablation, metrics),
        bars=variant_bars(ablation, metrics),
        notes_of=metric_notes(ablation),
        main_split=MAIN_SPLIT,
    )


def metric_notes(ablation: Ablation) -> Mapping[tuple[str, str], str]:
    """Return what each figure that was measured means, by task and metric."""
    told = {(one.task, one.metric): one.told for one in ablation.declared}
    names = dict.fromkeys((one.task, one.metric) for one in ablation.figures)
    return {name: told[name] for name in names if told.get(name)}
