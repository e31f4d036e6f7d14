"""The benchmarks measure what they say, and the pages quote what was measured."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import paper_cells
import pytest
import quote
from measuring import describe_machine, timed
from pages import ROOT


def _metric(value, metric="accuracy", task="interest_classification", **named):
    place = {"subject": "hybrid", "split": "leave_one_out"} | named
    return {"task": task, "metric": metric, "value": value, **place}


def _run(seed, accuracy, **more):
    run = {"seed": seed, "mode": "hybrid", "seconds": 100 + seed, "peak_rss_mb": 1500.0}
    return run | {"second_run_seconds": 5.0, "metrics": [_metric(accuracy)]} | more


RESULT = {
    "command": "recx run",
    "threads": 2,
    "machine": {"processor": "P", "cores": 2, "memory_gb": 8, "python": "3", "torch": "2"},
    "runs": [_run(0, 0.5), _run(1, 0.7), _run(2, 0.9, seconds=190, peak_rss_mb=2500.0)],
}


def _line(text, start):
    return next(line for line in text.splitlines() if line.startswith(start))


def test_means_and_ranges_are_over_seeds():
    row = _line(quote.figures(RESULT), "| Yes or No")
    assert row.split("|")[2:4] == [" 0.70 (0.50–0.90) ", " – "]


def test_costs_are_the_mean_the_slowest_and_the_largest():
    said = _line(quote.figures(RESULT, {"median_seconds": 0.21}), "On P")
    assert "2 min 10 s on average" in said  # (100 + 101 + 190) / 3 = 130.33
    assert "3 min 10 s at most" in said
    assert "2.5 GB" in said


def test_each_kind_of_processor_is_told_apart():
    older = {**RESULT["machine"], "instructions": "AVX2"}
    told = quote.figures(RESULT, None, {**RESULT, "machine": older, "runs": RESULT["runs"][:1]})
    lines = [line for line in told.splitlines() if line.startswith("On P")]
    assert "(not noted)" in lines[0]
    assert "seeds 0, 1, 2" in lines[0]
    assert "(AVX2)" in lines[1]
    assert "(seed 0) took 1 min 40 s, with" in lines[1]


def test_times_of_a_busy_machine_are_not_quoted():
    busy = _run(3, 0.5, seconds=900, peak_rss_mb=9000.0, timed=False)
    told = quote.figures({**RESULT, "runs": [*RESULT["runs"], busy]})
    assert _line(told, "On P") == _line(quote.figures(RESULT), "On P")
    assert "0.65" in _line(told, "| Yes or No")  # its figures count


def test_every_row_of_a_table_has_as_many_cells_as_its_head():
    for text in (quote.figures(RESULT), paper_cells.table(_paper([(1, 0, 0.5)]))):
        for table in text.split("\n\n"):
            widths = {line.count("|") for line in table.splitlines() if line.startswith("|")}
            assert len(widths) <= 1


def _paper(runs, mode="hybrid"):
    """Runs of (budget, seed, accuracy)."""
    other = dict.fromkeys(f"{task}/{metric}" for task, metric in paper_cells.COLUMNS)
    told = []
    for budget, seed, value in runs:
        own = other | {"interest_classification/accuracy": value}
        by_split = {"all": own, "held_out_users": own}
        told.append(
            {"log": "games", "seed": seed, "budget": budget, "mode": mode}
            | {"training_seconds": 60 * (1 + seed) * budget}
            | {"cells": {mode: by_split, "popularity": by_split}}
        )
    return {"machine": {"processor": "P"}, "runs": told}


def test_the_papers_cells_are_means_over_seeds_by_length_of_training():
    text = paper_cells.table(_paper([(4, 0, 0.9), (1, 1, 0.75), (1, 0, 0.5)]))
    both = _line(text, "| games, hybrid, 1 pass, seeds 0, 1 |")
    assert both.split("|")[6] == " 0.625 (0.500–0.750) "
    assert _line(text, "| games, hybrid, 4 passes, seed 0 |").split("|")[6] == " 0.900 "
    assert _line(text, "| *paper's").split("|")[6] == " 0.939 "  # its Table 2, games
    assert "1 to 2 minutes for 1 pass; 4 minutes for 4 passes" in text


def test_popularity_counts_once_for_each_seed():
    runs = _paper([(1, 0, 0.5), (1, 1, 0.75), (2, 1, 0.75)])
    assert _line(paper_cells.table(runs), "| *popularity").split("|")[6] == " 0.625 (0.500–0.750) "


def test_more_questions_and_other_sizes_have_rows_of_their_own():
    usual, more, larger, softer = (_paper([(1, 0, one)])["runs"][0] for one in (0.5, 0.75, 0.9, 1))
    more |= {"questions": 4.0, "size": [3, 128]}
    larger |= {"questions": 2.0, "size": [4, 256]}
    softer |= {"questions": 4.0, "shares_of_yes": True}
    runs = [usual, more, larger, softer]
    text = paper_cells.table({"machine": {"processor": "P"}, "runs": runs})
    rows = ["1 pass", "4 times the questions", "2 times the questions, 4 layers, 256 wide"]
    rows.append("4 times the questions, shares of Yes")
    told = [_line(text, f"| games, hybrid, {row}, seed 0 |").split("|")[6] for row in rows]
    assert told == [" 0.500 ", " 0.750 ", " 0.900 ", " 1.000 "]


def test_a_pretrained_backbone_is_named_and_stands_beside_itself_untrained():
    tiny, pretrained = (_paper([(1, 0, value)])["runs"][0] for value in (0.5, 0.75))
    pretrained |= {"log": "ml-100k", "backbone": "small", "examples": 2000}
    untrained = {"interest_classification/accuracy": 0.25}
    pretrained["cells"]["unaligned"] = {"all": dict.fromkeys(pretrained["cells"]["hybrid"]["all"])}
    pretrained["cells"]["unaligned"]["all"] |= untrained
    text = paper_cells.table({"machine": {"processor": "P"}, "runs": [pretrained]})
    assert _line(text, "| ml-100k, hybrid, small, seed 0 |").split("|")[6] == " 0.750 "
    assert _line(text, "| *unaligned, ml-100k").split("|")[6] == " 0.250 "
    assert "paper's" not in text
    assert "1 minutes for small (2,000 examples)" in text
    assert "unaligned" not in paper_cells.table({"machine": {"processor": "P"}, "runs": [tiny]})


def test_alignments_have_rows_of_their_own():
    runs = [*_paper([(1, 0, 0.5)])["runs"], *_paper([(1, 0, 0.75)], "behavior")["runs"]]
    text = paper_cells.table({"machine": {"processor": "P"}, "runs": runs})
    assert _line(text, "| games, behavior, 1 pass, seed 0 |").split("|")[6] == " 0.750 "
    assert _line(text, "| games, hybrid, 1 pass, seed 0 |").split("|")[6] == " 0.500 "


def test_a_cell_counts_the_answers_of_both_groups_of_users(tmp_path):
    figures = [
        {**_metric(0.5, subject="hybrid"), "n": 30},
        {**_metric(1.0, subject="hybrid", split="held_out_users"), "n": 10},
        {**_metric(0.0, subject="hybrid", split="all"), "n": 40},
    ]
    training, tiny = {"budget": 1.0, "threads": 1}, {"layers": 4, "width": 256}
    soft = {"interest_classification": {"softness": 0.5}}
    alignment = {"questions": 2.0, "options": soft}
    config = {"alignment": alignment, "training": training, "surrogate": {"tiny": tiny}}
    config["training"]["batch_size"] = 8
    run = {"seed": 0, "mode": "hybrid", "backbone": "models/small", "config": config}
    run["surrogate"] = {"steps": 250}
    report = {"run": run, "stages": [{"name": "surrogate", "seconds": 7}], "metrics": figures}
    (tmp_path / "report.json").write_text(json.dumps(report), encoding="utf-8")
    told = paper_cells.cells(tmp_path, "games")
    assert (told["questions"], told["size"]) == (2.0, [4, 256])
    assert told["shares_of_yes"] is True
    assert (told["backbone"], told["examples"]) == ("small", 2000)
    found = told["cells"]["hybrid"]
    assert found["all"]["interest_classification/accuracy"] == pytest.approx(0.625)
    assert found["held_out_users"]["interest_classification/accuracy"] == 1.0
    assert found["all"]["item_ranking/ndcg@5"] is None


def test_the_short_row_holds_the_means_of_the_long_table():
    heads, _, means = quote.short_figures(RESULT).splitlines()
    assert len(means.split("|")) == len(heads.split("|"))
    alike = _line(quote.figures(RESULT), "| Yes or No").split("|")[2].split()[0]
    assert means.split("|")[3].strip() == alike


def test_only_what_lies_between_the_marks_is_replaced():
    page = "a\n<!-- x:start -->\nold\n<!-- x:end -->\nb\n<!-- y:start -->\nkept\n<!-- y:end -->\n"
    filled = quote.filled(page, {"x": "new \\1"})
    assert filled == page.replace("old", "new \\1")


def test_every_block_has_its_page():
    pages = "".join((ROOT / page).read_text("utf-8") for page in quote.PAGES)
    for name in ("figures", "figures-short", "paper-cells", "explain"):
        assert pages.count(f"<!-- {name}:start -->") == pages.count(f"<!-- {name}:end -->") > 0


def test_the_pages_say_what_was_measured():
    for page in quote.PAGES:
        text = (ROOT / page).read_text("utf-8")
        assert quote.filled(text, quote.blocks()) == text, "run: python benchmarks/quote.py"


def test_time_and_memory_of_a_process_tree_are_seen():
    """A child holds 300 MB while its parent waits; both are measured from outside."""
    child = "import time; held = bytearray(300 * 2**20); time.sleep(1.5)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}]); print(7)"
    began = time.perf_counter()
    took = timed([sys.executable, "-c", parent], threads=1)
    assert 1.5 <= took.seconds <= time.perf_counter() - began + 0.01
    assert 300 <= took.peak_rss_mb < 600
    assert took.output == "7\n"


def test_a_command_that_fails_is_an_error():
    with pytest.raises(subprocess.CalledProcessError):
        timed([sys.executable, "-c", "raise SystemExit(3)"])


def test_the_machine_is_described_in_full():
    assert all(describe_machine()[key] for key in ("processor", "cores", "memory_gb", "torch"))
