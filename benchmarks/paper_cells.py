"""The cells of the paper's Table 2 from finished runs, over seeds, beside the paper's best.

Usage: python benchmarks/paper_cells.py games runs/games-0 runs/games-1

All runs of a result are from one machine; those of another go into a file of their own
(``--result``).
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, NamedTuple

from measuring import RESULTS, describe_machine, mean_and_ends, write_result

from recexplainer.report.published_figures import PAPER_TABLE_2

COLUMNS = {
    ("next_item_retrieval", "hit@5_constrained"): "hit@5 over the catalogue",
    ("next_item_retrieval", "hit@5"): "hit@5, free",
    ("item_ranking", "ndcg@5"): "ranking, free",
    ("item_ranking", "ndcg@5_constrained"): "ranking among the offered",
    ("interest_classification", "accuracy"): "accuracy",
    ("history_reconstruction", "history_coverage"): "history coverage",
}
_OTHERS = ("popularity", "unaligned")
_TINY = "tiny"
_DEFAULT_SIZE = (3, 128)
"""Layers and width."""
PAPER_NAMES = {"games": "Games", "movies": "Movies", "steam": "Steam"}

Result = Mapping[str, Any]


class Training(NamedTuple):
    """What tells one kind of training from another; in the order of the table's rows."""

    backbone: str
    passes: float
    questions: float
    size: tuple[int, int]
    shares_of_yes: bool

    @property
    def is_pretrained(self) -> bool:
        """Whether a published model was trained, not one that is made here."""
        return self.backbone != _TINY


def cells(folder: Path, log: str) -> dict[str, Any]:
    """Return a run's cells, all users together and held-out users, and how it was trained."""
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    run = report["run"]
    training, tiny = run["config"]["training"], run["config"]["surrogate"]["tiny"]
    alignment = run["config"]["alignment"]
    decisions = alignment.get("options", {}).get("interest_classification", {})
    return {
        "log": log,
        "seed": run["seed"],
        "budget": training["budget"],
        "questions": alignment.get("questions", 1.0),
        "shares_of_yes": decisions.get("softness") is not None,
        "size": [tiny["layers"], tiny["width"]],
        "backbone": Path(run["backbone"]).name,
        "examples": run["surrogate"]["steps"] * training["batch_size"],
        "training_seconds": _seconds(report["stages"], "surrogate"),
        "threads": training["threads"],
        "cells": {
            subject: {
                split: {
                    f"{task}/{metric}": _mean(report["metrics"], subject, task, metric, splits)
                    for task, metric in COLUMNS
                }
                for split, splits in _SPLITS.items()
            }
            for subject in (run["mode"], *_OTHERS)
        },
        "mode": run["mode"],
    }


_SPLITS = {"all": ("leave_one_out", "held_out_users"), "held_out_users": ("held_out_users",)}


def _seconds(stages: Sequence[Result], name: str) -> float:
    return next(float(stage["seconds"]) for stage in stages if stage["name"] == name)


def _mean(
    metrics: Sequence[Result], subject: str, task: str, metric: str, splits: Sequence[str]
) -> float | None:
    """Return the mean over the answers of the splits together."""
    found = [
        one
        for one in metrics
        if (one["subject"], one["task"], one["metric"]) == (subject, task, metric)
        and one["split"] in splits
        and one["value"] is not None
    ]
    answers = sum(one["n"] for one in found)
    return sum(one["value"] * one["n"] for one in found) / answers if answers else None


def table(result: Result) -> str:
    """Return a row for each log, alignment, kind of training and group of users.

    Popularity is below, with the paper's best where the log is the paper's.
    """
    lines = [
        f"| log, alignment, training, seeds | {' | '.join(COLUMNS.values())} |",
        f"|---|{'---|' * len(COLUMNS)}",
    ]
    runs = sorted(result["runs"], key=_key)
    for log, of_log in groupby(runs, key=lambda run: str(run["log"])):
        listed = list(of_log)
        for _, group in groupby(listed, key=lambda run: _key(run)[:-1]):
            lines.extend(_rows(list(group)))
        lines.extend(_untrained(log, listed))
        if log in PAPER_NAMES:
            best = [_published(PAPER_NAMES[log], *column) for column in COLUMNS]
            lines.append(_row(f"*paper's best surrogate, {PAPER_NAMES[log]}*", best))
    machine = result["machine"]
    return "\n".join([*lines, "", f"On {machine['processor']}, {_times(runs)}."])


