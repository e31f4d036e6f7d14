"""Every figure of reports, audits and comparisons has one name, and the right value."""

from __future__ import annotations

import pytest

from recexplainer.audit.finding import Finding
from recexplainer.audit.recommender_audit import Audit
from recexplainer.audit.versions.version_change import Change
from recexplainer.audit.versions.version_comparison import Comparison, VersionFacts
from recexplainer.errors import UnknownNameError
from recexplainer.report.named_figures import Measured, figure_table


def found(probe, chapter, sentence, figure, low=None, high=None, *, alarm=False):
    return Finding(
        probe=probe, chapter=chapter, sentence=sentence, figure=figure, low=low, high=high,
        alarm=alarm,
    )  # fmt: skip


@pytest.fixture
def audit():
    return Audit(
        run="r", target="t", dataset="d", users=40, all_users=90, items=120,
        findings=(
            found("last item", "reliance", "Said.", 0.4, 0.3, 0.5),
            found("last item", "parameter", "Said.", 0.6),
            found("hit@10", "segment", "Users with 9 items or fewer: so.", 0.1),
            found("hit@10", "segment", "Users with 30 items or more: so.", -0.1),
            found("duplicates", "bug", "Said.", 3, alarm=True),
        ),
    )  # fmt: skip


@pytest.fixture
def comparison():
    facts = VersionFacts(
        name="a", run="a", target="t", dataset="d", users=9, items=9, max_history=9
    )
    changes = (
        Change(name="list-agreement", chapter="lists", sentence="S.", change=0.5, low=0.4,
               high=0.6),
        Change(name="hit@10", chapter="quality", sentence="S.", first=0.2, second=0.3, change=0.1,
               low=0.05, high=0.15),
    )  # fmt: skip
    return Comparison(first=facts, second=facts, users=9, decisions=((1,),), changes=changes)


def test_every_metric_of_a_report_is_there_once_with_its_interval(report):
    table = figure_table([Measured(report)])
    names = [name for name in table.values if not name.endswith((".low", ".high"))]
    assert len(names) == len(report.metrics)
    metric = report.metrics[2]
    name = f"{metric.task}.{metric.metric}.aligned.{metric.split}"
    assert table.values[name] == metric.value == 0.68
    assert table.values[f"{name}.low"] == metric.low
    assert None in table.values.values()  # what was not scored is named as well
    assert not any(name.startswith(("before.", "change.")) for name in table.values)


def test_a_short_name_is_the_runs_own_figure(report):
    table = figure_table([Measured(report)])
    for short, full in table.short.items():
        if short != "faithfulness":
            assert full.split(".")[1] == short
        assert full.split(".")[2] in {"aligned", report.run.target}


def test_a_change_is_the_last_less_the_first(report, with_metrics, make_figure):
    own = report.run.mode
    metric = make_figure(own, "explanation", "faithfulness_drop", 0.30)
    first = with_metrics(metric)
    worse = metric.model_copy(update={"value": 0.24, "low": 0.2, "high": 0.28})
    last = with_metrics(worse)
    table = figure_table([Measured(first), Measured(last)])
    full = "explanation.faithfulness_drop.aligned.leave_one_out"
    assert table.full_name("faithfulness") == full
    assert table.values[full] == 0.24
    assert table.values[table.full_name("before.faithfulness")] == 0.30
    assert table.values[table.full_name("change.faithfulness")] == pytest.approx(-0.06)
    assert table.values[table.full_name("before.faithfulness.low")] == metric.low
    assert f"change.{full}.low" not in table.values  # no interval that was measured


def test_an_audits_figures_are_named_by_chapter_and_segment(audit):
    values = figure_table([Measured(None, audit)]).values
    assert values["audit.alarms"] == 1
    assert values["audit.reliance.last-item"] == 0.4
    assert values["audit.reliance.last-item.high"] == 0.5
    assert values["audit.parameter.last-item"] == 0.6
    assert values["audit.segment.hit@10.users-with-30-items-or-more"] == -0.1


def test_a_comparisons_figures_keep_their_paired_intervals(comparison):
    table = figure_table([Measured(), Measured()], comparison)
    read = {name: table.values[table.full_name(name)] for name in (
        "list-agreement", "list-agreement.low", "hit@10", "before.hit@10", "change.hit@10",
        "change.hit@10.high",
    )}  # fmt: skip
    assert list(read.values()) == [0.5, 0.4, 0.3, 0.2, 0.1, 0.15]
    listed = {full: (short, value) for short, full, value in table.lines()}
    assert listed["comparison.list-agreement"] == ("list-agreement", "0.5")


def test_what_was_measured_user_by_user_takes_the_short_name(
    report, with_metrics, comparison, make_figure
):
    metric = make_figure(report.run.target, "target_quality", "hit@10", 0.5, split="all")
    own = with_metrics(metric)
    alone = figure_table([Measured(own)])
    assert alone.values[alone.full_name("hit@10")] == 0.5
    both = figure_table([Measured(own), Measured(own)], comparison)
    assert both.values[both.full_name("hit@10")] == 0.3
    assert both.values[both.full_name("change.hit@10.high")] == 0.15
    full = f"target_quality.hit@10.{report.run.target}.all"
    assert both.values[both.full_name(full)] == 0.5


def test_a_change_of_one_run_is_refused_with_the_reason(report):
    with pytest.raises(UnknownNameError, match=r"begins with change\. needs two runs") as refused:
        figure_table([Measured(report)]).full_name("change.hit@5")
    assert "Did you mean 'change." not in str(refused.value)
