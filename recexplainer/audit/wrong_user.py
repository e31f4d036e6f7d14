"""Wrong user: whether the answers fit the users who ask better than they fit others."""

from __future__ import annotations

import numpy as np

from recexplainer.audit.estimate import estimated, percent
from recexplainer.audit.finding import Finding
from recexplainer.audit.lists import overlap
from recexplainer.audit.subject import Subject

__all__ = ["wrong_user"]

_FEWEST = 100
"""Moments below which a difference might be missed."""
_LITTLE = 0.1
"""The most by which own answers may foretell more often, for them to be no better."""
_PERSONAL = 0.9
"""Lists that agree more than this are no personal ones."""


def wrong_user(subject: Subject) -> Finding:
    """Return how often users' next items are foretold by their own answers and by others'."""
    contexts = (*subject.contexts, *subject.trained)
    own = np.array([*subject.answers.foretold, *subject.trained_answers.foretold], dtype=float)
    others = [one.history for one in np.roll(np.array(contexts, dtype=object), 1)]
    swapped = subject.foretold_after(others, contexts).astype(float)
    users = [one.user for one in contexts]
    seed = subject.seed
    gain = estimated(own - swapped, seed=seed, bounds=(-1.0, 1.0), groups=users)
    lists = subject.answers.lists
    personal = float(overlap(lists, np.roll(lists, 1, axis=0)).mean()) < _PERSONAL
    alarm = personal and gain.n >= _FEWEST and gain.low <= 0 and gain.high < _LITTLE
    found = estimated(own, seed=seed, groups=users)
    if gain.low > 0:
        comparison = "more often than"
    elif gain.high < 0:
        comparison = "less often than"
    else:
        comparison = "not measurably more often than"
    ending = ": the answers seem to be given to the wrong users, or to rest on nothing"
    sentence = (
        f"What users took next is foretold by their own answers {comparison} by another user's: "
        f"{found.words} against {percent(swapped.mean())} of moments{ending if alarm else ''}."
    )
    examples = subject.user_examples(
        lambda one: f"user {one.user}: compare the list with the history"
    )
    return Finding(
        probe="wrong user",
        chapter="bug",
        sentence=sentence,
        alarm=alarm,
        control=float(swapped.mean()),
        control_words="another user's answers",
        others={"gain_low": gain.low, "gain_high": gain.high},
        examples=examples if alarm else (),
        meaning="User vectors are joined to users in the wrong order, or come from another model.",
        look="Compare the vector of one user in the training code and in the serving code.",
    ).with_estimate(found)
