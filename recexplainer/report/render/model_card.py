"""The model card of a trained surrogate: what it learned from whom, how well, and what it is not.

It is the ``README.md`` beside the weights, with the front matter that the Hugging Face hub reads.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from recexplainer.records import Metric, Recipe
from recexplainer.report.best_baselines import own_fidelity
from recexplainer.report.caveats import doubts
from recexplainer.report.headline import headline, opening
from recexplainer.report.labels import split_text, task_text
from recexplainer.report.model import Report
from recexplainer.report.published_figures import CITATION
from recexplainer.report.render.markdown import escape, figure_rows
from recexplainer.report.tables import (
    corpus_rows,
    explanation_metrics,
    fidelity_metrics,
    metric_tables,
    target_metrics,
)

__all__ = ["render_card"]


def render_card(report: Report, recipe: Recipe, *, merged: bool = False) -> str:
    """Return the card as Markdown; the same report gives the same text.

    Args:
        report: the run that trained the surrogate.
        recipe: of the backbone.
        merged: whether the folder holds the whole model although updates were trained.
    """
    run, whole = report.run, merged or recipe.whole
    environment = Environment(
        loader=PackageLoader("recexplainer.report"),
        autoescape=False,  # noqa: S701  # Markdown has its own escapes: the filter below
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["plain"] = escape
    environment.globals.update(task_text=task_text, split_text=split_text, figure_rows=figure_rows)
    front = yaml.safe_dump(
        _front_matter(report, recipe.source, whole), sort_keys=False, allow_unicode=True
    )
    return environment.get_template("card.md.jinja").render(
        front=front,
        run=run,
        recipe=recipe,
        whole=whole,
        opening=opening(report),
        headline=headline(report),
        doubts=doubts(report),
        fidelity=metric_tables(fidelity_metrics(report)),
        explanations=metric_tables(explanation_metrics(report)),
        quality=metric_tables(target_metrics(report)),
        corpus=corpus_rows(run.corpus),
        citation=CITATION,
    )


def _front_matter(report: Report, source: str | None, whole: bool) -> dict[str, Any]:
    run = report.run
    matter: dict[str, Any] = {
        "library_name": "transformers" if whole else "peft",
        "pipeline_tag": "text-generation",
        "tags": ["recexplainer", "recommender-systems", "explainability", run.mode, run.target],
    }
    if source is not None and not Path(source).expanduser().exists():
        matter["base_model"] = source
    results = [_result(run.dataset.name, metric) for metric in own_fidelity(report) if metric.n]
    if results:
        matter["model-index"] = [{"name": run.name, "results": results}]
    return matter


def _result(dataset: str, metric: Metric) -> dict[str, Any]:
    """Return a figure in the hub's form; the interval is in its name, which has no field for it."""
    return {
        "task": {"type": metric.task, "name": task_text(metric.task)},
        "dataset": {"type": dataset, "name": dataset, "split": metric.split},
        "metrics": [
            {
                "type": metric.metric,
                "name": f"{metric.metric}, 95 % interval [{metric.low:.3f}, {metric.high:.3f}]"
                if metric.low is not None and metric.high is not None
                else metric.metric,
                "value": metric.value,
            }
        ],
    }
