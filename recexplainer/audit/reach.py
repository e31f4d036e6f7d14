"""Reach: which items no history brings up, and whether an attribute is what they share."""

from __future__ import annotations

from collections.abc import Iterator
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.duplicates import moving_columns
from recexplainer.audit.finding import Finding
from recexplainer.audit.subject import Subject
from recexplainer.audit.takers import Taker, takers_of
from recexplainer.data.plural_words import counted

__all__ = ["best_places", "silent_attributes", "unreachable_items"]

_ASKED = 300
"""Items that are asked about by name: after the histories of users who did take them."""
_EACH = 2
_KNOWN = 5
"""Interactions from which on an item is known well enough to be expected in some list."""
_LAST = 0.25
"""Items that never leave this part at the end of the list are lost."""
_FEW = 3
"""Items that have to be affected for an alarm; fewer may be chance."""
_FOUND: WeakKeyDictionary[Subject, NDArray[np.float64]] = WeakKeyDictionary()
"""Best places by subject; weak, so that a page that audits keeps no recommender in memory."""


def best_places(subject: Subject) -> NDArray[np.float64]:
    """Return the best place of each item in any list, as the share of items behind it, ``(I,)``.

    Asked are the sampled users' histories and, for items that those leave in the lower half, the
    histories after which some user took them; equal scores count in the item's favor. An item that
    is in nobody's training history, or was not asked about by name, may be unknown: nan.

    Probes of one subject share what is found.
    """
    if subject not in _FOUND:
        _FOUND[subject] = _best_places(subject)
    return _FOUND[subject]


def _best_places(subject: Subject) -> NDArray[np.float64]:
    from scipy.stats import rankdata

    best = np.zeros(len(subject.catalogue))
    for scores in subject.oracle.rows_of_scores(subject.histories):
        np.maximum(best, rankdata(scores, method="max"), out=best)
    low = np.flatnonzero((best < len(best) / 2) & (subject.split.popularity > 0))
    named = subject.rng("reach").permutation(low)[:_ASKED]
    takers = takers_of(subject, named.tolist(), _EACH)
    asked: list[tuple[int, Taker]] = [(row, one) for row in takers for one in takers[row]]
    rows = subject.oracle.rows_of_scores([one.history for _, one in asked])
    for (row, _), scores in zip(asked, rows, strict=True):
        best[row] = max(best[row], float((scores <= scores[row]).sum()))
    unknown = np.setdiff1d(np.flatnonzero(best < len(best) / 2), [r for r in takers if takers[r]])
    best[unknown] = np.nan
    return best / len(best)


def silent_attributes(subject: Subject) -> Finding:
    """Return the values of attributes none of whose known items is ever told apart or ranked high.

    An item is silent if its score is the same whatever the history, or no history brings it out
    of the last quarter of the list. Silence of nearly all items is another finding.
    """
    moving = moving_columns(subject)
    silent = ~moving | (best_places(subject) < _LAST)
    known = subject.split.popularity >= _KNOWN
    hit = [
        (attribute, value, rows)
        for attribute, value, rows in _values(subject, known)
        if len(rows) >= _FEW and silent[rows].all() and silent[known].mean() < 0.5
    ]
    alarm = bool(hit)
    named: tuple[str, ...] = ()
    others: dict[str, float] = {}
    if alarm:
        attribute, value, rows = max(hit, key=lambda one: len(one[2]))
        sentence = (
            f"None of the {len(rows)} known items of {attribute} {value!r} is ranked by what users "
            "did: its score never moves, or no history brings it out of the last quarter."
        )
        worst = rows[np.argsort(-subject.split.popularity[rows], kind="stable")].tolist()
        words = {
            row: f"{counted(int(subject.split.popularity[row]), 'interaction')}, never ranked"
            for row in worst
        }
        examples = subject.item_examples(worst, words)
        named, others = (f"{attribute}: {value}",), {"known": float(len(rows))}
    else:
        examples = ()
        count = sum(1 for _, _, rows in _values(subject, known) if len(rows) >= _FEW)
        others = {"values": float(count)}
        sentence = (
            f"Of each of {counted(count, 'attribute value')} some item is ranked by what users did."
            if count
            else "The items have no attribute that three known items share."
        )
    return Finding(
        probe="silent attribute",
        chapter="bug",
        sentence=sentence,
        alarm=alarm,
        figure=float(len(hit)),
        unit="count",
        n=int(known.sum()),
        others=others,
        named=named,
        examples=examples,
        meaning="A filter, a failed join or a zeroed block of vectors takes the whole group out.",
        look="Look at the vectors or the scores of these items alone.",
    )


def unreachable_items(subject: Subject) -> Finding:
    """Return how many items no history that was asked about brings into the upper half."""
    best, counts = best_places(subject), subject.split.popularity
    asked = np.isfinite(best) & (counts > 0)
    lost = np.flatnonzero(asked & (best < _LAST))
    alarm = len(lost) >= _FEW
    listed = len(np.unique(subject.answers.lists[subject.answers.lists >= 0]))
    told = (
        f"{listed:,} of {len(best):,} items are among the first ten of some of "
        f"{counted(len(subject.contexts), 'user')}"
    )
    if len(lost):
        most = int(counts[lost].max())
        sentence = (
            f"{told}; {counted(len(lost), 'item')} (each with {most} interactions or fewer) "
            "never leave the last quarter of the list, not even for users who did take them."
        )
    else:
        sentence = (
            f"{told}, and every item that was asked about leaves the last quarter of some list."
        )
    shown = lost[np.argsort(-counts[lost], kind="stable")].tolist()
    words = {row: f"best place {1 - best[row]:.0%} down the list" for row in shown}
    return Finding(
        probe="unreachable items",
        chapter="bug",
        sentence=sentence,
        alarm=alarm,
        figure=float(len(lost)),
        unit="count",
        n=int(asked.sum()),
        others={
            "listed": float(listed),
            "items": float(len(best)),
            "users": float(len(subject.contexts)),
            "most": float(counts[lost].max(initial=0)),
        },
        examples=subject.item_examples(shown, words) if alarm else (),
        meaning="Rare or new items are filtered out, or their vectors were never trained.",
        look="Ask about such an item after the history of a user who took it.",
    )


def _values(
    subject: Subject, known: NDArray[np.bool_]
) -> Iterator[tuple[str, str, NDArray[np.int64]]]:
    """Yield each value of each attribute with the rows of its known items."""
    found: dict[tuple[str, str], list[int]] = {}
    for row in np.flatnonzero(known).tolist():
        for attribute, values in subject.catalogue[row].attributes.items():
            for value in values:
                found.setdefault((attribute, value), []).append(row)
    for (attribute, value), rows in found.items():
        yield attribute, value, np.array(rows)
