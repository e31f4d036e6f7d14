"""Examples for the task contract: all, in parts, and of a target turned upside down."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

import numpy as np

from recexplainer.plugins.interfaces import AlignmentTask, Asked, TaskKit
from recexplainer.records import Example, HistorySlot

__all__ = [
    "SEED",
    "about_contexts",
    "all_examples",
    "are_histories",
    "own_arrays",
    "part_of",
    "repeated",
    "upside_down",
]

SEED: Final = 3


def all_examples(task: AlignmentTask, asked: Asked) -> list[Example]:
    """Return the examples about contexts, then those about items, drawn with one seed."""
    rng = np.random.default_rng(SEED)
    own = replace(asked, scores=asked.scores.copy())
    return [*task.on_contexts(own, rng), *task.on_items(rng)]


def about_contexts(task: AlignmentTask, asked: Asked) -> Iterator[Example]:
    """Return the examples that are measured: about the contexts, as held-out moments.

    The task gets scores of its own.
    """
    held_out = [replace(context, split="leave_one_out") for context in asked.contexts]
    own = replace(asked, contexts=held_out, scores=asked.scores.copy())
    return iter(task.on_contexts(own, np.random.default_rng(SEED)))


def own_arrays(kit: TaskKit) -> TaskKit:
    """Return ``kit`` with arrays that a task may write into without others noticing."""
    return replace(kit, item_vectors=copy.copy(kit.item_vectors))


def part_of(asked: Asked, part: slice) -> Asked:
    """Return what was asked about some of the contexts."""
    return replace(
        asked,
        contexts=asked.contexts[part],
        rows=asked.rows[part],
        scores=asked.scores[part].copy(),
    )


def repeated(ids: Iterable[str]) -> list[str]:
    """Return those of ``ids`` that occur more than once."""
    return [one for one, count in Counter(ids).items() if count > 1]


def are_histories(examples: Iterable[Example], asked: Asked) -> bool:
    """Whether every reference is from the history shown, which is known without the target."""
    histories = dict(zip(asked.rows, (set(one.history) for one in asked.contexts), strict=True))
    for example in examples:
        slots = [part for turn in example.turns for part in turn.content]
        shown = [histories[one.context] for one in slots if isinstance(one, HistorySlot)]
        if not shown or not set(example.reference) <= shown[0]:
            return False
    return True


def upside_down(asked: Asked) -> Asked:
    """Return the answers negated, ties broken the other way, seen items left out as before."""
    tilt = np.arange(asked.scores.shape[1], dtype=np.float32) * 1e-3
    turned = np.where(np.isfinite(asked.scores), tilt - asked.scores, asked.scores)
    return replace(asked, scores=turned.astype(np.float32))
