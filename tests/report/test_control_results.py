"""A control that keeps what it must lose is told, in red."""

from __future__ import annotations

import pytest

from recexplainer.report.control_results import failed_controls
from recexplainer.report.render.html import render_html
from recexplainer.report.render.markdown import render_markdown
from recexplainer.report.tables import fidelity_metrics

DROP = ("explanation", "faithfulness_drop")
SHUFFLED = ("explanation", "faithfulness_drop_shuffled")
REINITIALIZED = ("explanation", "faithfulness_drop_reinitialized")


@pytest.mark.parametrize(
    ("drop", "kept", "half", "fails"),
    [
        (1.0, 0.02, 0.05, False),  # lost
        (1.0, 0.30, 0.05, True),  # keeps 30 %, surely above 0
        (1.0, 0.30, 0.40, False),  # may as well be 0
        (1.0, 0.15, 0.05, False),  # loses 85 %
        (1.0, -0.50, 0.05, False),  # points the other way
        (0.03, 0.03, 0.01, False),  # there was nothing to lose: its interval reaches below 0
    ],
)
def test_what_is_kept_beyond_a_fifth_fails(with_metrics, make_figure, drop, kept, half, fails):
    report = with_metrics(
        make_figure("hybrid", *DROP, drop, 0.05), make_figure("hybrid", *SHUFFLED, kept, half)
    )
    assert bool(failed_controls(report)) == fails


def test_each_explainer_and_control_stands_for_itself(with_metrics, make_figure):
    report = with_metrics(
        make_figure("occlusion", *DROP, 1.0),
        make_figure("occlusion", *SHUFFLED, 0.0),
        make_figure("occlusion", *REINITIALIZED, 0.9),
        make_figure("hybrid", *DROP, 0.8),
        make_figure("hybrid", *REINITIALIZED, None, n=0, unscored=3),
    )
    (sentence,) = failed_controls(report)
    assert "explanations of occlusion (leave-one-out) keep 90 %" in sentence
    assert "the recommender with its weights in random order" in sentence


def test_the_page_says_it_in_red_and_markdown_says_it_first(with_metrics, make_figure):
    failed = with_metrics(make_figure("hybrid", *DROP, 1.0), make_figure("hybrid", *SHUFFLED, 0.9))
    passed = with_metrics(make_figure("hybrid", *DROP, 1.0), make_figure("hybrid", *SHUFFLED, 0.0))
    page = render_html(failed)
    assert 'class="care alarm" role="alert"' in page
    assert "Control failed: put to a recommender that gives each item the scores of another" in page
    assert ".alarm { background: var(--bad-back)" in page
    assert "no interval gives reason for doubt" not in page
    assert "## Controls failed" in render_markdown(failed)
    assert 'class="care alarm"' not in render_html(passed)
    assert "## Controls failed" not in render_markdown(passed)


def test_differences_stand_apart_from_fidelity_and_name_whom_they_compare(
    with_metrics, make_figure
):
    report = with_metrics(
        make_figure("hybrid", *DROP, 0.3),
        make_figure("occlusion", *DROP, 0.5),
        make_figure("occlusion", "explanation_difference", "faithfulness_drop", 0.2),
    )
    assert fidelity_metrics(report) == []
    page, text = render_html(report), render_markdown(report)
    assert "Compared with hybrid, case by case" in page
    assert "## Compared with hybrid, case by case" in text
    assert "| occlusion | 0.20 \\[0.17, 0.23\\] |" in text
