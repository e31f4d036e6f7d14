"""The page of an audit: whole, offline, and nothing from data is read as HTML."""

from __future__ import annotations

import json
import re

import pytest

from recexplainer.audit.finding import Example, Finding
from recexplainer.audit.recommender_audit import NO_ADVICE, Audit
from recexplainer.report.render.audit_page import figure_words, render_audit, write_audit

ALARM = Finding(
    probe="unreachable items",
    chapter="bug",
    sentence="3 items & <b>more</b> are lost.",
    alarm=True,
    figure=3,
    unit="count",
    n=120,
    examples=(Example(words="<i>T</i>", command="recx explain RUN --user 1 --item 2"),),
    meaning="It means that.",
    look="Look there.",
)
QUIET = Finding(probe="duplicates", chapter="bug", sentence="No two alike.", figure=0, n=120)


def line(probe: str, figure: float) -> Finding:
    return Finding(
        probe=probe,
        chapter="parameter",
        sentence=f"{probe} told.",
        figure=figure,
        low=figure - 0.1,
        high=figure + 0.1,
        control=0.5,
        control_words="at random",
        n=40,
    )


@pytest.fixture
def audit() -> Audit:
    lines = (line("order", 0.2), line("last item", 0.7))
    return Audit(
        run="runs/a",
        target="sasrec",
        dataset="toy",
        users=40,
        all_users=90,
        items=120,
        findings=(ALARM, QUIET, *lines),
        notes=("One note.",),
    )


def test_what_data_say_is_escaped_and_nothing_is_fetched(audit) -> None:
    page = render_audit(audit)
    assert "<b>more</b>" not in page
    assert "&lt;b&gt;more&lt;/b&gt;" in page
    assert "<i>T</i>" not in page
    assert not re.search(r"(src|href)=\"(?!#)", page)
    assert "<script" not in page


def test_every_link_leads_to_its_finding(audit) -> None:
    page = render_audit(audit)
    ids = re.findall(r"id=\"([\w-]+)\"", page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"href=\"#([\w-]+)\"", page)) <= set(ids)
    assert {f"finding-{place}" for place in range(4)} <= set(ids)


def test_an_alarm_tells_what_it_means_and_the_table_is_no_advice(audit) -> None:
    page = render_audit(audit)
    assert "It means that." in page
    assert "recx explain RUN --user 1 --item 2" in page
    assert NO_ADVICE in page
    assert page.index("last item told.") < page.index("order told.")  # what changes most first


def test_the_first_sentence_counts_the_alarms(audit) -> None:
    first = [sentence for sentence, _ in audit.first]
    assert first[0] == "1 of 2 things that were looked for look like a bug: unreachable items."
    assert first[1] == ALARM.sentence
    assert len(first) <= 10
    calm = audit.model_copy(update={"findings": (QUIET,)})
    assert calm.first[0][0] == "Nothing looks like a bug among 1 things that were looked for."


def test_the_record_beside_the_page_is_the_audit(audit, tmp_path) -> None:
    write_audit(audit, tmp_path)
    kept = json.loads((tmp_path / "audit.json").read_text("utf-8"))
    assert Audit.model_validate(kept) == audit
    assert (tmp_path / "audit.html").read_text("utf-8") == render_audit(audit)
    assert len(list(tmp_path.iterdir())) == 2


def test_a_figure_is_told_with_all_that_it_rests_on() -> None:
    assert figure_words(line("order", 0.2)) == "20% (10% to 30%); at random: 50%; n = 40"
    assert figure_words(ALARM) == "3; n = 120"
    assert figure_words(ALARM.model_copy(update={"figure": None})) == "not measured"


def test_what_is_withheld_is_not_on_the_page_and_does_not_count(audit) -> None:
    told = line("order", 0.2).model_copy(update={"sentence": "", "withheld": "low is not 0.1"})
    lost = ALARM.model_copy(update={"sentence": "", "withheld": "figure is not 2"})
    kept = audit.model_copy(update={"findings": (lost, QUIET, told, line("last item", 0.7))})
    page = render_audit(kept)
    assert "low is not 0.1" not in page
    assert 'id="finding-0"' not in page
    assert 'id="finding-2"' not in page
    assert set(re.findall(r"href=\"#([\w-]+)\"", page)) <= set(re.findall(r"id=\"([\w-]+)\"", page))
    assert kept.first[0][0] == "Nothing looks like a bug among 1 things that were looked for."
    assert Audit.model_validate_json(kept.model_dump_json()) == kept
