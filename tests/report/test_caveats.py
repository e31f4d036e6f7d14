from __future__ import annotations

import pytest

from recexplainer.report.caveats import doubts, undecided_target
from recexplainer.report.headline import headline, highlights

RETRIEVAL = ("next_item_retrieval", "hit@5")
DROP = ("explanation", "faithfulness_drop")


def test_figures_without_fault_raise_no_doubt(with_metrics, make_figure):
    report = with_metrics(
        make_figure("popularity", *RETRIEVAL, 0.12),
        make_figure("hybrid", *RETRIEVAL, 0.68),
        make_figure("hybrid", *DROP, 0.31, 0.1),
    )
    assert doubts(report) == []


@pytest.mark.parametrize(
    ("value", "words"),
    [(1.0, "does not tell"), (0.7, "hardly tells"), (0.3, "does not always tell"), (0.02, None)],
)
def test_a_target_that_tells_nothing_apart_is_said_to(with_metrics, make_figure, value, words):
    report = with_metrics(
        make_figure("popularity", "target_quality", "tied@10", 1.0, 0.0, split="all"),
        make_figure("sasrec", "target_quality", "tied@10", value, 0.0, split="all"),
    )
    found = [doubt for doubt in doubts(report) if "apart" in doubt]
    assert undecided_target(report) == found
    said = f"The recommender {words} its favourites apart"
    assert found == [] if words is None else said in found[0]


def test_what_has_no_interval_is_clear_of_nothing(with_metrics, make_figure):
    bare = make_figure("popularity", *RETRIEVAL, 0.1).model_copy(update={"low": None, "high": None})
    report = with_metrics(bare, make_figure("hybrid", *RETRIEVAL, 0.9))
    assert any("is not clearly above popularity" in doubt for doubt in doubts(report))


@pytest.mark.parametrize(("half_width", "only"), [(0.03, True), (0.15, False)])
def test_a_share_is_called_low_only_where_its_interval_is(
    with_metrics, make_figure, half_width, only
):
    report = with_metrics(make_figure("hybrid", *RETRIEVAL, 0.4, half_width))
    assert ("in only 40 %" in headline(report)[0]) == only


@pytest.mark.parametrize(("value", "doubted"), [(0.19, False), (0.17, True), (0.02, True)])
def test_an_interval_that_reaches_the_best_baselines_is_told(
    with_metrics, make_figure, value, doubted
):
    report = with_metrics(
        make_figure("random", *RETRIEVAL, 0.01),
        make_figure("popularity", *RETRIEVAL, 0.12),  # up to 0.15
        make_figure("hybrid", *RETRIEVAL, value),
    )
    found = [doubt for doubt in doubts(report) if "is not clearly above popularity" in doubt]
    assert bool(found) == doubted


def test_a_fall_on_new_users_is_told(report):
    (fall,) = [doubt for doubt in doubts(report) if "falls from" in doubt]
    assert "0.68 [0.65, 0.71] to 0.41 [0.38, 0.44]" in fall


def test_few_and_unscored_cases_are_counted(with_metrics, make_figure):
    report = with_metrics(
        make_figure("hybrid", *RETRIEVAL, 0.68, n=40, unscored=60),
        make_figure("hybrid", "item_ranking", "ndcg@5", None, n=0, unscored=37),
        make_figure("hybrid", *DROP, 0.3, n=200, unscored=1),
    )
    told = " ".join(doubts(report))
    assert "1 figure rests on fewer than 100 cases (the fewest: 40)" in told
    assert "hit@5 (leave-one-out) 40 of 100; " in told
    assert "ndcg@5 (leave-one-out) none of 37." in told
    assert "faithfulness_drop" not in told


def test_explanations_no_better_than_guessing_or_made_up_are_told(with_metrics, make_figure):
    report = with_metrics(
        make_figure("hybrid", "explanation", "decision_agreement", 0.52),
        make_figure("hybrid", "explanation", "hallucination_rate", 0.2),
    )
    told = " ".join(doubts(report))
    assert "may be no better than guessing" in told
    assert "may be above one in ten" in told


def test_other_explainers_do_not_speak_for_the_run(with_metrics, make_figure):
    report = with_metrics(
        make_figure("occlusion", "explanation", "decision_agreement", 1.0, 0.0),
        make_figure("hybrid", "explanation", "decision_agreement", 0.8),
    )
    assert "80 % of cases (0.80 [0.77, 0.83], n = 200)" in " ".join(headline(report))


def test_low_retrieval_is_said_to_be_low(with_metrics, make_figure):
    low = with_metrics(make_figure("hybrid", *RETRIEVAL, 0.3))
    high = with_metrics(make_figure("hybrid", *RETRIEVAL, 0.6))
    assert "in only 30 % of cases" in headline(low)[0]
    assert "in 60 % of cases" in headline(high)[0]


def test_highlights_stand_beside_the_best_baseline(report):
    best = {found.metric.metric: found.baseline for found in highlights(report)}
    assert best["hit@5"].subject == "popularity"
    assert best["decision_agreement"] is None
