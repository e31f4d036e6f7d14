"""Curves of risk over coverage, and what of the cases is withheld, as a reader sees them."""

from __future__ import annotations

import re

import pytest

from recexplainer.records import Check, Explanation, RiskCurve, RiskPoint
from recexplainer.report.charts.bars import explanation_charts
from recexplainer.report.charts.risk_coverage import min_confidence, risk_charts, risk_rows
from recexplainer.report.headline import headline
from recexplainer.report.model import Report
from recexplainer.report.render.html import render_html
from recexplainer.report.render.markdown import render_markdown
from recexplainer.report.tables import explanation_metrics, fidelity_metrics, metric_tables

POINTS = ((1.0, 0.2, 0.0), (0.5, 0.6, 0.1), (0.0, 0.9, 0.4))


@pytest.fixture
def selective(report, make_figure):
    """The made-up run, with a curve, its areas, and its one text withheld."""
    points = tuple(RiskPoint(confidence=a, coverage=b, risk=c) for a, b, c in POINTS)
    curve = RiskCurve(explainer="hybrid", points=points, refuted=0.3, unscored=0.1)
    areas = {
        "area": 0.21,
        "area_at_random": 0.4,
        "area_not_refuted": 0.08,
        "area_at_random_not_refuted": 0.13,
    }
    figures = (
        *(
            make_figure("hybrid", "risk_coverage", name, value, split="all")
            for name, value in areas.items()
        ),
        make_figure("hybrid", "explanation", "coverage", 0.6),
        make_figure("hybrid", "explanation", "risk", 0.4),
        make_figure("hybrid", "explanation_kept", "risk", 0.1),
        make_figure("hybrid", "explanation", "true_as_read", 0.7),
        make_figure("hybrid", "explanation_kept", "true_as_read", 1.0, 0.0),
    )
    (shown,) = report.explanations
    sure = Check(name="confidence", value=0.2, detail="f decides so on 2")
    withheld = shown.model_copy(
        update={
            "abstained": True,
            "explanation": shown.explanation.model_copy(
                update={"checks": (*shown.explanation.checks, sure)}
            ),
        }
    )
    account = Explanation(case=shown.case.id, explainer="occlusion", text="Yes: f's own <words>.")
    config = {**report.run.config, "explanations": {"min_confidence": 0.5}}
    return report.model_copy(
        update={
            "run": report.run.model_copy(update={"config": config}),
            "metrics": (*report.metrics, *figures),
            "explanations": (withheld,),
            "accounts": (account,),
            "risk_coverage": (curve,),
        }
    )


def _values(chart, path):
    """Return the points of a path as shares and risks, by the chart's own ticks."""
    (x0, x1) = (chart.x_ticks[0].at, chart.x_ticks[-1].at)
    low, high = chart.y_ticks[0], chart.y_ticks[-1]
    unit = (float(high.text) - float(low.text)) / (high.at - low.at)
    points = re.findall(r"[ML]([\d.]+) ([\d.]+)", path)
    return [((float(x) - x0) / (x1 - x0), (float(y) - low.at) * unit) for x, y in points]


def test_the_curve_starts_flat_passes_its_corners_and_bends_between(selective):
    (chart,) = risk_charts(selective)
    points = _values(chart, chart.path)
    assert points[0] == (pytest.approx(0), pytest.approx(0, abs=0.01))
    for _, coverage, risk in POINTS:
        assert any(
            x == pytest.approx(coverage, abs=0.004) and y == pytest.approx(risk, abs=0.004)
            for x, y in points
        )
    # half-way from 0.2 to 0.6, half of the failures among these have come in: 0.03 of 0.4
    assert any(
        x == pytest.approx(0.4, abs=0.004) and y == pytest.approx(0.03 / 0.4, abs=0.004)
        for x, y in points
    )


def test_marks_stand_where_the_run_cuts_and_where_texts_are_refuted(selective):
    (chart,) = risk_charts(selective)
    assert chart.chosen == chart.corners[1]
    width = chart.x_ticks[-1].at - chart.x_ticks[0].at
    assert chart.refuted[1] == chart.corners[-1][0]
    assert (chart.refuted[1] - chart.refuted[0]) / width == pytest.approx(0.3, abs=0.004)
    assert chart.at_random == chart.corners[-1][1]


def test_words_tell_both_areas_and_all_beside_what_is_given(selective):
    (chart,) = risk_charts(selective)
    assert "Area 0.21 [0.18, 0.24], withholding at random 0.40." in chart.words
    assert "no check outright: 0.080 [0.050, 0.110], at random 0.13" in chart.words
    assert "At confidence 0.5, 60 % are given with risk 0.10; all have 0.40." in chart.words


