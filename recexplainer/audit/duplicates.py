"""Duplicates: items that get the same score whatever the history."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.finding import Finding
from recexplainer.audit.subject import Subject
from recexplainer.data.plural_words import counted
from recexplainer.oracle import NOISE

__all__ = ["alike_groups", "duplicate_answers", "moving_columns"]

_FEWEST = 5
"""Interactions below which two items may well have nothing that tells them apart."""


def moving_columns(subject: Subject) -> NDArray[np.bool_]:
    """Return which items' scores depend on the history, ``(I,)``."""
    panel = subject.panel
    size = np.maximum(np.abs(panel).max(axis=0), panel.std(axis=1).mean())
    return np.asarray(np.ptp(panel, axis=0) > NOISE * size)


def alike_groups(subject: Subject) -> list[list[int]]:
    """Return groups of item rows with the same scores after all of a few histories.

    Items whose score never moves are left out: they say nothing, rather than the same.
    """
    moving = np.flatnonzero(moving_columns(subject))
    columns = subject.panel[:, moving].astype(np.float64)
    if len(moving) < 2:
        return []
    size = np.abs(columns).max() * NOISE
    order = np.argsort(subject.rng("projection").standard_normal(len(columns)) @ columns)
    near = np.abs(np.diff(columns[:, order], axis=1)).max(axis=0) <= size
    groups: list[list[int]] = []
    for place, same in enumerate(near):
        if same and place and near[place - 1]:
            groups[-1].append(int(moving[order[place + 1]]))
        elif same:
            groups.append([int(moving[order[place]]), int(moving[order[place + 1]])])
    return groups


def duplicate_answers(subject: Subject) -> Finding:
    """Return how many items share all their scores with another one."""
    groups = alike_groups(subject)
    counts = subject.split.popularity
    known = [g for g in groups if sum(counts[row] >= _FEWEST for row in g) > 1]
    members = sum(map(len, groups))
    alarm = bool(known)
    if not groups:
        sentence = (
            f"No two of {len(subject.catalogue):,} items get the same scores after "
            f"{counted(len(subject.panel), 'history', 'histories')}."
        )
    else:
        rare = "" if alarm else ", all but one of each group with next to no interactions"
        sentence = (
            f"{counted(members, 'item')} in {counted(len(groups), 'group')} get the same "
            f"scores after each of {len(subject.panel)} histories{rare}: the recommender cannot "
            "tell them apart."
        )
    shown = sorted(known, key=lambda group: -int(counts[group].sum()))
    words = {g[0]: f"answers like {subject.catalogue[g[1]].title!r}" for g in shown}
    examples = subject.item_examples([group[0] for group in shown], words)
    return Finding(
        probe="duplicates",
        chapter="bug",
        sentence=sentence,
        alarm=alarm,
        figure=float(members),
        unit="count",
        n=len(subject.catalogue),
        others={"groups": float(len(groups)), "histories": float(len(subject.panel))},
        examples=examples if alarm else (),
        meaning="Two ids share a row or a vector, for instance because titles are the key.",
        look="Compare the two items' vectors and ids, and how items are looked up.",
    )
