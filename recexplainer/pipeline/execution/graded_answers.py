"""Graded answers of a run, from the journal of its fidelity stage."""

from __future__ import annotations

from pathlib import Path
from typing import TypeAlias

from recexplainer.runs.artifacts import read_jsonl

__all__ = ["ANSWERS", "Graded", "graded_answers"]

ANSWERS = "answers.jsonl"
"""What every subject answered, with grades, in the folder of the fidelity stage."""
Graded: TypeAlias = dict[str, dict[tuple[str, str, str], dict[tuple[str, str], float | None]]]
"""Subject to task, metric and split to user and question to the grade; None was not scored."""


def graded_answers(path: Path) -> Graded:
    """Return the grade of every answer in the journal at ``path``."""
    found: Graded = {}
    for row in read_jsonl(path):
        told = row["payload"]
        for metric, value in told["grades"].items():
            name = f"{metric}_constrained" if told["constrained"] else metric
            figures = found.setdefault(told["subject"], {})
            answers = figures.setdefault((told["task"], name, told["split"]), {})
            answers[told["user"], told["example"]] = value
    return found
