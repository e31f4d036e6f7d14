"""What the language model adds is told as the intervals have it, and what was not measured too."""

from __future__ import annotations

import re

import pytest

from recexplainer.report.render.html import render_html
from recexplainer.report.render.markdown import render_markdown
from recexplainer.report.surrogate_share import shortlist_words, swap_words
from recexplainer.report.tables import other_metrics

RECALLS = {"shortlist-surrogate": 0.81, "shortlist-similar": 0.47, "shortlist-random": 0.43}


@pytest.fixture
def shortlists(with_metrics, make_figure):
    def made(beyond, half, *, recalls=RECALLS, short=0.0):
        figures = [
            *(make_figure(name, "shortlist", "recall@8", value) for name, value in recalls.items()),
            make_figure("shortlist-surrogate", "shortlist", "recall@1", 0.44),
            make_figure("shortlist-surrogate", "shortlist", "recall@8_beyond_random", beyond, half),
            make_figure("shortlist-surrogate", "shortlist", "questions", 10.2),
            make_figure("shortlist-surrogate", "shortlist", "drop", 0.34),
            make_figure("occlusion", "shortlist", "questions", 22.3),
            make_figure("occlusion", "shortlist", "drop", 0.39),
            make_figure("occlusion", "shortlist", "short_histories", short),
        ]
        return with_metrics(*figures)

    return made


def _with_mode(report, mode, *metrics):
    run = report.run.model_copy(update={"mode": mode})
    return report.model_copy(update={"run": run, "metrics": metrics})


@pytest.mark.parametrize(
    ("beyond", "half", "said"),
    [
        (0.38, 0.06, "in holding that cause, the language model's do better, by 0.38"),
        (0.04, 0.05, "titles drawn at random do as well, as the interval of the difference, 0.040"),
        (-0.2, 0.05, "in holding that cause, the language model's do worse, by -0.20"),
        (0.05, 0.05, "titles drawn at random do as well"),  # its interval ends at 0
    ],
)
def test_a_random_shortlist_that_does_as_well_is_said_to(shortlists, beyond, half, said):
    words = " ".join(shortlist_words(shortlists(beyond, half)))
    assert said in words
    assert ("comes from asking the recommender" in words) == ("as well" in said)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("shortlist-surrogate", "that the language model finds likeliest to be named"),
        ("shortlist-similar", "most similar to the item"),
        ("shortlist-random", "drawn at random"),
    ],
)
def test_the_best_is_the_one_with_the_highest_recall(shortlists, name, words):
    first, *_ = shortlist_words(shortlists(0.1, 0.05, recalls={**RECALLS, name: 0.9}))
    assert re.search(rf"Best are (the )?titles {words}", first)


def test_short_histories_are_told_where_they_are_many(shortlists):
    assert "only their order tells" in " ".join(shortlist_words(shortlists(0.1, 0.05, short=0.6)))
    assert "only their order" not in " ".join(shortlist_words(shortlists(0.1, 0.05, short=0.1)))


def test_the_figures_have_their_section_in_both_files(shortlists):
    made = shortlists(0.38, 0.06)
    assert other_metrics(made) == {}
    page, text = render_html(made), render_markdown(made)
    assert 'id="model-adds"' in page
    assert "## What the language model adds" in text
    own = text.partition("## What the language model adds")[2].partition("\n## ")[0]
    assert "takes 10.2 questions per case and reaches a drop of 0.34" in own
    assert "shortlist-similar" in own


def test_swapped_vectors_are_not_measured_without_vectors_and_that_is_said(report):
    (words,) = swap_words(_with_mode(report, "behavior"))
    assert words.startswith("Swapped vectors were not measured: in behavior mode")
    assert words in render_markdown(_with_mode(report, "behavior"))
    assert swap_words(_with_mode(report, "hybrid")) == []  # a run from before they were measured


def test_whom_texts_follow_is_told_with_its_figures(report, make_figure):
    values = {"decides_as_titles": 0.27, "decides_as_vector": 0.73, "names_of_titles": 0.96}
    values |= {"names_of_vector": 0.21, "agreement": 0.95, "strongest_first": 0.49}
    figures = [
        make_figure("hybrid", "vector_swap", name, value, split="all")
        for name, value in values.items()
    ]
    plain = swap_words(_with_mode(report, "hybrid", *figures))
    assert "titles' user in 0.27" in plain[0]
    assert "vector's user in 0.73" in plain[0]
    assert "titles' user had 0.96" in plain[1]
    assert plain[2].startswith("Vectors of another recommender were not tried")
    values = {"agreement_other": 0.48, "strongest_first_other": 0.44}
    figures += [
        make_figure("hybrid", "vector_swap", name, value, split="all")
        for name, value in values.items()
    ]
    other = swap_words(_with_mode(report, "intention", *figures))
    assert other[0].startswith("The prompts of intention mode hold no titles")
    assert "decide as the recommender in 0.48" in other[3]
    assert "strongest cause first in 0.44" in other[4]
