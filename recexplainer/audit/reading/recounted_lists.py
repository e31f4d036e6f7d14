"""Recounts of what rankings lean on: histories are changed anew, and lists compared by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

import numpy as np

from recexplainer.audit.finding import Finding
from recexplainer.audit.reading.plain_answers import (
    Again,
    PlainAnswers,
    counted_again,
    drawn_again,
    shared,
)

__all__ = ["LISTS", "Recount", "attribute_again", "mean_ranks"]

Recount: TypeAlias = Callable[[PlainAnswers, Finding], Mapping[str, Again]]
"""Counts a finding's figures again, by the names of slots."""
_History: TypeAlias = Sequence[str]
_Edit: TypeAlias = Callable[[_History, np.random.Generator], _History | None]
_USERS = 80


def _last(count: int) -> _Edit:
    return lambda one, _: one[-count:] if len(one) > count else None


def _some(count: int) -> _Edit:
    def keep(one: _History, rng: np.random.Generator) -> _History | None:
        if len(one) <= count:
            return None
        places = sorted(rng.choice(len(one), size=count, replace=False).tolist())
        return [one[place] for place in places]

    return keep


def _without_some(count: int) -> _Edit:
    def drop(one: _History, rng: np.random.Generator) -> _History | None:
        gone = set(rng.choice(len(one), size=min(count, len(one)), replace=False).tolist())
        return [item for place, item in enumerate(one) if place not in gone]

    return drop


def _mixed(one: _History, rng: np.random.Generator) -> _History | None:
    return [one[place] for place in rng.permutation(len(one))] if len(one) > 1 else None


_EDITS: Mapping[str, tuple[_Edit, _Edit | None]] = {
    "history at all": (lambda _, __: (), None),
    "last item": (_last(1), _some(1)),
    "last five": (_last(5), _some(5)),
    "without the last item": (lambda one, _: one[:-1] if len(one) > 1 else None, _without_some(1)),
    "without the last five": (lambda one, _: one[:-5] if len(one) > 9 else None, _without_some(5)),
    "without the oldest five": (lambda one, _: one[5:] if len(one) > 9 else None, _without_some(5)),
    "order": (_mixed, None),
}
"""Each change of histories and its control; None where that is another user's history."""


def _kept(answers: PlainAnswers, found: Finding) -> Mapping[str, Again]:
    """Count again how much of the first ten stays after a change, and after its control."""
    edit, other = _EDITS[found.probe]
    rng = np.random.default_rng(1)
    places, edited, controls = [], [], []
    for place, history in enumerate(answers.subject.histories):
        one = edit(history, rng)
        if one is not None:
            beside = other(history, rng) if other else answers.subject.histories[place - 1]
            places.append(place)
            edited.append(one)
            controls.append(beside or ())
    return _compared(answers, places, edited, controls, drawn=found.probe == "order")


def _swapped(answers: PlainAnswers, _: Finding) -> Mapping[str, Again]:
    """Count again what stays when the last item is swapped for one that is alike, or is not."""
    subject, rng = answers.subject, np.random.default_rng(1)
    counts, ids = subject.split.popularity, subject.catalogue.ids
    values = [
        {(name, one) for name, own in item.attributes.items() for one in own}
        for item in subject.catalogue
    ]
    places, edited, controls = [], [], []
    for place, history in enumerate(subject.histories):
        last = subject.catalogue.row(history[-1])
        near = np.argsort(np.abs(counts - counts[last]), kind="stable")[:101]
        free = [row for row in near.tolist() if row != last and row not in answers.had[place]]
        alike = [row for row in free if values[row] & values[last]]
        unlike = [row for row in free if not values[row] & values[last]]
        if alike and unlike:
            places.append(place)
            edited.append((*history[:-1], ids[rng.choice(alike)]))
            controls.append((*history[:-1], ids[rng.choice(unlike)]))
    return _compared(answers, places, edited, controls, drawn=True)


def _compared(
    answers: PlainAnswers,
    places: Sequence[int],
    edited: Sequence[_History],
    controls: Sequence[_History],
    *,
    drawn: bool,
) -> Mapping[str, Again]:
    """Return what stays, with the control, and by how much more stays, user by user."""
    had, own = [answers.had[k] for k in places], [answers.own[k].listed for k in places]
    after, beside = answers.lists(edited, had), answers.lists(controls, had)
    stays = [shared(*one) for one in zip(own, after, strict=True)]
    control = [shared(*one) for one in zip(own, beside, strict=True)]
    return {
        "figure": drawn_again(stays) if drawn else counted_again(stays),
        "control": drawn_again(control),
        "gain": drawn_again(np.subtract(stays, control).tolist()),
        "n": Again(len(places), 0.0),
    }


def _same(answers: PlainAnswers, _: Finding) -> Mapping[str, Again]:
    """Count again what each user's list shares with that of the user before."""
    histories = answers.subject.histories
    pairs, before = [], next(answers.rows(histories[-1:]))
    for place, scores in enumerate(answers.rows(histories)):
        had = answers.had[place] | answers.had[place - 1]
        pairs.append(shared(answers.first(scores, had), answers.first(before, had)))
        before = scores
    return {"figure": counted_again(pairs), "control": _by_chance(answers)}


