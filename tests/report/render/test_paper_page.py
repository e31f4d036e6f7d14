"""The page of the paper's tables: every row in its place, the paper's own told apart."""

from __future__ import annotations

import json
import re

import pytest

from recexplainer.report.ablation_record import VariantFigure
from recexplainer.report.paper_layout import alignment_tables, grade_figures, rating_tables
from recexplainer.report.paper_record import GradeCount, PaperRun, PaperTables, PublishedFigure
from recexplainer.report.render.paper_page import render_paper, write_paper


def figure(variant, task, metric, value, split="leave_one_out"):
    return VariantFigure(
        variant=variant,
        task=task,
        metric=metric,
        split=split,
        value=value,
        low=value - 0.05,
        high=value + 0.05,
        n=1234,
        unscored=0,
        by_seed={0: value, 1: value},
    )


@pytest.fixture
def tables():
    return PaperTables(
        command="recx paper <runs>",
        dataset="games & more",
        target="sasrec",
        paper="Games",
        runs=(PaperRun(folder="runs/h0", mode="hybrid", seed=0, backbone="tiny", graded=True),),
        alignment=(
            figure("random", "item_ranking", "ndcg@5", 0.61),
            figure("hybrid", "item_ranking", "ndcg@5", 0.72),
            figure("hybrid", "item_ranking", "ndcg@5_constrained", 0.81),
            figure("hybrid", "item_ranking", "ndcg@5", 0.66, "held_out_users"),
        ),
        ratings=(figure("hybrid", "explanation", "offline", 3.1),),
        grades=(
            GradeCount(explainer="hybrid", judge="offline", grade=4, count=3),
            GradeCount(explainer="hybrid", judge="offline", grade=1, count=1),
            GradeCount(explainer="hybrid", judge="offline", grade=None, count=2),
        ),
        published=(
            PublishedFigure(
                subject="best surrogate", task="item_ranking", metric="ndcg@5", value=0.846
            ),
            PublishedFigure(subject="hybrid", task="", metric="GPT-4", value=2.524),
        ),
        notes=("One note.",),
    )


def test_each_split_has_the_papers_columns_and_then_others(tables):
    first, second, held_out = alignment_tables(tables)
    assert [(t.split, t.ours) for t in (first, second, held_out)] == [
        ("leave_one_out", False),
        ("leave_one_out", True),
        ("held_out_users", False),
    ]
    assert [(row.name, row.published) for row in first.rows] == [
        ("random", False),
        ("hybrid", False),
        ("best surrogate", True),
    ]
    assert [row.name for row in second.rows] == ["hybrid"]  # what the paper has no figure of
    assert [row.name for row in held_out.rows] == ["hybrid"]  # the paper held no users out
    place = first.columns.index(("item_ranking", "ndcg@5"))
    assert [row.cells[place] for row in first.rows][2] == 0.846
    assert first.rows[1].cells[place].value == 0.72


def test_judges_are_columns_and_the_papers_is_another_one(tables):
    (table,) = rating_tables(tables)
    assert table.columns == (("", "offline"), ("", "GPT-4"))
    own, theirs = table.rows
    assert own.cells[0].value == 3.1
    assert own.cells[1] is None
    assert theirs.cells == (None, 2.524)


def test_grades_are_shares_of_those_that_were_given(tables):
    (chart,) = grade_figures(tables)
    (bar,) = chart.bars
    assert {part.grade: part.text for part in bar.segments if part.width} == {1: "1", 4: "3"}
    assert bar.text == "3.25, n = 4"
    assert "2 not graded" in chart.note


def test_the_page_is_whole_and_nothing_from_data_is_markup(tables, tmp_path):
    page = render_paper(tables)
    assert "games &amp; more" in page
    assert "recx paper &lt;runs&gt;" in page
    assert not re.search(r'(src|href)="https?:', page)
    assert "<script" not in page
    assert re.search(r'<tr class="published"><th scope="row">paper: best surrogate</th>', page)
    assert "0.720<small>[0.670, 0.770]</small><small>n = 1,234, 2 seeds</small>" in page
    write_paper(tables, tmp_path / "new")
    record = json.loads((tmp_path / "new" / "paper.json").read_text(encoding="utf-8"))
    assert PaperTables.model_validate(record) == tables
    assert (tmp_path / "new" / "paper.html").read_text(encoding="utf-8") == page


def test_without_grades_there_is_no_table_of_them(tables):
    page = render_paper(tables.model_copy(update={"ratings": (), "grades": ()}))
    assert "Table 3" not in page
    assert "Figure 3" not in page
