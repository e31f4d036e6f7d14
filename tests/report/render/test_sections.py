"""Which section a figure stands in: fidelity is of alignment tasks alone."""

from __future__ import annotations

import re

import pytest

from recexplainer.report.render.html import render_html
from recexplainer.report.render.markdown import render_markdown
from recexplainer.report.tables import fidelity_metrics, other_metrics


@pytest.fixture
def with_plugins(report, make_figure):
    """A run with a plugin's alignment task, which is in its corpus, and a task of nobody."""
    figures = (
        make_figure("hybrid", "item_ranking", "ndcg@5", 0.7),
        make_figure("hybrid", "contrast", "accuracy", 0.61),
        make_figure("shop", "diversity <of lists>", "gini", 0.37),
        make_figure("shop", "diversity <of lists>", "gini", 0.29, split="held_out_users"),
    )
    count = report.run.corpus[0].model_copy(update={"task": "contrast"})
    run = report.run.model_copy(update={"corpus": (*report.run.corpus, count)})
    return report.model_copy(update={"run": run, "metrics": figures})


def test_a_task_that_the_corpus_has_measures_fidelity(with_plugins) -> None:
    assert {m.task for m in fidelity_metrics(with_plugins)} == {"item_ranking", "contrast"}
    others = other_metrics(with_plugins)
    assert {task: [m.value for m in found] for task, found in others.items()} == {
        "diversity <of lists>": [0.37, 0.29]
    }


def test_a_task_of_a_plugin_has_a_section_named_by_it(with_plugins) -> None:
    page, text = render_html(with_plugins), render_markdown(with_plugins)
    sections = dict(re.findall(r'<section id="([\w-]+)"[^>]*>(.*?)</section>', page, re.DOTALL))
    assert "<h2>diversity &lt;of lists&gt;</h2>" in page
    assert "0.37" in sections["task-1"]
    assert "0.29" in sections["task-1"]
    assert "gini" not in sections["fidelity"]
    assert "0.61" in sections["fidelity"]
    _, after = text.split("## diversity \\<of lists\\>\n")
    own = after.partition("\n## ")[0]
    assert "0.37" in own
    assert "0.29" in own
    assert "gini" not in text.partition("## Fidelity\n")[2].partition("\n## ")[0]


def test_every_figure_of_a_plain_run_has_its_place_already(report) -> None:
    assert other_metrics(report) == {}
    assert 'id="task-' not in render_html(report)
