"""The sweep over all targets tells a report from none."""

from __future__ import annotations

import json
import subprocess
import types

import every_target
import pytest
from pages import ROOT

from recexplainer.targets.recbole.recbole_providers import recbole_providers

REPORT = {"ended": "report", "seconds": 31.6}
FAILED = {"ended": "failed", "said": "oh", "seconds": 3.0}


def _result(**targets):
    found = {
        name: {"behavior": one, "hybrid": other, "processor": f"P{len(one)}"}
        for name, (one, other) in targets.items()
    }
    return {"dataset": "books", "settings": ["a=1"], "targets": found}


def test_every_target_that_needs_only_a_log_is_run():
    found = every_target.providers()
    assert set(found) == {"popularity", *(one.name for one in recbole_providers())} - {"recbole"}


def test_only_targets_with_epochs_are_given_few():
    found = every_target.providers()
    few = "target.options.max_epochs=2"
    assert few in every_target.settings(found["sasrec"], "books")
    assert few not in every_target.settings(found["popularity"], "books")


def test_the_table_says_how_each_run_ended():
    rows = every_target.table(_result(bpr=(REPORT, REPORT), ease=(FAILED, REPORT))).splitlines()
    assert rows[2] == "| `bpr` | report in 32 s | report in 32 s |"
    assert rows[3] == "| `ease` | **failed** | report in 32 s |"
    assert "`books`" in rows[-1]
    assert "a=1" in rows[-1]
    assert "one thread of P2 (`bpr`), and P3 (`ease`), other" in rows[-1]
    alone = every_target.table(_result(bpr=(REPORT, REPORT)))
    assert "one thread of P2, other" in alone


@pytest.mark.parametrize(
    ("ends", "wrong"),
    [
        ((REPORT, REPORT), []),
        ((REPORT, FAILED), ["bpr, hybrid: failed (oh)"]),
        ((FAILED, REPORT), ["bpr, behavior: failed (oh)"]),
    ],
)
def test_a_run_that_ends_otherwise_than_it_should_is_named(ends, wrong):
    assert list(every_target.failures(_result(bpr=ends))) == wrong


@pytest.fixture
def ending(monkeypatch, tmp_path):
    """Pretend that a run ended with a code, a message and files; return what is made of it."""

    def outcome(code, said="", files=(), report=None):
        def pretend(command, **_):
            out = tmp_path / "run"
            for name in files:
                out.mkdir(exist_ok=True)
                (out / name).write_text(json.dumps(report), encoding="utf-8")
            return subprocess.CompletedProcess(command, code, "", said)

        monkeypatch.setattr(every_target, "subprocess", types.SimpleNamespace(run=pretend))
        found = every_target.outcome("bpr", [], "hybrid", tmp_path / "run")
        return found["ended"], found.get("said")

    return outcome


FILES = ("report.json", "report.html", "report.md")
WHOLE = {"metrics": [{"subject": "hybrid", "n": 3}], "explanations": [{}]}


def test_a_report_has_its_files_and_what_was_measured_and_explained(ending):
    assert ending(0, files=FILES, report=WHOLE) == ("report", None)
    assert ending(0, files=FILES[:2], report=WHOLE) == ("failed", "no report.md")
    unmeasured = {**WHOLE, "metrics": [{"subject": "hybrid", "n": 0}]}
    assert ending(0, files=FILES, report=unmeasured) == ("failed", "no fidelity of hybrid")
    unexplained = {**WHOLE, "explanations": []}
    assert ending(0, files=FILES, report=unexplained) == ("failed", "no explanations")


def test_a_run_that_ends_with_an_error_failed_and_says_why(ending):
    assert ending(2, "recx: wrong\n  no such file\n") == ("failed", "no such file")
    assert ending(1, files=FILES, report=WHOLE) == ("failed", "")


def test_results_of_other_settings_are_not_mixed_in(tmp_path):
    path = tmp_path / "result.json"
    now = {"dataset": "books", "settings": list(every_target.SMALL), "targets": {"bpr": {}}}
    path.write_text(json.dumps(now), encoding="utf-8")
    assert every_target.kept(path, "books")["targets"] == {"bpr": {}}
    assert every_target.kept(path, "ml-100k")["targets"] == {}
    path.write_text(json.dumps({**now, "settings": ["training.budget=1"]}), encoding="utf-8")
    assert every_target.kept(path, "books")["targets"] == {}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(every_target.providers()))
def test_a_small_run_of_it_ends_with_a_report(name, tmp_path, monkeypatch):
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    provider = every_target.providers()[name]
    found = every_target.measure(name, provider, "books", tmp_path)
    assert not list(every_target.failures({"targets": {name: found}}))
