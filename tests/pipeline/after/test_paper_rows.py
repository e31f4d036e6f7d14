"""Rows of the paper's tables against sums by hand, over run folders that hold a few answers."""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest

from recexplainer.config import dump_config, load_config
from recexplainer.errors import RunFolderError, UserError
from recexplainer.pipeline.after import paper_rows
from recexplainer.pipeline.after.paper_rows import paper_tables, runs_in
from recexplainer.report.paper_layout import alignment_tables
from recexplainer.runs.journal import Journal

RETRIEVAL = "next_item_retrieval"


def answer(subject, user, value, *, split="leave_one_out", kept=False):
    return {
        "subject": subject,
        "task": RETRIEVAL,
        "example": f"{user}@1",
        "split": split,
        "user": user,
        "constrained": kept,
        "grades": {"hit@5": value},
    }


@pytest.fixture
def run(tmp_path):
    """Write a run folder: ``run(name, mode, seed, answers)``."""

    def make(name, mode, seed, answers, *settings, done=True):
        folder = tmp_path / name
        stage = folder / "5-fidelity"
        stage.mkdir(parents=True)
        config = load_config(None, [f"alignment.mode={mode}", f"seed={seed}", *settings])
        (folder / "config.yaml").write_text(dump_config(config), encoding="utf-8")
        with Journal(stage / "answers.jsonl") as journal:
            for number, record in enumerate(answers):
                journal.append(str(number), record)
        if done:
            (stage / "done.json").write_text("{}", encoding="utf-8")
        return folder

    return make


def by_cell(figures):
    return {(f.variant, f.metric, f.split): f for f in figures}


@pytest.fixture
def three(run):
    """Hybrid with two seeds and behavior with one; random is measured in all of them."""
    return [
        run(
            "h0",
            "hybrid",
            0,
            [
                *(answer("hybrid", user, value) for user, value in (("a", 1.0), ("b", 0.0))),
                *(answer("random", user, 0.0) for user in "ab"),
                answer("hybrid", "c", 1.0, split="held_out_users"),
                answer("hybrid", "a", 0.5, kept=True),
            ],
        ),
        run("h1", "hybrid", 1, [answer("hybrid", "a", 1.0), answer("random", "a", 1.0)]),
        run("b0", "behavior", 0, [answer("behavior", "a", 0.0), answer("random", "a", 1.0)]),
    ]


def test_means_are_over_all_answers_of_all_seeds(three):
    tables = paper_tables(three, None, "recx paper")
    cells = by_cell(tables.alignment)
    own = cells["hybrid", "hit@5", "leave_one_out"]
    assert own.value == pytest.approx(2 / 3)
    assert own.by_seed == {0: 0.5, 1: 1.0}
    assert own.n == 3
    assert cells["hybrid", "hit@5", "held_out_users"].value == 1.0
    assert cells["hybrid", "hit@5_constrained", "leave_one_out"].value == 0.5
    assert cells["behavior", "hit@5", "leave_one_out"].by_seed == {0: 0.0}
    assert tables.seeds == (0, 1)


def test_what_stands_beside_is_taken_from_hybrid(three):
    tables = paper_tables(three, None, "recx paper")
    random = by_cell(tables.alignment)["random", "hit@5", "leave_one_out"]
    assert random.by_seed == {0: 0.0, 1: 1.0}  # and not the 1.0 of the behavior run
    table = alignment_tables(tables)[0]
    assert [row.name for row in table.rows] == ["random", "behavior", "hybrid"]
    assert any("no run of behavior with seed 1" in note for note in tables.notes)
    assert any("from the runs of hybrid" in note for note in tables.notes)


def test_the_papers_figures_stand_beside_when_asked_for(three):
    assert not paper_tables(three, None, "x").published
    told = {
        (f.subject, f.task, f.metric): f.value for f in paper_tables(three, "Steam", "x").published
    }
    assert told["best surrogate", RETRIEVAL, "hit@5"] == 0.962
    assert told["random", "item_ranking", "ndcg@5"] == 0.6139
    assert told["hybrid", "", "GPT-4"] == 2.4920


