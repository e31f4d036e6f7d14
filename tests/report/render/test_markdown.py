from __future__ import annotations

import pytest

from recexplainer.report.render.markdown import render_markdown


@pytest.mark.parametrize(
    "shown",
    [
        "# made-up",
        r"| hybrid | 0.68 \[0.65, 0.71\] | not scored |",
        r"| popularity | 0.12 \[0.09, 0.15\] | – |",
        r"| hybrid | 0.41 \[0.38, 0.44\] |",
        r"| hybrid | 0.93 \[0.90, 0.96\] | 0.31 \[0.21, 0.41\] |",
        r"| sasrec | 0.23 \[0.20, 0.26\] |",
        "| Item ranking | behavior | 5,678 | 1,234 | 0 |",
        "| target | 4 min 12 s | 812 MB | yes |",
        "0.6153 on Games, 0.6100 on Movies, 0.6139 on Steam",
        "> Yes, because of Heat (1995) and Alien.",
        "- 9 rows dropped",
        "`recx run --align hybrid`, seed 5",
    ],
)
def test_markdown_shows(report, shown):
    assert shown in render_markdown(report)


def test_titles_cannot_break_out_of_their_line(report):
    assert r"**\<script\>alert('1')\</script\> & \| \*Co.\***" in render_markdown(report)


def test_rows_of_a_table_have_as_many_cells_as_its_head(report):
    name = "a | b\nc"
    stages = (report.stages[0].model_copy(update={"name": name}),)
    text = render_markdown(report.model_copy(update={"stages": stages}))
    head, _rule, row = next(
        block.splitlines() for block in text.split("\n\n") if block.startswith("| Stage")
    )
    assert row.replace(r"\|", "").count("|") == head.count("|")
    assert r"a \| b c" in row


def test_how_near_histories_come_to_the_users_f_knows_is_said(report):
    facts = report.run.target_facts.model_copy(
        update={"fold_in_cosine": 0.8214, "fold_in_overlap": 0.5658}
    )
    run = report.run.model_copy(update={"target_facts": facts})
    shown = render_markdown(report.model_copy(update={"run": run}))
    assert "cosine 0.82 to the user's own, and shares 57 % of that user's first 10 items" in shown
    assert shown.index("## The recommender") < shown.index("Fold-in: ") < shown.index("## Corpus")
    assert "Fold-in" not in render_markdown(report)
