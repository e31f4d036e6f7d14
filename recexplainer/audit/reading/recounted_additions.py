"""Recounts of what is added to histories, and of explanations that name no single cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from recexplainer.audit.explained import Explained
from recexplainer.audit.finding import Finding
from recexplainer.audit.reading.plain_answers import (
    Again,
    PlainAnswers,
    counted_again,
    drawn_again,
)
from recexplainer.oracle import NOISE

__all__ = ["additions_again", "causes_again"]

_USERS = 80


def additions_again(answers: PlainAnswers, found: Finding) -> Mapping[str, Again]:
    """Draw items of a value anew, add them to histories, and count its share of lists again."""
    name, value = found.named[0].split(": ", 1)
    subject, rng = answers.subject, np.random.default_rng(3)
    counts, ids = subject.split.popularity, subject.catalogue.ids
    has = np.array([value in item.attributes.get(name, ()) for item in subject.catalogue])
    had, own, other, before = [], [], [], []
    for place, history in enumerate(subject.histories[:_USERS]):
        free = counts > 0
        free[sorted(answers.had[place])] = False
        first = rng.choice(np.flatnonzero(free & has), size=2, replace=False).tolist()
        second: list[int] = []
        for row in first:
            rest = np.setdiff1d(np.flatnonzero(free & ~has), second)
            second.append(int(rest[np.argmin(np.abs(counts[rest] - counts[row]))]))
        had.append(answers.had[place] | {*first, *second})
        own.append((*history, *(ids[row] for row in first))[-subject.max_history :])
        other.append((*history, *(ids[row] for row in second))[-subject.max_history :])
        before.append(history)
    after, control, whole = (
        [float(has[sorted(one)].sum()) / 10 for one in answers.lists(histories, had)]
        for histories in (own, other, before)
    )
    return {
        "figure": drawn_again(after),
        "control": drawn_again(control),
        "whole": drawn_again(whole),
        "gain": drawn_again(np.subtract(after, control).tolist()),
        "n": Again(len(had), 0.0),
    }


def causes_again(answers: PlainAnswers, explained: Sequence[Explained]) -> Mapping[str, Again]:
    """Ask again without each item by itself whether none of them pulls, where a text says so."""
    held = [float(one.no_cause and _pulled_by_none(answers, one)) for one in explained]
    mean = counted_again(held)
    return {"figure": Again(mean.value, mean.slack), "n": Again(len(held), 0.0)}


def _pulled_by_none(answers: PlainAnswers, one: Explained) -> bool:
    row = answers.subject.catalogue.row(one.item)
    items = [item for item in dict.fromkeys(one.history) if item != one.item]
    shorter = [tuple(own for own in one.history if own != item) for item in items]
    whole, *without = answers.rows([one.history, *shorter])
    least = NOISE * max(float(whole.std()), abs(float(whole[row])))
    return all(one.toward * (whole[row] - scores[row]) <= 2 * least for scores in without)
