"""The page of a comparison: whole, offline, and nothing from data is read as HTML."""

from __future__ import annotations

import json
import re

import pytest

from recexplainer.audit.versions.version_change import Change, Shown
from recexplainer.audit.versions.version_comparison import Comparison, VersionFacts
from recexplainer.report.render.comparison_page import (
    change_words,
    render_comparison,
    write_comparison,
)

FLIPS = Change(
    name="flips",
    chapter="decisions",
    sentence="From Yes to No turn 2% of <b>them</b>.",
    sure=True,
    change=0.02,
    low=0.01,
    high=0.03,
    control=0.2,
    control_words="unrelated decisions",
    n=40,
    examples=(Shown(words="<i>T</i>", commands=("recx explain a --user 1", "recx explain b")),),
)
ORDER = Change(
    name="reliance.order",
    chapter="reliance",
    sentence="After & before.",
    sure=True,
    first=0.4,
    second=0.6,
    change=0.2,
    low=0.1,
    high=0.3,
    n=40,
    examples=(Shown(words="user 3", commands=("recx explain a --user 3",)),),
)
USERS = Change(
    name="users-in-both", chapter="data", sentence="Both.", change=1200.0, unit="count", n=1200
)


@pytest.fixture
def comparison():
    facts = {"target": "sasrec", "dataset": "toy", "users": 90, "items": 120, "max_history": 20}
    return Comparison(
        first=VersionFacts(name="old", run="runs/old", **facts),
        second=VersionFacts(name="<new>", run="runs/new", **facts),
        users=40,
        decisions=((5, 1, 0), (2, 6, 3), (0, 4, 1979)),
        changes=(USERS, FLIPS, ORDER),
        notes=("One note.",),
        figures={"comparison.flips": 0.02, "explanation.pos@1.aligned.all": None},
    )


def test_what_data_say_is_escaped_and_nothing_is_fetched(comparison):
    page = render_comparison(comparison)
    assert "<b>them</b>" not in page
    assert "&lt;b&gt;them&lt;/b&gt;" in page
    assert "<i>T</i>" not in page
    assert "<new>" not in page
    assert not re.search(r"(src|href)=\"(?!#)", page)
    assert "<script" not in page


def test_every_link_leads_somewhere_and_every_change_is_shown(comparison):
    page = render_comparison(comparison)
    ids = re.findall(r"id=\"([\w.@-]+)\"", page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"href=\"#([\w.@-]+)\"", page)) <= set(ids)
    assert {f"change-{one.name}" for one in comparison.changes} <= set(ids)


def test_all_commands_counts_and_notes_are_on_it(comparison):
    page = render_comparison(comparison)
    for words in ("recx explain b", "recx explain a --user 3", "One note.", "1,979", "2,000 dec"):
        assert words in page
    assert "recx explore runs/old runs/new" in page
    assert "+0.200 (+0.100 to +0.300)" in page


def test_the_record_beside_the_page_is_the_comparison(comparison, tmp_path):
    write_comparison(comparison, tmp_path / "there")
    kept = json.loads((tmp_path / "there" / "comparison.json").read_text("utf-8"))
    assert Comparison.model_validate(kept) == comparison
    assert kept["schema_version"] == 1
    page = (tmp_path / "there" / "comparison.html").read_text("utf-8")
    assert page == render_comparison(comparison)


def test_a_change_is_told_with_all_that_it_rests_on():
    assert change_words(FLIPS) == "2% (1% to 3%); unrelated decisions: 20%; n = 40"
    assert change_words(ORDER) == "+0.200 (+0.100 to +0.300); n = 40"
    assert change_words(USERS) == "1,200; n = 1,200"
    assert change_words(USERS.model_copy(update={"change": None})) == "not measured"


def test_what_was_not_compared_is_told(comparison):
    page = render_comparison(comparison)
    assert "too few users have the same history in both" in page
    assert page.count("Nothing to compare") == 3  # lists, segments and attributes
