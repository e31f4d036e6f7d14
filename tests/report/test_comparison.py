from __future__ import annotations

import pytest

from recexplainer.report import compare_reports, comparison_caveats


@pytest.fixture
def other(report, make_figure):
    run = report.run.model_copy(update={"mode": "intention", "seed": 6})
    metrics = (
        make_figure("random", "next_item_retrieval", "hit@5", 0.01, 0.01),
        make_figure("intention", "next_item_retrieval", "hit@5", 0.55),
        make_figure("intention", "house_task", "house_metric", 0.4),
    )
    return report.model_copy(update={"run": run, "metrics": metrics})


def row(rows, subject, metric, split="leave_one_out"):
    (found,) = [r for r in rows if (r.subject, r.metric, r.split) == (subject, metric, split)]
    return found


def test_surrogates_of_different_modes_share_a_row(report, other):
    rows = compare_reports({"first": report, "second": other})
    aligned = row(rows, "aligned", "hit@5")
    assert aligned.texts == {"first": "0.68 [0.65, 0.71]", "second": "0.55 [0.52, 0.58]"}
    assert aligned.apart
    assert not row(rows, "random", "hit@5").apart


def test_every_figure_is_in_exactly_one_row(report, other):
    rows = compare_reports({"first": report, "second": other})
    for name, one in (("first", report), ("second", other)):
        shown = [r.figures[name] for r in rows if r.figures[name] is not None]
        assert sorted(map(repr, shown)) == sorted(map(repr, one.metrics))


def test_what_a_run_did_not_measure_is_not_called_unscored(report, other):
    rows = compare_reports({"first": report, "second": other})
    assert row(rows, "popularity", "hit@5").texts["second"] == "–"
    assert row(rows, "aligned", "ndcg@5").texts["first"] == "not scored"
    assert row(rows, "aligned", "house_metric").texts == {
        "first": "–",
        "second": "0.40 [0.37, 0.43]",
    }


def test_caveats_name_what_differs(report, other):
    assert comparison_caveats({"first": report, "second": report}) == []
    (caveat,) = comparison_caveats({"first": report, "second": other})
    assert caveat == "the runs have different seeds: first has 5, second has 6"
