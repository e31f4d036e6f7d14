"""Recounts of what looks like a bug: who is foretold what, by whose answers, from plain ranks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from recexplainer.audit.finding import Finding
from recexplainer.audit.reading.plain_answers import (
    Again,
    PlainAnswers,
    counted_again,
    drawn_again,
    shared,
)
from recexplainer.audit.reading.recounted_lists import Recount

__all__ = ["BUGS_AGAIN"]


def _ignored(answers: PlainAnswers, _: Finding) -> Mapping[str, Again]:
    empty = answers.lists([()] * len(answers.had), answers.had)
    return {"figure": counted_again(_agreements(answers, range(len(empty)), empty))}


def _last_only(answers: PlainAnswers, _: Finding) -> Mapping[str, Again]:
    histories = answers.subject.histories
    places = [place for place, one in enumerate(histories) if len(one) > 1]
    had = [answers.had[place] for place in places]
    last = answers.lists([histories[place][-1:] for place in places], had)
    return {
        "figure": counted_again(_agreements(answers, places, last)),
        "n": Again(len(places), 0.0),
    }


def _unordered(answers: PlainAnswers, _: Finding) -> Mapping[str, Again]:
    rng = np.random.default_rng(2)
    mixed = [tuple(rng.permutation(one).tolist()) for one in answers.subject.histories]
    lists = answers.lists(mixed, answers.had)
    return {"figure": drawn_again(_agreements(answers, range(len(lists)), lists))}


def _agreements(
    answers: PlainAnswers, places: Sequence[int], lists: Sequence[frozenset[int]]
) -> list[float]:
    return [shared(answers.own[k].listed, one) for k, one in zip(places, lists, strict=True)]


def _tied(answers: PlainAnswers, _: Finding) -> Mapping[str, Again]:
    return {"figure": counted_again([one.tied for one in answers.own if one.tied is not None])}


def _leaked(answers: PlainAnswers, _: Finding) -> Mapping[str, Again]:
    held = [one.hit for one in answers.own if one.hit is not None]
    learned = [one.hit for one in answers.trained if one.hit is not None]
    nexts = answers.subject.nexts
    strange = [
        float(nexts[k - 1] in answers.own[k].listed)
        for k in range(len(nexts))
        if nexts[k - 1] not in answers.had[k]
    ]
    found = {"figure": counted_again(held), "control": Again(float(np.mean(learned)))}
    return {**found, "shuffled": Again(float(np.mean(strange)))} if strange else found


def _by_another(answers: PlainAnswers, _: Finding) -> Mapping[str, Again]:
    contexts = (*answers.subject.contexts, *answers.subject.trained)
    own = _foretold(answers)
    others = [contexts[place - 1].history for place in range(len(contexts))]
    swapped = answers.foretold(others, contexts)
    gain = np.subtract(np.array(own, dtype=float), np.array(swapped, dtype=float))
    return {
        "figure": Again(float(np.mean(own))),
        "control": Again(float(np.mean(swapped))),
        "gain": Again(float(gain.mean())),
        "n": Again(len(own), 0.0),
    }


def _backwards(answers: PlainAnswers, _: Finding) -> Mapping[str, Again]:
    contexts = (*answers.subject.contexts, *answers.subject.trained)
    turned = answers.foretold([one.history[::-1] for one in contexts], contexts)
    own = _foretold(answers)
    return {"figure": Again(float(np.mean(own))), "control": Again(float(np.mean(turned)))}


def _foretold(answers: PlainAnswers) -> list[bool]:
    return [one.foretold for one in (*answers.own, *answers.trained)]


def _to_all(answers: PlainAnswers, found: Finding) -> Mapping[str, Again]:
    """Count again in how many lists of those who have not had it the most frequent item is."""
    items = len(answers.subject.catalogue)
    listed, free = np.zeros(items), np.full(items, len(answers.had))
    for one, had in zip(answers.own, answers.had, strict=True):
        listed[sorted(one.listed)] += 1
        free[sorted(had)] -= 1
    shares = np.where(free >= 30, listed / np.maximum(free, 1), 0.0)
    title = found.named[0]
    own = [shares[k] for k, item in enumerate(answers.subject.catalogue) if item.title == title]
    most = int((shares >= 0.8).sum())
    return {"figure": Again(float(max(own))), "most": Again(most, 0.0)}


BUGS_AGAIN: Mapping[str, Recount] = {
    "history ignored": _ignored,
    "last item only": _last_only,
    "order unread": _unordered,
    "equal scores": _tied,
    "leakage": _leaked,
    "wrong user": _by_another,
    "reversed order": _backwards,
    "recommended to all": _to_all,
}
"""By probe. What the others say is held against the figures beside it alone."""
