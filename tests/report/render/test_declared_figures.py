"""A figure is declared once, beside the code that measures it, and the report finds it there."""

from __future__ import annotations

import importlib
import os
import pkgutil
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import recexplainer
from recexplainer.records import Figure
from recexplainer.report.declared_figures import BUILT_IN, METRIC_ORDER, added_figures
from recexplainer.report.render.html import render_html
from recexplainer.report.render.markdown import render_markdown
from recexplainer.report.render.report_files import load_report, write_report

ROOMS = ("alignment", "evaluation", "explanation", "judging", "targets.target_quality")
PACKAGE = Path(recexplainer.__file__).parent


def _modules():
    for room in ROOMS:
        module = importlib.import_module(f"recexplainer.{room}")
        yield module
        for found in pkgutil.walk_packages(getattr(module, "__path__", ()), f"{module.__name__}."):
            yield importlib.import_module(found.name)


def _declared(value):
    """Yield the figures in a value of a module, however it keeps them."""
    if isinstance(value, Figure):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _declared(one)
    elif isinstance(value, type):
        yield from _declared(vars(value).get("figures", ()))


def test_every_figure_that_is_declared_is_known_to_the_report() -> None:
    found = {
        (figure.task, figure.metric)
        for module in _modules()
        for value in vars(module).values()
        for figure in _declared(value)
    }
    known = [(figure.task, figure.metric) for figure in BUILT_IN]
    assert len(found) > 50
    assert found == set(known)
    assert len(known) == len(set(known)) == len({*known})


def test_no_two_figures_of_a_task_claim_one_place() -> None:
    places = [(one.task, one.order) for one in BUILT_IN if one.order]
    assert len(places) == len(set(places)) == len(METRIC_ORDER)
    for field in ("chart", "headline"):
        taken = [
            (one.task == "explanation", getattr(one, field))
            for one in BUILT_IN
            if getattr(one, field)
        ]
        assert len(taken) == len(set(taken))


@pytest.mark.parametrize(
    ("figure", "told"),
    [
        (Figure(task="t", metric="m", note="a share", better="higher"), "a share"),
        (Figure(task="t", metric="m", note="a share", better="lower"), "a share; lower is better"),
        (
            Figure(task="t", metric="m", note="a move", better="higher", shown="masking"),
            "a move; higher is better",
        ),
        (Figure(task="t", metric="m", note="a control"), "a control"),
    ],
)
def test_which_values_are_better_is_said_where_it_is_not_plain(figure, told) -> None:
    assert figure.told == told


_NEW = """
    (
        Figure(
            task=EXPLANATION_TASK,
            metric="shouting",
            note="share of texts that shout",
            better="lower",
            order=15,
        ),
        lambda text: float("!" in text.text),
    ),
"""
_SHOW = """
from recexplainer.explanation.figures.measures import explanation_metrics
from recexplainer.records import Case, Explanation
from recexplainer.report import DatasetFacts, Report, RunFacts, TargetFacts
from recexplainer.report.render.html import render_html
case = dict(history=("1",), item="2", split="all", decision="Yes", score=1.0, rank=1, candidates=9)
cases = [Case(id=name, user=name, **case) for name in "abcd"]
texts = [Explanation(case=one.id, explainer="e", text="Yes!" if one.id == "a" else "Yes.")
         for one in cases]
data = DatasetFacts(name="d", users=1, items=1, interactions=1)
run = RunFacts(name="r", command="c", started="s", seed=0, mode="hybrid", target="t",
               backbone="tiny", dataset=data, target_facts=TargetFacts())
metrics = explanation_metrics(texts, cases, 0)
print(*[one.value for one in metrics if one.metric == "shouting"])
print(render_html(Report(run=run, metrics=tuple(metrics))))
"""


def test_a_new_figure_of_texts_takes_one_entry_in_one_file(tmp_path) -> None:
    """The recipe of docs/onboarding.md, followed on a copy of the package."""
    shutil.copytree(
        PACKAGE, tmp_path / "recexplainer", ignore=shutil.ignore_patterns("__pycache__")
    )
    path = tmp_path / "recexplainer" / "explanation" / "figures" / "measures.py"
    before, opening, after = path.read_text(encoding="utf-8").partition("_VALUES: ")
    head, opened, rest = after.partition(" = (\n")
    path.write_text(before + opening + head + opened + _NEW.lstrip("\n") + rest, encoding="utf-8")
    shown = subprocess.run(
        [sys.executable, "-c", _SHOW],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    value, page = shown.split("\n", 1)
    assert float(value) == 0.25
    assert (
        "<dt><code>shouting</code></dt><dd>share of texts that shout; lower is better</dd>" in page
    )
    columns = page[page.index('id="explanations"') :]
    assert columns.index(">true_") < columns.index(">shouting<") < columns.index(">decision_")


@pytest.fixture
def with_plugin(report, make_figure):
    """A run with a made-up plugin: an alignment task, and a figure of a task of its own."""
    figures = (
        Figure(task="contrast", metric="regret", note="f's loss by <the> choice", better="lower"),
        Figure(task="shelf", metric="spread", note="genres on a shelf", better="higher"),
    )
    measured = (
        *report.metrics,
        make_figure("hybrid", "contrast", "regret", 0.61),
        make_figure("shop", "shelf", "spread", 0.37),
    )
    count = report.run.corpus[0].model_copy(update={"task": "contrast"})
    run = report.run.model_copy(update={"corpus": (*report.run.corpus, count)})
    return report.model_copy(update={"run": run, "metrics": measured, "figures": figures})


def test_a_figure_of_a_plugin_is_shown_with_its_note(with_plugin) -> None:
    page, text = render_html(with_plugin), render_markdown(with_plugin)
    fidelity = page[page.index('<section id="fidelity"') : page.index('<section id="explanations"')]
    assert "f&#39;s loss by &lt;the&gt; choice; lower is better" in fidelity
    own = page[page.index('<section id="task-1"') :].partition("</section>")[0]
    assert "<dd>genres on a shelf</dd>" in own
    told = text.partition("## Fidelity\n")[2].partition("\n## ")[0]
    assert "- regret: f's loss by \\<the\\> choice; lower is better" in told
    told = text.partition("## shelf\n")[2].partition("\n## ")[0]
    assert "- spread: genres on a shelf" in told


def test_figures_of_plugins_are_kept_with_the_report(with_plugin, report, tmp_path) -> None:
    write_report(with_plugin, tmp_path)
    assert load_report(tmp_path) == with_plugin
    assert "figures" not in report.model_dump()
    assert "figures" not in report.model_dump_json()


def test_a_plugin_does_not_say_what_our_own_figures_mean() -> None:
    ours = Figure(task="item_ranking", metric="ndcg@5", note="whatever")
    theirs = Figure(task="contrast", metric="regret")
    assert added_figures([ours, theirs, theirs]) == (theirs,)
