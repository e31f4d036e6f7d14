"""Writes measured results into the documentation; nothing there is typed by hand.

    python benchmarks/quote.py            # fills every block whose result exists
    python benchmarks/quote.py --check    # exits with 1 if a block says something else

A block lies between ``<!-- NAME:start -->`` and ``<!-- NAME:end -->``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from textwrap import shorten
from typing import Any

import ability_table
import every_target
import explainers_table
import explanation_checks
import first_words
import known_truth
import paper_cells
import scale_table
import targeted_edits
import targets_table
import training_table
import worth_table

ROOT = Path(__file__).parents[1]
RESULTS = Path(__file__).parent / "results"
PAGES = (
    "README.md",
    "docs/explanation/default-run.md",
    "docs/tutorial/first-run.md",
    "docs/how-to/resume-and-trade-time.md",
    "docs/how-to/paper.md",
    "docs/how-to/what-if.md",
    "docs/reference/targets.md",
    "docs/explanation/checked-explanations.md",
    "docs/explanation/explainers-compared.md",
    "docs/explanation/scale.md",
    "docs/explanation/training-speed.md",
    "docs/explanation/pretrained-surrogates.md",
    "docs/explanation/known-truth.md",
    "docs/explanation/where-a-surrogate-wins.md",
)

Result = Mapping[str, Any]
Key = tuple[str, str]
_CASE_LINES = 2
"""Lines about a case that a page shows, before its history."""
_LINE = 100
"""Characters of a line about a case that a page shows."""
BASELINES = ("unaligned", "popularity", "random")
FIDELITY: Mapping[Key, str] = {
    ("next_item_retrieval", "hit@5_constrained"): "first choice found: `hit@5_constrained`",
    ("next_item_retrieval", "hit@5"): "the same, decoded freely: `hit@5`",
    ("item_ranking", "ndcg@5"): "five items in the recommender's order: `ndcg@5`",
    ("interest_classification", "accuracy"): "Yes or No as the recommender: `accuracy`",
    ("history_reconstruction", "history_coverage"): "history behind a vector: `history_coverage`",
}
EXPLANATION: Mapping[Key, str] = {
    ("explanation", "coverage"): "given, not withheld: `coverage`",
    ("explanation", "true_as_read"): "every claim holds, of all: `true_as_read`",
    ("explanation_kept", "true_as_read"): "the same, of those given",
    ("explanation", "mended"): "reasons rewritten from the recommender's answers: `mended`",
    ("explanation", "decision_agreement"): "decides as the recommender: `decision_agreement`",
    ("explanation", "grounding"): "what it names is real: `grounding`",
    ("explanation", "hallucination_rate"): "made-up causes: `hallucination_rate`",
    ("explanation", "faithfulness_drop"): "effect of removing what it cites: `faithfulness_drop`",
}
SHORT: Sequence[tuple[str, str, Key]] = (  # words, whose figure ("" is the surrogate's), which
    ("first choice found in 5 titles", "", ("next_item_retrieval", "hit@5_constrained")),
    ("by popularity", "popularity", ("next_item_retrieval", "hit@5_constrained")),
    ("Yes or No alike", "", ("interest_classification", "accuracy")),
    ("by popularity", "popularity", ("interest_classification", "accuracy")),
    ("explanations given", "", ("explanation", "coverage")),
    ("all claims true", "", ("explanation", "true_as_read")),
    ("in its own words", "-unchecked", ("explanation", "true_as_read")),
)


def figures(result: Result, help_time: Result | None = None, older: Result | None = None) -> str:
    """Return the tables of the default run: fidelity, explanations, time and memory.

    Args:
        result: what ``default_run.py`` wrote.
        help_time: what ``help_time.py`` wrote, if it was run.
        older: what ``default_run.py`` wrote where PyTorch was limited to AVX2.
    """
    runs, mode = result["runs"], result["runs"][0]["mode"]
    seeds = ", ".join(str(run["seed"]) for run in runs)
    explained = (*_own_places(mode), (f"{mode}-unchecked", "leave_one_out"))
    said = f"`{result['command']}`{_settings(result)} on MovieLens-100K."
    lines = [
        f"{said} Mean over seeds {seeds}, with the lowest and the highest.",
        "",
        f"| fidelity | {mode} | held-out users | {' | '.join(BASELINES)} |",
        "|---|---|---|---|---|---|",
        *(_fidelity_row(runs, mode, key, label) for key, label in FIDELITY.items()),
        "",
        f"| explanations | {mode} | held-out users | first words, unchecked |",
        "|---|---|---|---|",
        *(_row(runs, key, label, explained) for key, label in EXPLANATION.items()),
        "",
        *_costs(result, help_time, older),
    ]
    return "\n".join(lines)


def short_figures(result: Result) -> str:
    """Return one row of the default run's figures, the means over its seeds.

    Args:
        result: what ``default_run.py`` wrote.
    """
    runs, mode = result["runs"], result["runs"][0]["mode"]
    cells = []
    for _, whose, key in SHORT:
        subject = whose if whose in BASELINES else mode + whose
        cells.append(_cell(runs, key, (subject, "leave_one_out")).split(" ")[0])
    rows = ([words for words, _, _ in SHORT], ["---"] * len(cells), cells)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def matrix_rate(result: Result) -> str:
    """Return how much of the machine's matrix rate training reaches.

    Args:
        result: what ``matrix_rate.py`` wrote.
    """
    return (
        f"{_machine(result)}, {result['threads']} threads, {result['precision']}: "
        f"{result['milliseconds_per_step']:.0f} ms a step. The matrix products in it, done alone, "
        f"run at {result['gflops_of_products_alone']:.0f} billion operations a second, and take "
        f"{result['share']:.0%} of the step."
    )


def explain(result: Result) -> str:
    """Return one explained case as it was printed, up to the end of its first explanation.

    Of the lines before it, those on the recommendation are kept.

    Args:
        result: what ``explain_case.py`` wrote.
    """
    case, first, *others = result["output"].strip().split("\n\n")
    rest = "\n\n[...]" if others else ""
    lines = case.splitlines()
    kept = [shorten(line, _LINE, placeholder=" [...]") for line in lines[:_CASE_LINES]]
    case = "\n".join([*kept, *(["[...]"] if len(lines) > _CASE_LINES else [])])
    return f"```text\n$ {result['command']}\n{case}\n\n{first}{rest}\n```"


def _own_places(mode: str) -> Sequence[tuple[str, str]]:
    return ((mode, "leave_one_out"), (mode, "held_out_users"))


def _fidelity_row(runs: Sequence[Result], mode: str, key: Key, label: str) -> str:
    baselines = [(name, "leave_one_out") for name in BASELINES]
    return _row(runs, key, label, [*_own_places(mode), *baselines])


def _row(runs: Sequence[Result], key: Key, label: str, places: Sequence[tuple[str, str]]) -> str:
    return f"| {label} | {' | '.join(_cell(runs, key, place) for place in places)} |"


def _cell(runs: Sequence[Result], key: Key, place: tuple[str, str]) -> str:
    """Return mean, lowest and highest value over runs; what was not measured is a dash."""
    values = [value for run in runs for value in _values(run, key, place)]
    if not values:
        return "–"
    digits = 3 if 0 < max(values) < 0.1 else 2  # 0.00 would hide a rate of a few in a thousand
    mean, low, high = (f"{one:.{digits}f}" for one in (fmean(values), min(values), max(values)))
    return mean if len(values) == 1 else f"{mean} ({low}–{high})"


def _values(run: Result, key: Key, place: tuple[str, str]) -> Iterator[float]:
    for metric in run["metrics"]:
        found = (metric["task"], metric["metric"]), (metric["subject"], metric["split"])
        if found == (key, place) and metric["value"] is not None:
            yield metric["value"]


def _costs(result: Result, help_time: Result | None, older: Result | None) -> Iterator[str]:
    yield _duration_of(result)
    if older:
        yield _duration_of(older)
    if help_time:
        yield f"`recx --help` took {help_time['median_seconds']:.2f} s."


def _duration_of(result: Result) -> str:
    runs = [run for run in result["runs"] if run.get("timed", True)]
    slowest = max(run["seconds"] for run in runs)
    memory = max(run["peak_rss_mb"] for run in runs)
    again = max(run["second_run_seconds"] for run in runs)
    mean = fmean(run["seconds"] for run in runs)
    seeds = ", ".join(str(run["seed"]) for run in runs)
    many = len(runs) > 1
    took = f"{_duration(mean)} on average and {_duration(slowest)} at most"
    notes = dict.fromkeys(run["timing_note"] for run in runs if "timing_note" in run)
    noted = f" ({'; '.join(notes)})" if notes else ""
    return (
        f"On {_machine(result)}, with {result['threads']} threads, the whole run "
        f"({'seeds' if many else 'seed'} {seeds}) took {took if many else _duration(mean)}, "
        f"with {memory / 1000:.1f} GB of memory at its peak, and the same command again "
        f"{again:.1f} s{noted}."
    )


def _settings(result: Result) -> str:
    return "".join(f" `--set {setting}`" for setting in result.get("settings", ()))


def _machine(result: Result) -> str:
    machine = result["machine"]
    return (
        f"{machine['processor']} ({machine.get('instructions', 'not noted')}), "
        f"{machine['cores']} cores, {machine['memory_gb']} GB, Python {machine['python']}, "
        f"torch {machine['torch']}"
    )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes else f"{rest} s"


def blocks(results: Path = RESULTS) -> dict[str, str]:
    """Return block name to text, for the results that exist."""
    help_time = _read(results / "help_time.json")
    older = _read(results / "default_run_avx2.json")
    writers: Mapping[str, tuple[str, Callable[[Result], str]]] = {
        "figures": ("default_run.json", lambda result: figures(result, help_time, older)),
        "figures-short": ("default_run.json", short_figures),
        "general-ability": ("general_ability.json", ability_table.table),
        "paper-cells": ("paper_cells.json", paper_cells.table),
        "explain": ("explain_case.json", explain),
        "explanation-checks": ("explanation_checks.json", explanation_checks.told),
        "matrix-rate": ("matrix_rate.json", matrix_rate),
        "matrix-rate-avx2": ("matrix_rate_avx2.json", matrix_rate),
        "targeted-edits": ("targeted_edits.json", targeted_edits.table),
        "targets": ("targets.json", targets_table.table),
        "every-target": ("every_target.json", every_target.table),
        "explainers": ("explainers.json", explainers_table.table),
        "foretold": ("explainers.json", explainers_table.foretold),
        "shortlists": ("explainers.json", explainers_table.shortlists),
        "first-words": ("first_words.json", first_words.table),
        "known-truth": ("known_truth.json", known_truth.table),
        "scale": ("scale.json", scale_table.data),
        "scale-corpus": ("scale.json", scale_table.corpus),
        "training-speed": ("training.json", training_table.training),
        "retrieval-speed": ("retrieval.json", training_table.retrieval),
        "training-estimates": ("estimates.json", training_table.estimates),
        "surrogate-worth": ("surrogate_worth.json", worth_table.table),
    }
    read = {name: (_read(results / file), write) for name, (file, write) in writers.items()}
    return {name: write(result) for name, (result, write) in read.items() if result}


def filled(text: str, texts: Mapping[str, str]) -> str:
    """Return ``text`` with what is between the marks of each block replaced."""
    for name, content in texts.items():
        start, end = f"<!-- {name}:start -->", f"<!-- {name}:end -->"
        if start in text:
            before, rest = text.split(start, 1)
            _, after = rest.split(end, 1)
            text = f"{before}{start}\n{content}\n{end}{after}"
    return text


def _read(path: Path) -> Result | None:
    if not path.exists():
        return None
    content: Result = json.loads(path.read_text(encoding="utf-8"))
    return content


def main() -> None:
    """Fill the blocks, or check them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if one differs")
    check, texts = parser.parse_args().check, blocks()
    for page in (ROOT / name for name in PAGES):
        before = page.read_text(encoding="utf-8")
        after = filled(before, texts)
        if check and after != before:
            sys.exit(f"{page} does not say what was measured; run: python benchmarks/quote.py")
        if not check:
            page.write_text(after, encoding="utf-8")


if __name__ == "__main__":
    main()
