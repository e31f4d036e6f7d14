"""Taste: whether an item ranks higher for those who took it than for anybody else."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.estimate import estimated, percent
from recexplainer.audit.finding import Finding
from recexplainer.audit.subject import Subject
from recexplainer.audit.takers import takers_of

__all__ = ["deaf_items", "fits"]

_ITEMS, _EACH = 150, 8
_FEWEST = 5
"""Moments at which an item was taken, for its fit to be measured."""
_DEAF, _HEARD = 0.6, 0.7
"""A fit below the first is none; alarm is given where the middle item's is above the second."""
_MUCH = 0.05
"""Share of items that chance and weak training leave without a fit."""


def fits(subject: Subject) -> dict[int, float]:
    """Return, by row, how often a taker's score of an item is above another user's, 0 to 1.

    Scores are standardized by history; 0.5 is chance. A sample of items that some users of the
    training data took.
    """
    counts = subject.split.popularity
    known = np.flatnonzero(counts > _FEWEST)
    rows = subject.rng("taste").permutation(known)[:_ITEMS].tolist()
    takers = takers_of(subject, rows, _EACH)
    asked = [
        (row, one.history) for row in rows if len(takers[row]) >= _FEWEST for one in takers[row]
    ]
    panel = _standardized(subject.panel)
    had = np.zeros(panel.shape, dtype=bool)
    for place, context in enumerate(subject.panel_contexts):
        had[place, subject.seen_by(context)] = True
    above: dict[int, list[float]] = {}
    scored = subject.oracle.rows_of_scores([history for _, history in asked])
    for (row, _), scores in zip(asked, scored, strict=True):
        own = float((scores[row] - scores.mean()) / max(float(scores.std()), 1e-12))
        others = panel[~had[:, row], row]
        if len(others):
            told = (others < own).mean() + 0.5 * (others == own).mean()
            above.setdefault(row, []).append(float(told))
    return {row: float(np.mean(values)) for row, values in above.items()}


def deaf_items(subject: Subject) -> Finding:
    """Return the share of items that rank no higher for those who took them."""
    found = fits(subject)
    if not found:
        return Finding(
            probe="deaf items",
            chapter="bug",
            sentence="No item was taken often enough to be ranked for those who took it.",
        )
    values = np.array(list(found.values()))
    deaf = estimated((values < _DEAF).astype(float), seed=subject.seed)
    middle = float(np.median(values))
    alarm = deaf.low > _MUCH and middle > _HEARD
    ending = ": their scores do not go with what users did" if alarm else ""
    sentence = (
        f"{deaf.words} of {deaf.n} items rank hardly higher for users who took them next than for "
        f"others (in under {percent(_DEAF)} of pairs); the middle item does in "
        f"{percent(middle)} of pairs{ending}."
    )
    worst = sorted(found, key=lambda row: found[row])[:3]
    words = {row: f"above others' in {percent(found[row])} of pairs" for row in worst}
    return Finding(
        probe="deaf items",
        chapter="bug",
        sentence=sentence,
        alarm=alarm,
        others={"limit": _DEAF, "middle": middle},
        examples=subject.item_examples(worst, words) if alarm else (),
        meaning="These items' vectors are of another training run, or were never updated.",
        look="Compare when the vectors of these items and of others were written.",
    ).with_estimate(deaf)


def _standardized(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    spread = np.maximum(scores.std(axis=1, keepdims=True), 1e-12)
    return np.asarray((scores - scores.mean(axis=1, keepdims=True)) / spread)