def test_rows_follow_each_confidence(selective):
    head, rows = risk_rows(selective)
    assert head == ["Confidence at least", "hybrid"]
    assert rows == [["1.00", "20 %, 0.00"], ["0.50", "60 %, 0.10"], ["0.00", "90 %, 0.40"]]


def _at(report, least, *points):
    config = {**report.run.config, "explanations": {"min_confidence": least}}
    curve = RiskCurve(
        explainer="hybrid",
        points=tuple(RiskPoint(confidence=a, coverage=b, risk=c) for a, b, c in points),
        refuted=0.3,
        unscored=0.0,
    )
    run = report.run.model_copy(update={"config": config})
    (chart,) = risk_charts(report.model_copy(update={"run": run, "risk_coverage": (curve,)}))
    return chart


def test_without_a_least_confidence_what_is_true_as_read_is_given(selective):
    corners = [(1.0, 0.2, 0.0), (0.0, 0.7, 0.2), (None, 1.0, 0.44)]
    chart = _at(selective, 0.0, *corners)
    assert chart.chosen == chart.corners[1]
    assert "True as read, 70 % are given with risk 0.20; all have 0.44." in chart.words
    assert _at(selective, None, *corners).chosen == chart.corners[2]


def test_where_no_text_is_true_as_read_none_is_given(selective):
    chart = _at(selective, 0.0, (None, 1.0, 1.0))
    assert chart.chosen is None
    assert "No text is true as read." in chart.words


def test_a_confidence_that_no_text_reaches_gives_none(selective):
    points = (RiskPoint(confidence=0.2, coverage=1.0, risk=0.9),)
    low = RiskCurve(explainer="hybrid", points=points, refuted=0.0, unscored=0.0)
    (chart,) = risk_charts(selective.model_copy(update={"risk_coverage": (low,)}))
    assert chart.chosen is None
    assert "No text reaches confidence 0.5." in chart.words


def test_the_page_shows_the_curve_and_the_account_in_place_of_a_withheld_text(selective):
    page = render_html(selective)
    assert 'id="withheld"' in page
    assert "Withheld</strong>, confidence 0.20: f decides so on 2." in page
    assert "Yes: f&#39;s own &lt;words&gt;." in page
    assert page.count('<circle class="corner"') == len(POINTS)
    assert page.count('<circle class="chosen"') == 1


def test_markdown_tells_the_same(selective):
    text = render_markdown(selective)
    assert "## What is withheld" in text
    assert "| 0.50 | 60 %, 0.10 |" in text
    assert "Withheld, confidence 0.20: f decides so on 2." in text
    assert "The recommender's own account: Yes: f's own \\<words\\>." in text


def test_the_headline_never_tells_what_is_given_alone(selective):
    (told,) = [words for words in headline(selective) if "withheld" in words]
    assert "60 %" in told
    assert "1.00 [1.00, 1.00] of those given" in told
    assert "0.70 [0.67, 0.73] of all" in told


def test_a_report_from_before_confidences_is_read_and_says_nothing_of_them(report):
    old = report.model_dump(mode="json", exclude={"accounts", "risk_coverage"})
    for one in old["explanations"]:
        del one["abstained"]
    again = Report.model_validate(old)
    assert again == report
    assert min_confidence(again) is None
    assert 'id="withheld"' not in render_html(again)
    assert "withheld" not in render_markdown(again)


def test_figures_of_what_is_given_are_no_fidelity(selective):
    tasks = {metric.task for metric in fidelity_metrics(selective)}
    assert tasks == {"next_item_retrieval", "item_ranking"}


def test_explanations_are_drawn_for_each_explainer_where_any_was_scored(selective, make_figure):
    more = (
        make_figure("occlusion", "explanation", "faithfulness_drop", 0.4),
        make_figure("occlusion", "explanation", "pos@1", None, n=0, unscored=9),
    )
    wider = selective.model_copy(update={"metrics": (*selective.metrics, *more)})
    (table,) = metric_tables(explanation_metrics(wider))
    charts = {chart.column.metric: chart for chart in explanation_charts(table, "hybrid")}
    assert [bar.label for bar in charts["faithfulness_drop"].bars] == ["hybrid", "occlusion"]
    assert "pos@1" not in charts
    assert {"risk", "decision_agreement"} <= set(charts)


@pytest.mark.parametrize(("wanted", "shown"), [(0, 0), (1, 1), (3, 3)])
def test_as_many_cases_are_shown_as_are_asked_for(report, make_explained, wanted, shown):
    config = {**report.run.config, "report": {"cases": wanted}}
    many = report.model_copy(
        update={
            "explanations": tuple(make_explained(number) for number in range(9)),
            "run": report.run.model_copy(update={"config": config}),
        }
    )
    assert render_html(many).count("<article>") == shown
