"""Order: whether the target reads the order of a history, and the right way round."""

from __future__ import annotations

import numpy as np

from recexplainer.audit.estimate import estimated, paired_p, percent
from recexplainer.audit.finding import Finding
from recexplainer.audit.lists import overlap
from recexplainer.audit.subject import Subject

__all__ = ["order_unread", "reversed_order"]

_SURE, _MUCH = 0.001, 0.04


def reversed_order(subject: Subject) -> Finding:
    """Return whether histories foretell what comes next better when they are read backwards.

    What users took next includes an item that the target was trained on, which doubles the sample.
    """
    contexts = (*subject.contexts, *subject.trained)
    forwards = [*subject.answers.foretold, *subject.trained_answers.foretold]
    turned = subject.foretold_after([one.history[::-1] for one in contexts], contexts)
    users = [one.user for one in contexts]
    own = estimated([float(one) for one in forwards], seed=subject.seed, groups=users)
    back = float(turned.mean())
    # One difference per user: moments of one user are not independent.
    gain: dict[str, float] = {}
    for user, before, after in zip(users, forwards, turned, strict=True):
        gain[user] = gain.get(user, 0.0) + float(after) - float(before)
    p = paired_p(np.array(list(gain.values())), subject.seed)
    alarm = back - own.mean > _MUCH and p <= _SURE
    unlike = "not clearly better than" if back > own.mean else "no better than"
    comparison = "better than" if alarm else unlike
    sentence = (
        f"Read backwards, histories foretell the next item {comparison} as they are: for "
        f"{percent(back)} against {own.words} of moments."
    )
    examples = subject.user_examples(
        lambda one: f"user {one.user}, whose history is read backwards"
    )
    return Finding(
        probe="reversed order",
        chapter="bug",
        sentence=sentence,
        alarm=alarm,
        control=back,
        control_words="read backwards",
        examples=examples if alarm else (),
        meaning="The latest item comes first where the model wants it last, or the other way.",
        look="Print what the model is fed for one user, and compare it with the log.",
    ).with_estimate(own)


def order_unread(subject: Subject) -> Finding:
    """Return whether a sequential target gives the same lists after shuffled histories."""
    rng = subject.rng("shuffled order")
    shuffled = [tuple(rng.permutation(history).tolist()) for history in subject.histories]
    shared = overlap(subject.answers.lists, subject.lists(shuffled))
    found = estimated(shared, seed=subject.seed)
    ignored = bool((shared == 1).all())
    alarm = ignored and subject.sequential is True
    if ignored:
        ending = ", though it is meant to read the order" if alarm else ""
        sentence = f"The order of a history changes no item of any list{ending}."
    else:
        sentence = f"After a history in random order {found.words} of the first ten stay."
    return Finding(
        probe="order unread",
        chapter="bug",
        sentence=sentence,
        alarm=alarm,
        meaning="Positions are not fed to the model, or it has learned not to use them.",
        look="Ask about one history in two orders; check the positional embeddings.",
    ).with_estimate(found)
