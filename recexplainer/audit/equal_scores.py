"""Equal scores: whether the first places are told apart at all."""

from __future__ import annotations

import numpy as np

from recexplainer.audit.estimate import estimated
from recexplainer.audit.finding import Finding
from recexplainer.audit.subject import Subject

__all__ = ["equal_scores"]

_MUCH = 0.2


def equal_scores(subject: Subject) -> Finding:
    """Return the share of the first ten places that items of equal score share."""
    tied = subject.answers.tied
    known = tied[np.isfinite(tied)]
    if not len(known):
        return Finding(
            probe="equal scores", chapter="bug", sentence="No user has two candidates to compare."
        )
    found = estimated(known, seed=subject.seed)
    alarm = found.low > _MUCH
    ending = ": there the order is anybody's" if alarm else ""
    sentence = f"Of the first ten places {found.words} are held by items of equal score{ending}."
    worst = np.argsort(-np.nan_to_num(tied), kind="stable")[:3]
    examples = tuple(
        subject.example(
            subject.contexts[place].user,
            None,
            f"user {subject.contexts[place].user}: {tied[place]:.0%} of the places are shared",
        )
        for place in worst
    )
    return Finding(
        probe="equal scores",
        chapter="bug",
        sentence=sentence,
        alarm=alarm,
        examples=examples if alarm else (),
        meaning="Scores are clipped, rounded or saturated before they are ranked.",
        look="Look at the largest scores of one history, before and after they are processed.",
    ).with_estimate(found)
