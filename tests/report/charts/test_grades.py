"""Bars of grades: their parts are the shares of the grades that were given."""

from __future__ import annotations

import pytest

from recexplainer.records import Verdict
from recexplainer.report.charts.grades import grade_charts
from recexplainer.report.render.html import render_html


def _verdicts(judge, explainer, grades):
    return tuple(
        Verdict(case=f"u{n}@3/9", explainer=explainer, judge=judge, grade=grade)
        for n, grade in enumerate(grades)
    )


@pytest.fixture
def graded(report):
    people = (
        *_verdicts("rater 1", "hybrid", [4, 4, 3, None]),
        *_verdicts("rater 2", "hybrid", [4, 2, 3, 1]),
        *_verdicts("rater 1", "<random>", [1, 1]),
    )
    judges = (*_verdicts("offline", "hybrid", [2]), *_verdicts("chat:m", "hybrid", [None]))
    return report.model_copy(update={"ratings": people, "verdicts": judges})


def test_people_come_first_and_every_judge_has_a_chart(graded):
    charts = grade_charts(graded)
    assert [chart.title for chart in charts] == [
        "Graded by people",
        "Graded by offline",
        "Graded by chat:m",
    ]
    assert "2 raters" in charts[0].note
    assert "1 not graded" in charts[0].note


def test_parts_are_shares_of_what_was_graded(graded):
    people = grade_charts(graded)[0]
    hybrid, random = people.bars
    whole = people.ticks[-1].at - people.ticks[0].at
    shares = [segment.width / whole for segment in hybrid.segments]
    assert shares == pytest.approx([1 / 7, 1 / 7, 2 / 7, 3 / 7], abs=0.001)
    assert [segment.text for segment in hybrid.segments] == ["1", "1", "2", "3"]
    assert hybrid.text == "3.00, n = 7"
    assert [segment.width for segment in random.segments] == [whole, 0.0, 0.0, 0.0]
    assert "hybrid: 1 times 1, 1 times 2, 2 times 3, 3 times 4" in people.alt


def test_who_graded_nothing_has_no_bar(graded):
    (bar,) = grade_charts(graded)[2].bars
    assert (bar.segments, bar.text) == ((), "not graded")


def test_the_page_shows_the_charts_and_escapes_names(graded):
    page = render_html(graded)
    assert "Graded by people" in page
    assert "<random>" not in page
    assert "&lt;random&gt;" in page


def test_without_grades_there_is_no_chart(report):
    assert grade_charts(report.model_copy(update={"ratings": (), "verdicts": ()})) == []
