"""Examples on disk, one JSON object per line, for resuming and reading."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from recexplainer.records import Example, HistorySlot, ItemSlot, Segment, Text, Turn
from recexplainer.runs.artifacts import read_jsonl, write_jsonl

__all__ = ["load_examples", "save_examples"]


def save_examples(examples: Iterable[Example], path: Path) -> None:
    """Write ``examples`` to ``path``, atomically."""
    write_jsonl(path, map(asdict, examples))


def load_examples(path: Path) -> list[Example]:
    """Return the examples that ``save_examples`` wrote to ``path``.

    Raises:
        RunFolderError: the file is missing or damaged.
    """
    return [_example(row) for row in read_jsonl(path)]


def _example(row: dict[str, Any]) -> Example:
    turns = tuple(
        Turn(turn["role"], tuple(_segment(segment) for segment in turn["content"]))
        for turn in row["turns"]
    )
    return Example(
        id=row["id"],
        task=row["task"],
        turns=turns,
        reference=tuple(row["reference"]),
        options=tuple(row["options"]),
        names_history=row["names_history"],
    )


def _segment(row: dict[str, Any]) -> Segment:
    for kind, key in ((Text, "text"), (HistorySlot, "context"), (ItemSlot, "item")):
        if key in row:
            return kind(**row)
    raise ValueError(f"no segment of a prompt: {row}")
