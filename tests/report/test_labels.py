from __future__ import annotations

import pytest

from recexplainer.report.labels import figure_text, seconds_text, share_text


@pytest.mark.parametrize(
    ("value", "half", "text"),
    [
        (0.68, 0.03, "0.68 [0.65, 0.71]"),
        (0.004, 0.003, "0.004 [0.001, 0.007]"),
        (0.0, 0.0, "0.00 [0.00, 0.00]"),
        (-0.25, 0.1, "-0.25 [-0.35, -0.15]"),
        (None, 0.0, "not scored"),
    ],
)
def test_figures_in_text(make_figure, value, half, text):
    assert figure_text(make_figure("random", "item_ranking", "kendall_tau", value, half)) == text


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (1.0, 0.997, 1.0, "1.000 [0.997, 1.000]"),
        (0.0, 0.0, 0.004, "0.000 [0.000, 0.004]"),
        (1.0, 0.96, 1.0, "1.00 [0.96, 1.00]"),
        (1.0, 1.0, 1.0, "1.00 [1.00, 1.00]"),
    ],
)
def test_an_interval_is_never_rounded_away(make_figure, value, low, high, text):
    figure = make_figure("random", "item_ranking", "ndcg@5", value)
    assert figure_text(figure.model_copy(update={"low": low, "high": high})) == text


def test_an_absent_figure_is_a_dash():
    assert figure_text(None) == "–"


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0 %"), (0.004, "under 1 %"), (0.5, "50 %"), (0.998, "over 99 %"), (1.0, "100 %")],
)
def test_shares_never_round_to_nothing_or_all(share, text):
    assert share_text(share) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.24, "0.2 s"), (59.7, "1 min"), (252.0, "4 min 12 s"), (3_725.0, "1 h 2 min 5 s")],
)
def test_durations_in_text(seconds, text):
    assert seconds_text(seconds) == text
