from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from recexplainer.report.render.html import render_html

VOID = {"meta", "br", "line", "rect", "path"}


class Page(HTMLParser):
    """Collects what a browser would see: text, tags, and whether every tag is closed."""

    def __init__(self, source):
        super().__init__()
        self.words, self.tags, self.open = [], [], []
        self.feed(source)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture
def source(report):
    return render_html(report)


@pytest.fixture
def page(source):
    return Page(source)


@pytest.mark.parametrize(
    "shown",
    [
        "0.68 [0.65, 0.71]",
        "0.12 [0.09, 0.15]",
        "0.41 [0.38, 0.44]",
        "0.93 [0.90, 0.96]",
        "0.23 [0.20, 0.26]",
        "321 users, 1,500 items",
        "1,234",
        "5,769",  # all training examples, 5,678 + 91
        "4 min 12 s",
        "4 min 20 s",
        "2,210 MB",
        "3,400,123 parameters",
        "17 epochs, the best was number 13",
        '"budget": 1.25',
        "torch 9.8.7",
        "9 rows dropped",
        "instruction_following was skipped",
        "the recommender ranks it 12 of 1,480 candidates and would recommend it (top 20 %)",
        "the recommender decides so",
        "not scored: grounding · no reason at all",
        "judged by strict: 3 of 4",
        "judged by silent: not scored",
        "paper: random, Games 0.6153",
        "paper: random, Movies 0.6100",
        "paper: random, Steam 0.6139",
    ],
)
def test_the_page_shows(page, shown):
    assert shown in page.text


def test_every_tag_is_closed(page):
    assert page.open == []


def test_titles_cannot_inject_markup(page):
    assert "script" not in {tag for tag, _ in page.tags}
    assert "<script>alert('1')</script> & | *Co.*" in page.text


def test_nothing_is_loaded(source, page):
    loading = {"src", "srcset", "data", "poster", "background", "xlink:href", "action"}
    assert not any(loading & attributes.keys() for _, attributes in page.tags)
    links = [attributes["href"] for _, attributes in page.tags if "href" in attributes]
    assert links
    assert all(link.startswith("#") for link in links)
    assert "link" not in {tag for tag, _ in page.tags}
    assert "url(" not in source
    assert "@import" not in source


def test_links_within_the_page_lead_somewhere(page):
    anchors = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    links = {attributes["href"][1:] for _, attributes in page.tags if "href" in attributes}
    assert links <= anchors


def test_cited_titles_are_marked_by_whether_they_are_real(source):
    marks = re.findall(r'<mark class="(\w+)" title="cause[^>]*>([^<]*)</mark>', source)
    assert marks == [("real", "Heat (1995)"), ("unreal", "Alien")]


def test_unscored_figures_are_told_from_absent_ones(source):
    rows = re.findall(r'<th scope="row">(\w+)</th>(.*?)</tr>', source, flags=re.DOTALL)
    cells = {name: re.findall(r"<td>\s*([^<]*?)\s*<", row) for name, row in reversed(rows)}
    assert cells["hybrid"] == ["0.68", "not scored"]
    assert cells["popularity"] == ["0.12", "–"]


def test_charts_say_their_figures_to_those_who_cannot_see(page):
    labels = [attributes["aria-label"] for tag, attributes in page.tags if tag == "svg"]
    assert any("hybrid 0.68 [0.65, 0.71]" in label for label in labels)
    assert any("4.000 after 64 examples, 2.500 after 128" in label for label in labels)


def test_an_empty_report_says_what_is_missing(report):
    run = report.run.model_copy(update={"corpus": (), "curve": (), "surrogate": None})
    bare = type(report)(run=run)
    text = Page(render_html(bare)).text
    for missing in (
        "Fidelity was not measured.",
        "Explanations were not measured.",
        "No case was explained.",
        "The recommender's own quality was not measured.",
        "No training curve was recorded.",
        "No counts were recorded.",
        "No timings were recorded.",
    ):
        assert missing in text


def test_how_near_histories_come_to_the_users_f_knows_is_said(report, page):
    facts = report.run.target_facts.model_copy(update={"fold_in_cosine": 0.8214})
    run = report.run.model_copy(update={"target_facts": facts})
    text = Page(render_html(report.model_copy(update={"run": run}))).text
    assert "Fold-in The recommender learned a vector per user" in text
    explained = "What is explained is the recommender as folded in."
    assert f"cosine 0.82 to the user's own. {explained}" in text
    assert "Fold-in" not in page.text
