"""Own like: whether adding an item pushes away what users take right after it."""

from __future__ import annotations

from collections import Counter

import numpy as np

from recexplainer.audit.estimate import percent
from recexplainer.audit.finding import Finding
from recexplainer.audit.subject import Subject
from recexplainer.data.plural_words import counted

__all__ = ["own_like_pushed_away"]

_ITEMS, _USERS, _FOLLOWERS = 40, 16, 5
_FEWEST = 3
"""Times that an item followed another, for it to be of its like."""
_RATE, _MUCH, _SHARE = 0.01, 0.2, 0.1
"""False discovery rate; the least fall, in standard deviations; share of items for an alarm."""


def own_like_pushed_away(subject: Subject) -> Finding:
    """Return how many items lower the scores of what follows them most often in the data.

    Each of a sample of items is added at the end of histories that lack it. The fall is that of its
    most frequent followers' standardized scores, beside a paired t test corrected for the number of
    items looked at.
    """
    from scipy.stats import false_discovery_control, ttest_1samp

    followers = _followers(subject)
    rows = [row for row in followers if followers[row]]
    rows = [rows[k] for k in subject.rng("own like").permutation(len(rows))[:_ITEMS]]
    moves = {row: move for row in rows if len(move := _moves(subject, row, followers[row])) > 3}
    if not moves:
        return Finding(
            probe="own like",
            chapter="bug",
            sentence="No item is followed by another often enough to say what it does to its like.",
        )
    tests = [
        ttest_1samp(m, 0.0, alternative="less").pvalue if np.ptp(m) else 1.0 for m in moves.values()
    ]
    sure = false_discovery_control(np.nan_to_num(tests, nan=1.0))
    away = [
        row
        for row, p in zip(moves, sure, strict=True)
        if p <= _RATE and float(np.mean(moves[row])) < -_MUCH
    ]
    share = len(away) / len(moves)
    alarm = share >= _SHARE and len(away) >= 3
    sentence = (
        f"{len(away)} of {counted(len(moves), 'item')} push down, when they are added to a "
        "history, what users take right after them."
    )
    away.sort(key=lambda row: float(np.mean(moves[row])))
    words = {row: f"pushes down {subject.catalogue[followers[row][0]].title!r}" for row in away}
    return Finding(
        probe="own like",
        chapter="bug",
        sentence=sentence,
        alarm=alarm,
        figure=share,
        n=len(moves),
        others={"away": float(len(away))},
        control=0.0,
        control_words=f"with a false discovery rate of {percent(_RATE)}",
        examples=subject.item_examples(away, words) if alarm else (),
        meaning="A sign is wrong, or the model learned that what was taken is not taken again.",
        look="Ask with and without the item: `recx explain` tells what each history item pulls.",
    )


def _followers(subject: Subject) -> dict[int, list[int]]:
    """Return for each item the rows that follow it most often within three steps."""
    counts: dict[str, Counter[str]] = {}
    histories = subject.split.training.histories
    users = list(histories)
    for place in subject.rng("followers").permutation(len(users))[:5000].tolist():
        history = histories[users[place]]
        for end, item in enumerate(history):
            counts.setdefault(item, Counter()).update(history[end + 1 : end + 4])
    row = subject.catalogue.row
    return {
        row(item): [row(one) for one, n in found.most_common(_FOLLOWERS) if n >= _FEWEST]
        for item, found in counts.items()
    }


def _moves(subject: Subject, row: int, followers: list[int]) -> np.ndarray:
    """Return how far the followers' mean standardized score moves when the item is added."""
    item = subject.catalogue.ids[row]
    places = [
        place for place in range(len(subject.panel_contexts)) if row not in subject.seen[place]
    ][:_USERS]
    histories = [(*subject.histories[k], item)[-subject.max_history :] for k in places]
    moved = []
    for place, after in zip(places, subject.oracle.rows_of_scores(histories), strict=True):
        free = [one for one in followers if one not in subject.seen[place]]
        before = subject.panel[place]
        spread = float(before.std())
        if free and spread > 0:
            was = (before[free].mean() - before.mean()) / spread
            now = (after[free].mean() - after.mean()) / max(float(after.std()), 1e-12)
            moved.append(float(now - was))
    return np.array(moved)
