"""Findings: at most ten sentences, each of which says what its figures say."""

from __future__ import annotations

import re

import pytest

from recexplainer.records import RiskCurve, RiskPoint
from recexplainer.report.headline import headline
from recexplainer.report.labels import figure_text
from recexplainer.report.main_findings import MOST_FINDINGS, findings
from recexplainer.report.render.html import render_html
from recexplainer.report.render.markdown import render_markdown

RETRIEVAL = ("next_item_retrieval", "hit@5_constrained")
# Outcomes case by case, from which each figure's mean is taken here, by a sum.
OUTCOMES = {
    ("sasrec", "target_quality", "hit@10", "all"): [1] * 3 + [0] * 9,
    ("popularity", "target_quality", "hit@10", "all"): [1] + [0] * 11,
    ("hybrid", *RETRIEVAL, "leave_one_out"): [1] * 17 + [0] * 3,
    ("random", *RETRIEVAL, "leave_one_out"): [0] * 20,
    ("popularity", *RETRIEVAL, "leave_one_out"): [1] * 2 + [0] * 18,
    ("hybrid", *RETRIEVAL, "held_out_users"): [1] * 6 + [0],
    ("popularity", *RETRIEVAL, "held_out_users"): [1, 0, 0, 0],
    ("hybrid", "interest_classification", "accuracy", "leave_one_out"): [1] * 31 + [0],
    ("popularity", "interest_classification", "accuracy", "leave_one_out"): [1] * 20 + [0] * 12,
    ("hybrid", "explanation", "true_as_read", "leave_one_out"): [1] * 9 + [0],
    ("hybrid-unchecked", "explanation", "true_as_read", "leave_one_out"): [1] + [0] * 9,
    ("hybrid", "explanation", "coverage", "leave_one_out"): [1] * 8 + [0] * 2,
    ("hybrid", "explanation_kept", "true_as_read", "leave_one_out"): [1] * 8,
    ("hybrid", "explanation", "faithfulness_drop", "leave_one_out"): [0.5, 0.25, 1.0, 0.25],
    ("hybrid-unchecked", "explanation", "faithfulness_drop", "leave_one_out"): [0.25, 0, 0.5, 0.25],
    ("hybrid", "explanation", "mended", "leave_one_out"): [1] * 7 + [0] * 3,
}


def mean(name):
    return sum(OUTCOMES[name]) / len(OUTCOMES[name])


@pytest.fixture
def measured(report, make_figure):
    """A run in which all that is told first was measured, without a doubt about any of it."""
    figures = tuple(
        make_figure(subject, task, metric, mean(key), 0.02, split=split, n=len(OUTCOMES[key]) * 100)
        for key in OUTCOMES
        for subject, task, metric, split in (key,)
    )
    point = RiskPoint(confidence=1.0, coverage=0.8, risk=0.1)
    curve = RiskCurve(explainer="hybrid", points=(point,), refuted=0.1, unscored=0.0)
    return report.model_copy(update={"metrics": figures, "risk_coverage": (curve,)})


def shares(sentence):
    return [int(share) / 100 for share in re.findall(r"(\d+) %", sentence)]


@pytest.mark.parametrize(
    ("words", "own", "beside"),
    [
        ("recommender itself", 0, 1),
        ("five guesses", 2, 4),
        ("would like an item", 7, 8),
        ("kept out of training", 5, 6),
        ("every claim holds, asked", 9, 10),
        ("others are withheld", 11, 12),
        ("reasons given at first did not hold", 15, None),
    ],
)
def test_a_sentence_has_the_share_that_a_hand_sum_gives(measured, words, own, beside):
    keys = list(OUTCOMES)
    (found,) = [one for one in findings(measured) if words in one.text]
    assert shares(found.text) == [pytest.approx(mean(keys[own]), abs=0.0051)]
    assert f"{mean(keys[own]):.2f}" in found.figures
    if beside is not None:
        assert re.search(rf"\b{mean(keys[beside]):.2f}", found.figures)


def test_the_drop_is_told_in_its_own_unit(measured):
    (found,) = [one for one in findings(measured) if "standard deviations" in one.text]
    assert "by 0.50 standard deviations further" in found.text  # (0.5 + 0.25 + 1 + 0.25) / 4
    assert "unchecked: 0.25" in found.figures


