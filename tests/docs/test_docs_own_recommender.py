"""The tutorial on one's own recommender, done as it says: files saved, code run, commands typed."""

from __future__ import annotations

import json
import re
import shlex
import sys

import pytest
from pages import ROOT, blocks, named

PAGE = ROOT / "docs" / "tutorial" / "own-recommender.md"
_YAML = re.compile(r"# ([\w-]+\.yaml)\n")


def _commands():
    shell = [block.text for block in blocks(PAGE) if block.language == "sh"]
    return [line for text in shell for line in text.splitlines() if line.strip()]


def _follow(folder):
    """Save every file of the page in ``folder`` and run the code between them, in order."""
    names = {"__name__": "__docs__"}
    for block in blocks(PAGE):
        saved = block.file or "".join(_YAML.findall(block.text)[:1])
        if saved:
            (folder / saved).write_text(block.text, encoding="utf-8")
        elif block.language == "python":
            code = compile("\n" * (block.line - 1) + block.text, named(PAGE), "exec")
            exec(code, names)  # noqa: S102  # our own page
    return names


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """A folder to follow the page in, whose modules are forgotten afterwards."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    for module in ("next_film", "to_explain"):
        monkeypatch.setitem(sys.modules, module, None)  # so that it is undone
        del sys.modules[module]
    return tmp_path


def test_the_model_recommends_as_the_page_says(beside, capsys):
    names = _follow(beside)
    (printed,) = re.findall(r"It prints `([^`]*)`", PAGE.read_text("utf-8"))
    assert capsys.readouterr().out.strip() == printed
    assert set(_YAML.findall(PAGE.read_text("utf-8"))) == {"films.yaml"}
    assert len(names["films"]) == 24


@pytest.mark.slow
def test_every_command_of_the_page_works_in_its_order(beside, recx, capsys):
    _follow(beside)
    capsys.readouterr()
    said = {}
    for command in _commands():
        done = recx(*shlex.split(command)[1:])
        assert done.code == 0, f"{command}\n{done.out}{done.err}"
        said[command] = done.out
    checked, planned, ran, *explained = said.values()
    assert " 0 broken" in checked
    assert "to_explain:Recommender" in planned
    assert "report: runs/films/report.html" in ran
    for text, item in zip(explained, ("", "The Age of Rain"), strict=True):
        assert "user viewer-7" in text
        assert item in text
        assert "\nhybrid:" in text
        assert "\nocclusion:" in text
        assert "checked against the recommender:" in text
    _is_about_the_model(json.loads((beside / "runs" / "films" / "report.json").read_text("utf-8")))


def _is_about_the_model(report):
    """What the page says of the report: the model beside popularity, and explanations by two."""
    for task, name in (("target_quality", "hit@10"), ("next_item_retrieval", "hit@5_constrained")):
        hits = {
            metric["subject"]: metric["value"]
            for metric in report["metrics"]
            if (metric["task"], metric["metric"]) == (task, name) and metric["n"] >= 20
        }
        best = hits["to_explain:Recommender" if task == "target_quality" else "hybrid"]
        assert best > hits["popularity"] + 0.2
    assert {"hybrid", "occlusion"} <= {metric["subject"] for metric in report["metrics"]}
    assert len(report["explanations"]) == 2 * 2 * 10
