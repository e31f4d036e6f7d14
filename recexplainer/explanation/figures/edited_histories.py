"""Edited histories: random removals, as many that leave the target's decision as that change it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from recexplainer.oracle import Oracle, case_rng, question_without
from recexplainer.records import Case, Progress, SilentProgress

__all__ = ["Edit", "draw_edits", "edit_features"]

_DRAWS = 16
"""Removals that the target is asked about for each case."""
_PAIRS = 4
"""How many of them are used that leave the decision, and how many that change it."""


@dataclass(frozen=True, slots=True)
class Edit:
    """A history without some of its items, and what the target decides then.

    Attributes:
        case: the case that is edited.
        removed: distinct items that are gone; at least one is left.
        kept: whether the target still decides as it does after the whole history.
    """

    case: Case
    removed: frozenset[str]
    kept: bool

    @property
    def share(self) -> float:
        """Share of the history's distinct items that are gone."""
        return len(self.removed) / len(set(self.case.history))


def draw_edits(
    cases: Sequence[Case], oracle: Oracle, seed: int, progress: Progress | None = None
) -> list[list[Edit]]:
    """Return the edits of each case, as many that change the decision as that leave it.

    Most random removals change no decision, and who always says so is nearly always right. Equal
    numbers of both leave something to predict. A case has none where no draw changes the decision,
    or where the target is undecided.

    Args:
        cases: what is edited.
        oracle: asks the target.
        seed: of the draws, which depend on it and the case only.
        progress: where the bar is shown.
    """
    drawn = [_removals(case, seed) if case.decision else [] for case in cases]
    questions = [
        question_without(case, removed)
        for case, removals in zip(cases, drawn, strict=True)
        for removed in removals
    ]
    with (progress or SilentProgress()).bar("edited histories", len(questions)) as bar:
        answers = iter(oracle.ask(questions, bar))
    return [
        _balanced([Edit(case, one, next(answers).decision == case.decision) for one in removals])
        for case, removals in zip(cases, drawn, strict=True)
    ]


def _removals(case: Case, seed: int) -> list[frozenset[str]]:
    """Return distinct removals, every number of items being as likely as any other."""
    items = list(dict.fromkeys(case.history))
    if len(items) < 2:
        return []
    rng = case_rng(seed, f"{case.id}/edits")
    sizes = rng.integers(1, len(items), size=_DRAWS)
    drawn = [rng.choice(len(items), size=int(size), replace=False) for size in sizes]
    return list(dict.fromkeys(frozenset(items[place] for place in places) for places in drawn))


def _balanced(edits: Sequence[Edit]) -> list[Edit]:
    kept = [edit for edit in edits if edit.kept]
    changed = [edit for edit in edits if not edit.kept]
    count = min(len(kept), len(changed), _PAIRS)
    return [*kept[:count], *changed[:count]]


def edit_features(edit: Edit) -> list[float]:
    """Return what is known of an edit without target and text: how much is gone, and how recent."""
    history = edit.case.history
    gone = np.array([item in edit.removed for item in history], dtype=np.float64)
    recent = np.arange(1, len(history) + 1)
    left = len(set(history)) - len(edit.removed)
    plain = [
        edit.share,
        edit.share**2,
        1.0 / left,
        1.0 / len(edit.removed),
        float(gone[-1]),
        float(gone[0]),
        float(recent @ gone / recent.sum()),
    ]
    liked = float(edit.case.decision == "Yes")
    return [*plain, liked, *(liked * one for one in plain)]
