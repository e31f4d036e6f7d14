"""Table of what alignment leaves of a backbone's general ability."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Result = Mapping[str, Any]


def table(result: Result) -> str:
    """Return a row for each model, and what was read and answered."""
    lines = [
        "| model | perplexity of given answers | own answers that begin with a title |",
        "|---|---|---|",
    ]
    for name, row in result["rows"].items():
        titles = f"{row['answered_with_a_title']} of {len(row['answers'])}"
        lines.append(f"| {name} | {row['perplexity']:.1f} | {titles} |")
    row = next(iter(result["rows"].values()))
    read = f"{row['conversations']} instructions with {row['tokens']:,} tokens of given answers"
    return "\n".join([*lines, "", f"{read}; none of them was trained on."])