def _untrained(log: str, runs: Sequence[Result]) -> Iterator[str]:
    """Yield what no training changes, once for each seed."""
    pretrained = [run for run in runs if _training(run).is_pretrained]
    for subject, own in zip(_OTHERS, (runs, pretrained), strict=True):
        by_seed = {run["seed"]: run for run in own}
        if by_seed:
            yield _row(f"*{subject}, {log}*", _values(list(by_seed.values()), "all", subject))


def _rows(runs: Sequence[Result]) -> Iterator[str]:
    seeds = ", ".join(str(run["seed"]) for run in runs)
    log, mode = runs[0]["log"], runs[0]["mode"]
    named = f"{log}, {mode}, {_kind(runs[0])}, {'seeds' if len(runs) > 1 else 'seed'} {seeds}"
    yield _row(named, _values(runs, "all", mode))
    yield _row(f"{named}: held-out users", _values(runs, "held_out_users", mode))


def _values(runs: Sequence[Result], split: str, subject: str) -> list[str]:
    return [
        mean_and_ends(
            (run["cells"][subject][split][f"{task}/{metric}"] for run in runs),
            ".3f",
            to="–",
            unknown="-",
        )
        for task, metric in COLUMNS
    ]


def _published(dataset: str, task: str, metric: str) -> str:
    known = (
        one.value
        for one in PAPER_TABLE_2
        if (one.subject, one.dataset, one.task, one.metric)
        == ("best surrogate", dataset, task, metric)
    )
    return next((f"{value:.3f}" for value in known), "-")


def _row(name: str, values: Sequence[str]) -> str:
    return f"| {name} | {' | '.join(values)} |"


def _kind(run: Result) -> str:
    """Return how a surrogate was trained; what is as by default goes unsaid, but for one pass."""
    kind = _training(run)
    told = [f"{kind.questions:g} times the questions"] if kind.questions != 1 else []
    if kind.passes != 1 or not told:
        told.append(f"{kind.passes:g} {'pass' if kind.passes == 1 else 'passes'}")
    if kind.size != _DEFAULT_SIZE:
        told.append("{} layers, {} wide".format(*kind.size))
    if kind.is_pretrained:
        told = [kind.backbone]
    if kind.shares_of_yes:
        told.append("shares of Yes")
    return ", ".join(told)


def _times(runs: Sequence[Result]) -> str:
    """Return how long training took, by its kind, and what a pretrained backbone saw of it."""
    told = []
    for _, group in groupby(sorted(runs, key=_training), key=_training):
        alike = list(group)
        minutes = _ends(run["training_seconds"] / 60 for run in alike)
        told.append(f"{minutes} minutes for {_kind(alike[0])}")
        if _training(alike[0]).is_pretrained:
            told[-1] += f" ({_ends(run['examples'] for run in alike)} examples)"
    return f"beside other work on the same cores, training took {'; '.join(told)}"


def _ends(numbers: Iterable[float]) -> str:
    known = list(numbers)
    return " to ".join(dict.fromkeys(f"{end:,.0f}" for end in (min(known), max(known))))


def main() -> None:
    """Add the runs to the result, in place of those alike in log, alignment, training and seed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("log", help="what the data of the runs are called, such as games")
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--result", type=Path, default=RESULTS / "paper_cells.json")
    given = parser.parse_args()
    result: dict[str, Any] = {"machine": describe_machine(), "runs": []}
    if given.result.exists():
        result = json.loads(given.result.read_text(encoding="utf-8"))
    new = [cells(folder, given.log) for folder in given.runs]
    told = {_key(run) for run in new}
    kept = [run for run in result["runs"] if _key(run) not in told]
    result["runs"] = sorted([*kept, *new], key=_key)
    write_result(given.result, result)
    print(table(result))


def _training(run: Result) -> Training:
    layers, width = run.get("size", _DEFAULT_SIZE)
    return Training(
        run.get("backbone", _TINY),
        float(run["budget"]),
        float(run.get("questions", 1)),
        (layers, width),
        run.get("shares_of_yes", False),
    )


def _key(run: Result) -> tuple[str, str, Training, int]:
    return str(run["log"]), str(run["mode"]), _training(run), int(run["seed"])


if __name__ == "__main__":
    main()