def test_a_drop_that_may_be_chance_is_not_told_as_one(measured, make_figure):
    drop = ("explanation", "faithfulness_drop")
    others = [m for m in measured.metrics if (m.task, m.metric) != drop]
    weak = make_figure("hybrid", *drop, 0.05, 0.1)
    run = measured.model_copy(update={"metrics": (*others, weak)})
    (found,) = [one for one in findings(run) if "as many others" in one.text]
    assert "not clearly further" in found.text
    assert "standard deviations" not in found.text


def test_what_a_baseline_also_reaches_is_said_to_be_no_more(measured, make_figure):
    rival = make_figure("unaligned", *RETRIEVAL, 0.84, 0.02)
    run = measured.model_copy(update={"metrics": (*measured.metrics, rival)})
    (found,) = [one for one in findings(run) if "five guesses" in one.text]
    assert found.text.endswith("not clearly more than unaligned reaches")
    assert not any("not clearly more" in one.text for one in findings(measured))


def test_there_are_ten_sentences_at_most_with_the_opening(measured, make_figure):
    failing = make_figure("hybrid", "explanation", "faithfulness_drop_shuffled", 0.45, 0.02)
    doubtful = make_figure("hybrid", "explanation", "hallucination_rate", 0.3)
    run = measured.model_copy(update={"metrics": (*measured.metrics, failing, doubtful)})
    told = findings(run)
    assert len(told) == MOST_FINDINGS == 9
    assert told[-1].place == "care"
    assert "1 control failed and 1 reason for doubt" in told[-1].text


def test_a_sound_run_has_no_call_for_care(measured):
    assert "care" not in {one.place for one in findings(measured)}


def test_every_sentence_is_one_sentence(measured):
    for sentence in headline(measured):
        assert sentence.endswith(".")
        assert not re.search(r"[.!?] [A-Z]", sentence)


def section(page, name):
    return re.search(rf'<section id="{name}"[^>]*>(.*?)</section>', page, re.DOTALL).group(1)


def test_each_sentence_leads_to_where_its_figure_stands(measured):
    page, text = render_html(measured), render_markdown(measured)
    headings = {
        "target": "The recommender",
        "fidelity": "Fidelity",
        "explanations": "Explanations",
        "withheld": "What is withheld",
    }
    for one in findings(measured):
        value, low, high = re.match(r"(\S+) \[(\S+), (\S+)\]", one.figures).groups()
        if one.place != "withheld":  # there a chart shows it
            assert re.search(
                rf"<td>{re.escape(value)}\s*<small>\[{low}, {high}\]", section(page, one.place)
            )
        assert f'<a href="#{one.place}">' in section(page, "summary")
        heading = headings[one.place]
        assert f"](#{heading.lower().replace(' ', '-')})" in text
        assert f"\n## {heading}\n" in text


def test_figures_are_those_of_the_tables(measured):
    of_run = {figure_text(metric) for metric in measured.metrics}
    for one in findings(measured):
        assert set(re.findall(r"\S+ \[\S+, \S+\]", one.figures)) <= of_run


def test_what_was_not_measured_is_said(report):
    bare = report.model_copy(update={"metrics": (), "explanations": ()})
    told = headline(bare)
    assert told == [
        "How often the language model finds the recommender's first choice was not measured.",
        "Whether the explanations decide as the recommender does was not measured.",
    ]


@pytest.mark.parametrize(
    ("coverage", "kept", "words"),
    [(1.0, 0.9, "All of the explanations are given"), (0.0, None, "All of the explanations are w")],
)
def test_all_and_none_are_told_as_such(report, make_figure, coverage, kept, words):
    given = (
        () if kept is None else (make_figure("hybrid", "explanation_kept", "true_as_read", 0.9),)
    )
    metrics = (
        make_figure("hybrid", "explanation", "true_as_read", 0.9),
        make_figure("hybrid", "explanation", "coverage", coverage, 0.0),
        *given,
    )
    told = headline(report.model_copy(update={"metrics": metrics}))
    assert any(one.startswith(words) for one in told)
