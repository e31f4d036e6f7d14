"""Use of the history: whether answers depend on it, and on more of it than its last item."""

from __future__ import annotations

import numpy as np

from recexplainer.audit.estimate import estimated
from recexplainer.audit.finding import Example, Finding
from recexplainer.audit.lists import overlap
from recexplainer.audit.subject import Subject

__all__ = ["history_ignored", "last_item_only"]

_ALL = 0.999
"""Agreement from which on lists are called the same: one place of a thousand may be rounding."""


def history_ignored(subject: Subject) -> Finding:
    """Return whether lists are those of an empty history."""
    count = len(subject.contexts)
    shared = overlap(subject.answers.lists, subject.lists_at(range(count), [()] * count))
    found = estimated(shared, seed=subject.seed)
    alarm = found.mean >= _ALL
    ending = ": what a user did changes nothing" if alarm else ""
    sentence = f"An empty history gets {found.words} of the first ten that users get{ending}."
    return Finding(
        probe="history ignored",
        chapter="bug",
        sentence=sentence,
        alarm=alarm,
        examples=_examples(subject) if alarm else (),
        meaning="The recommender ranks by popularity, or the history does not reach the model.",
        look="Ask about two users with different tastes, and compare their lists.",
    ).with_estimate(found)


def last_item_only(subject: Subject) -> Finding:
    """Return whether lists are those of the last item alone, among users who had more."""
    longer = [place for place, one in enumerate(subject.histories) if len(one) > 1]
    if not longer:
        return Finding(
            probe="last item only",
            chapter="bug",
            sentence="No user has more than one item, so that it cannot be told what earlier ones "
            "do.",
        )
    last = [subject.histories[place][-1:] for place in longer]
    lists = subject.answers.lists[longer]
    shared = overlap(lists, subject.lists_at(longer, last))
    empty = overlap(lists, subject.lists_at(longer, [()] * len(longer)))
    found = estimated(shared, seed=subject.seed)
    alarm = found.mean >= _ALL and float(np.mean(empty)) < _ALL
    ending = ": no earlier item changes anything" if alarm else ""
    sentence = f"The last item alone gets {found.words} of the first ten{ending}."
    return Finding(
        probe="last item only",
        chapter="bug",
        sentence=sentence,
        alarm=alarm,
        control=float(np.mean(empty)),
        control_words="an empty history",
        examples=_examples(subject) if alarm else (),
        meaning="The history is cut before it is read, or the model follows single steps only.",
        look="Check max_history and how batches are cut; ask with and without the first items.",
    ).with_estimate(found)


def _examples(subject: Subject) -> tuple[Example, ...]:
    return subject.user_examples(lambda one: f"user {one.user}, {len(one.history)} items are read")