def _popularity(answers: PlainAnswers, _: Finding) -> Mapping[str, Again]:
    popular = [answers.popular(had) for had in answers.had]
    values = [shared(one.listed, top) for one, top in zip(answers.own, popular, strict=True)]
    return {"figure": counted_again(values), "control": _by_chance(answers)}


def _popular_items(answers: PlainAnswers, _: Finding) -> Mapping[str, Again]:
    """Count again the share of the most frequent tenth, and the correlation with frequency."""
    subject = answers.subject
    counts = subject.split.popularity
    # Which of equally frequent items are in the tenth is a matter of the catalogue's order.
    most = set(np.argsort(-counts, kind="stable")[: max(1, len(counts) // 10)].tolist())
    shares = [len(one.listed & most) / len(one.listed) for one in answers.own if one.listed]
    taken = float(np.mean([row in most for row in subject.nexts]))
    found = {"figure": counted_again(shares), "control": Again(taken)}
    ranks = mean_ranks(counts)
    panel = answers.rows([one.history for one in subject.panel_contexts])
    known = [float(np.corrcoef(mean_ranks(row), ranks)[0, 1]) for row in panel if np.ptp(row) > 0]
    known = [one for one in known if np.isfinite(one)]
    return {**found, "tied": counted_again(known)} if known else found


def _tenths(answers: PlainAnswers, _: Finding) -> Mapping[str, Again]:
    """Count again which share of places, and of what was taken, each tenth of the items has."""
    order = np.argsort(-answers.subject.split.popularity, kind="stable")
    found: dict[str, Again] = {}
    for place, rows in enumerate(np.array_split(order, 10), 1):
        tenth = set(rows.tolist())
        shares = [len(one.listed & tenth) / len(one.listed) for one in answers.own if one.listed]
        taken = float(np.mean([row in tenth for row in answers.subject.nexts]))
        found[f"list_{place}"], found[f"taken_{place}"] = counted_again(shares), Again(taken)
        if place == 1:
            found |= {"figure": counted_again(shares), "control": Again(taken)}
    return found


def mean_ranks(values: np.ndarray) -> np.ndarray:
    """Return ranks, equal values with the mean of theirs."""
    _, place, times = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(times) - (times - 1) / 2.0)[place])


def _coverage(answers: PlainAnswers, _: Finding) -> Mapping[str, Again]:
    items = len(answers.subject.catalogue)
    listed = [row for one in answers.own for row in one.listed]
    counts = np.bincount(listed, minlength=items)
    taken = np.bincount(answers.subject.nexts, minlength=items)
    chance = 1 - (1 - 1 / items) ** len(listed)
    return {
        "figure": Again(float((counts > 0).mean())),
        "control": Again(chance, 0.03),
        "items": Again(items, 0.0),
        "gini": Again(_inequality(counts), 0.005),
        "gini_taken": Again(_inequality(taken), 0.005),
    }


def _inequality(counts: np.ndarray) -> float:
    """Return the Gini coefficient as twice the area between the Lorenz curve and equality."""
    curve = np.cumsum(np.sort(counts)) / max(1, counts.sum())
    return float(1 - (2 * curve.sum() - curve[-1]) / len(counts))


def _repeats(answers: PlainAnswers, _: Finding) -> Mapping[str, Again]:
    pairs = zip(answers.own, answers.had, strict=True)
    values = [len(one.unmasked & had) / len(one.unmasked) for one, had in pairs]
    chance = np.mean([len(had) for had in answers.had]) / len(answers.subject.catalogue)
    return {"figure": counted_again(values), "control": Again(float(chance))}


def _by_chance(answers: PlainAnswers) -> Again:
    return Again(10 / len(answers.subject.catalogue))


def attribute_again(answers: PlainAnswers, found: Finding) -> Mapping[str, Again]:
    """Count again the value's share of lists, with and without its items in histories."""
    name, value = found.named[0].split(": ", 1)
    subject, rng = answers.subject, np.random.default_rng(1)
    has = {k for k, item in enumerate(subject.catalogue) if value in item.attributes.get(name, ())}
    places: list[int] = []
    without, controls = [], []
    for place, history in enumerate(subject.histories):
        own = [item for item in history if subject.catalogue.row(item) in has]
        if 2 <= len(own) <= len(history) / 2 and len(places) < _USERS:
            others = [k for k, item in enumerate(history) if item not in own]
            gone = set(rng.choice(others, size=len(own), replace=False).tolist())
            places.append(place)
            without.append([item for item in history if item not in own])
            controls.append([item for k, item in enumerate(history) if k not in gone])
    had = [answers.had[place] for place in places]
    rest = [_share(one, has) for one in answers.lists(without, had)]
    control = [_share(one, has) for one in answers.lists(controls, had)]
    whole = [_share(answers.own[place].listed, has) for place in places]
    return {
        "figure": counted_again(rest),
        "control": drawn_again(control),
        "whole": Again(float(np.mean(whole))),
        "gain": drawn_again(np.subtract(control, rest).tolist()),
        "n": Again(len(places), 0.0),
    }


def _share(listed: frozenset[int], rows: set[int]) -> float:
    return len(listed & rows) / 10


LISTS: Mapping[str, Recount] = {
    **dict.fromkeys(_EDITS, _kept),
    "attributes of the last item": _swapped,
    "same for everybody": _same,
    "popularity alone": _popularity,
    "popular items": _popular_items,
    "exposure by tenths": _tenths,
    "coverage": _coverage,
    "repeats": _repeats,
}
"""By probe."""
