"""Leakage: whether the target knows what it must not know better than what it learned from."""

from __future__ import annotations

import numpy as np

from recexplainer.audit.estimate import estimated, percent
from recexplainer.audit.finding import Finding
from recexplainer.audit.subject import Subject

__all__ = ["leaked_items"]

_MUCH = 0.05
"""By how much of all users the held-out items have to be hit more often than trained ones."""


def leaked_items(subject: Subject) -> Finding:
    """Return how often held-out items are in the first ten, beside items of the training data.

    A target hits what it was trained on as often as new items or more often. One that hits the
    held-out items clearly more often has seen them. The shuffled control puts the held-out item of
    another user in their place.
    """
    held, trained = subject.answers.hits, subject.trained_answers.hits
    held, trained = held[np.isfinite(held)], trained[np.isfinite(trained)]
    if not len(held) or not len(trained):
        return Finding(
            probe="leakage",
            chapter="bug",
            sentence="No user has a held-out item that can be ranked, so that leakage cannot be "
            "told.",
        )
    own, learned = estimated(held, seed=subject.seed), estimated(trained, seed=subject.seed)
    alarm = own.low > learned.mean and own.mean > learned.high and own.mean - learned.mean > _MUCH
    shuffled = _shuffled(subject)
    told = (
        f"The item that was kept from training is in the first ten for {own.words} of users, an "
        f"item that was trained on for {learned.words}"
    )
    ending = ": the recommender seems to have seen what it is tested on" if alarm else ""
    sentence = f"{told}, and another user's held-out item for {percent(shuffled)}{ending}."
    hit = [place for place, one in enumerate(subject.answers.hits) if one == 1][:3]
    examples = tuple(
        subject.example(
            subject.contexts[place].user,
            subject.catalogue[subject.nexts[place]].id,
            f"{subject.catalogue[subject.nexts[place]].title}: held out, and in the first ten",
        )
        for place in hit
    )
    return Finding(
        probe="leakage",
        chapter="bug",
        sentence=sentence,
        alarm=alarm,
        control=learned.mean,
        control_words="an item that was trained on",
        others={
            "control_low": learned.low,
            "control_high": learned.high,
            "shuffled": shuffled,
        },
        examples=examples if alarm else (),
        meaning="The test items were in the training data, or a feature is computed from them.",
        look="Train again on the histories without their last two items, and compare hit@10.",
    ).with_estimate(own)


def _shuffled(subject: Subject) -> float:
    """Return how often the held-out item of the next user in the sample is in a user's list."""
    lists, nexts = subject.answers.lists, np.roll(np.array(subject.nexts), 1)
    free = np.array([item not in had for item, had in zip(nexts, subject.seen, strict=True)])
    hit = (lists == nexts[:, None]).any(axis=1)
    return float(hit[free].mean()) if free.any() else 0.0