def test_grades_are_counted_over_seeds(three, monkeypatch):
    def explained(explainer, case, user, grade):
        return SimpleNamespace(
            explanation=SimpleNamespace(explainer=explainer),
            case=SimpleNamespace(id=case, user=user, split="leave_one_out"),
            grades={"offline": grade},
        )

    told = {
        "h0": [
            ("hybrid", "1", "a", 4),
            ("hybrid", "2", "b", None),
            ("hybrid-unchecked", "1", "a", 2),
            ("occlusion", "1", "a", 1),
        ],
        "h1": [("hybrid", "1", "a", 2)],
        "b0": [("behavior", "1", "a", 3)],
    }

    def load(folder):
        run = SimpleNamespace(
            mode="behavior" if folder.name == "b0" else "hybrid",
            seed=int(folder.name[1]),
            dataset=SimpleNamespace(name="toy", users=3, items=1000),
        )
        return SimpleNamespace(run=run, explanations=[explained(*one) for one in told[folder.name]])

    for folder in three:
        (folder / "report.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(paper_rows, "load_report", load)
    tables = paper_tables(three, None, "x")
    cells = by_cell(tables.ratings)
    assert cells["hybrid", "offline", "leave_one_out"].value == 3.0
    assert cells["hybrid", "offline", "leave_one_out"].unscored == 1
    assert cells["behavior", "offline", "leave_one_out"].value == 3.0
    assert cells["occlusion (hybrid run)", "offline", "leave_one_out"].value == 1.0
    assert cells["hybrid-unchecked", "offline", "leave_one_out"].value == 2.0
    counts = {(g.explainer, g.grade): g.count for g in tables.grades}
    assert counts["hybrid", 4] == counts["hybrid", 2] == counts["hybrid", None] == 1
    assert tables.dataset == "toy (3 users, 1,000 items)"


def test_the_command_writes_page_and_record(three, tmp_path, recx):
    said = recx("paper", *three, "--paper", "STEAM", "--out", tmp_path / "tables")
    assert said.code == 0, said.err
    assert f"tables: {tmp_path / 'tables' / 'paper.html'}" in said.out
    assert "note: The paper's rows are about its own Steam" in said.out
    record = json.loads((tmp_path / "tables" / "paper.json").read_text(encoding="utf-8"))
    assert record["paper"] == "Steam"
    page = (tmp_path / "tables" / "paper.html").read_text(encoding="utf-8")
    assert "0.667<small>" in page
    assert "paper: best surrogate" in page
    again = recx("paper", tmp_path / "nothing")
    assert again.code == 2
    assert "is no run and holds none" in again.err


def test_runs_are_found_in_the_folder_of_an_ablation(three, tmp_path):
    assert runs_in([tmp_path]) == sorted(three)
    others = [folder for folder in sorted(three) if folder != three[1]]
    assert runs_in([three[1], tmp_path]) == [three[1], *others]
    (tmp_path / "empty").mkdir()
    with pytest.raises(RunFolderError, match="is no run and holds none"):
        runs_in([tmp_path / "empty"])


def test_an_unmeasured_run_is_refused_with_what_finishes_it(run):
    folder = run("h", "hybrid", 0, [answer("hybrid", "a", 1.0)], done=False)
    with pytest.raises(RunFolderError, match=r"is not measured; finish it with: recx run .*h"):
        paper_tables([folder], None, "x")


def test_runs_that_answer_other_questions_are_refused(run):
    answers = [answer("hybrid", "a", 1.0)]
    one = run("one", "hybrid", 0, answers)
    with pytest.raises(UserError, match="both have mode hybrid and seed 0"):
        paper_tables([one, run("two", "hybrid", 0, answers)], None, "x")
    other = run("three", "hybrid", 1, answers, "dataset.max_history=7")
    with pytest.raises(UserError, match="other settings of dataset than"):
        paper_tables([one, other], None, "x")
