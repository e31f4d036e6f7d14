"""The card says what the report says, in the hub's form, and lets no data break out of it."""

from __future__ import annotations

import pytest
import yaml

from recexplainer.records import Recipe
from recexplainer.report.labels import figure_text
from recexplainer.report.render.model_card import render_card
from recexplainer.report.tables import fidelity_metrics

HOSTILE = "<script>alert('1')</script> & | *Co.*\n---"
MADE = Recipe(architecture={"model_type": "llama"}, whole=True)
PUBLISHED = Recipe(source="owner/model")


def front(card):
    return yaml.safe_load(card.split("---\n")[1])


def test_every_fidelity_figure_is_there_with_its_interval(report):
    card = render_card(report, MADE)
    figures = [metric for metric in fidelity_metrics(report) if metric.low is not None]
    assert figures
    for metric in figures:
        row = next(line for line in card.splitlines() if line.startswith(f"| {metric.subject} |"))
        assert row
        assert figure_text(metric).replace("[", "\\[").replace("]", "\\]") in card


def test_the_front_matter_holds_the_surrogates_own_figures_alone(report):
    own = [metric for metric in report.metrics if metric.subject == report.run.mode and metric.n]
    results = front(render_card(report, MADE))["model-index"][0]["results"]
    told = {(r["task"]["type"], r["metrics"][0]["type"]): r["metrics"][0]["value"] for r in results}
    fidelity = [metric for metric in own if metric in fidelity_metrics(report)]
    assert fidelity
    for metric in fidelity:
        assert (metric.task, metric.metric) in told


@pytest.mark.parametrize(
    ("recipe", "merged", "library", "base"),
    [
        (MADE, False, "transformers", None),
        (PUBLISHED, False, "peft", "owner/model"),
        (PUBLISHED, True, "transformers", "owner/model"),
    ],
)
def test_the_library_and_the_base_model(recipe, merged, library, base, report):
    matter = front(render_card(report, recipe, merged=merged))
    assert (matter["library_name"], matter.get("base_model")) == (library, base)


def test_a_name_from_data_stays_text(report):
    facts = report.run.dataset.model_copy(update={"name": HOSTILE})
    changed = report.model_copy(update={"run": report.run.model_copy(update={"dataset": facts})})
    card = render_card(changed, MADE)
    body = card.split("---\n", 2)[2]
    assert HOSTILE not in body
    assert "<script>" not in body
    assert front(card)["model-index"][0]["results"][0]["dataset"]["name"] == HOSTILE


def test_the_same_report_gives_the_same_card(report):
    assert render_card(report, MADE) == render_card(report, MADE)
