from __future__ import annotations

import itertools
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recexplainer.report import CurvePoint
from recexplainer.report.charts.axes import Scale, round_values
from recexplainer.report.charts.bars import bar_charts
from recexplainer.report.charts.training_curve import training_curve
from recexplainer.report.tables import metric_tables


@given(st.floats(-1e6, 1e6), st.floats(1e-3, 1e6))
def test_round_values_enclose_the_range_evenly(low, width):
    values = round_values(low, low + width)
    slack = 1e-6 * max(1.0, abs(low), width)
    assert values[0] <= low + slack
    assert values[-1] >= low + width - slack
    assert 2 <= len(values) <= 8
    steps = [after - before for before, after in itertools.pairwise(values)]
    assert max(steps) == pytest.approx(min(steps), rel=1e-3)


def test_scale_maps_ends_to_ends_and_keeps_the_rest_inside():
    scale = Scale(0.0, 2.0, 100.0, 200.0)
    assert [scale(value) for value in (-5, 0, 0.5, 2, 9)] == [100, 100, 125, 200, 200]


def chart_of(metrics, own="hybrid"):
    (table,) = metric_tables(metrics)
    (chart,) = bar_charts(table, own)
    return chart


def test_bars_are_as_long_as_their_figures(make_figure):
    chart = chart_of(
        [
            make_figure("random", "next_item_retrieval", "hit@5", 0.2, 0.1),
            make_figure("hybrid", "next_item_retrieval", "hit@5", 0.8, 0.1),
        ]
    )
    low, high = chart.bars
    assert high.right - high.left == pytest.approx(4 * (low.right - low.left), abs=0.2)
    assert low.low == pytest.approx((low.left + low.right) / 2, abs=0.1)
    assert (low.kind, high.kind) == ("other", "own")


def test_negative_figures_lie_left_of_zero(make_figure):
    chart = chart_of([make_figure("hybrid", "item_ranking", "kendall_tau", -0.4, 0.1)])
    (bar,) = chart.bars
    assert bar.left < bar.right == chart.zero
    assert bar.low < bar.left < bar.high


def test_an_unscored_figure_has_words_and_no_bar(make_figure):
    chart = chart_of([make_figure("hybrid", "item_ranking", "kendall_tau", None, n=0)])
    (bar,) = chart.bars
    assert bar.text == "not scored"
    assert bar.left == bar.right
    assert bar.low is None


def points(*losses):
    return [
        CurvePoint(step=k, examples=100 * k, loss=loss, tokens_per_second=1.0, seconds=float(k))
        for k, loss in enumerate(losses, start=1)
    ]


def test_the_curve_goes_down_as_the_loss_does():
    curve = training_curve(points(4.0, 2.0, 1.0))
    heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", curve.path)]
    assert heights == sorted(heights)  # y grows downwards in SVG
    assert curve.bottom - heights[0] == pytest.approx(4 * (curve.bottom - heights[2]), abs=0.3)
    assert "falls" in curve.alt


def test_the_curve_has_a_gap_where_the_loss_is_not_finite():
    curve = training_curve(points(4.0, 2.0, float("inf"), 3.0, 2.0))
    assert re.sub(r"[\d. ]", "", curve.path) == "MLML"


def test_a_loss_that_did_not_fall_is_said():
    assert "does not fall" in training_curve(points(1.0, 2.0)).alt


def test_no_curve_of_a_single_point():
    assert training_curve(points(1.0)) is None
    assert training_curve(points(float("nan"), 1.0)) is None
    assert training_curve([]) is None
