"""The examples do what they say."""

from __future__ import annotations

import importlib.util
import json
import sys

import pytest
from pages import ROOT

from recexplainer.config import load_config, read_grid
from recexplainer.pipeline import default_registry, plan
from recexplainer.pipeline.ablation.ablation_plan import plan_ablation
from recexplainer.plugins.interfaces import JudgeKit
from recexplainer.records import Case, Catalogue, Explanation, Item
from recexplainer.testing import JudgeContract

EXAMPLES = ROOT / "examples"
BRIEFLY = ("training.budget=0.5", "target.options.max_epochs=2", "explanations.users=2")


def _load(name, monkeypatch):
    spec = importlib.util.spec_from_file_location(name, EXAMPLES / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)
    spec.loader.exec_module(module)
    return module


BOOKS = [
    *(
        f"dataset.options.{name}={EXAMPLES / 'books' / name}.csv"
        for name in ("interactions", "items")
    ),
    *("dataset.options.user_column=reader", "dataset.options.item_column=book"),
    "dataset.options.item_id_column=book",
]
GRIDS = {EXAMPLES / "ablation.yaml": [], EXAMPLES / "paper.yaml": BOOKS}
"""With what their readers have to give."""


@pytest.mark.parametrize(
    "config", sorted({*EXAMPLES.glob("*.yaml")} - {*GRIDS}), ids=lambda path: path.name
)
def test_configurations_can_be_planned(config, monkeypatch):
    monkeypatch.chdir(ROOT)
    plan(load_config(config), default_registry())


@pytest.mark.parametrize(("grid", "given"), GRIDS.items(), ids=[path.name for path in GRIDS])
def test_grids_can_be_planned(grid, given, tmp_path):
    asked, problems = read_grid(grid, {})
    out, registry = tmp_path / "out", default_registry()
    planned = plan_ablation(asked, out, registry, overrides=given, problems=problems)
    assert len(planned.runs) == len(planned.changes) * len(planned.seeds) > 1


def test_hybrid_is_the_default_run_but_for_what_it_says():
    """Its settings are those of a run without a file, explanations apart."""
    changed = load_config(EXAMPLES / "hybrid.yaml").model_dump(exclude={"explanations"})
    assert changed == load_config().model_dump(exclude={"explanations"})


def test_the_library_example_runs_and_explains(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    _load("library_use", monkeypatch).main(tmp_path / "run", *BRIEFLY)
    printed = capsys.readouterr().out
    assert "behavior     accuracy" in printed
    assert "for ada?" in printed
    assert "occlusion: " in printed
    curve = json.loads((tmp_path / "run" / "report.json").read_text("utf-8"))["run"]["curve"]
    assert curve
    assert all(point["loss"] is not None for point in curve)  # a loss that is not finite is None


def test_the_plugin_example_grades_beside_the_built_in_judge(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    _load("one_file_plugin", monkeypatch).main(tmp_path / "run", *BRIEFLY)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(":")[0] for line in lines[-2:]] == ["offline", "brief"]


class TestBriefJudge(JudgeContract):
    @pytest.fixture
    def make_judge(self, monkeypatch):
        plugin = _load("one_file_plugin", monkeypatch)
        return lambda kit: plugin.build(plugin.BriefOptions(), kit)


@pytest.mark.parametrize(
    ("decision", "cited", "words", "grade"),
    [("No", ("a",), 3, 1), (None, (), 3, 1), ("Yes", (), 3, 2), ("Yes", ("a",), 9, 3),
     ("Yes", ("a",), 8, 4)],
)  # fmt: skip
def test_the_brief_judge_follows_its_rules(decision, cited, words, grade, monkeypatch):
    plugin = _load("one_file_plugin", monkeypatch)
    judge = plugin.build(plugin.BriefOptions(max_words=8), JudgeKit(Catalogue([Item("a", "A")])))
    case = Case(
        id="c", user="u", history=("a",), item="b", split="leave_one_out", decision="Yes",
        score=1.0, rank=1, candidates=2,
    )  # fmt: skip
    explanation = Explanation(
        case="c", explainer="x", text="word " * words, decision=decision, cited=cited
    )
    (verdict,) = judge.grade([(case, explanation)])
    assert verdict.grade == grade
