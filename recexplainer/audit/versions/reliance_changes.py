"""Reliance of two versions: what each leans on more, user by user."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.estimate import percent
from recexplainer.audit.lists import overlap
from recexplainer.audit.subject import Subject
from recexplainer.audit.variants import VARIANTS, Variant
from recexplainer.audit.versions.paired_lines import PairedLine, paired_changes
from recexplainer.audit.versions.version_change import Change, Shown
from recexplainer.audit.versions.version_pair import VersionPair

__all__ = ["figure_name", "reliance_changes"]

_Values = NDArray[np.float64]


def reliance_changes(pair: VersionPair) -> list[Change]:
    """Return a line per main parameter of an audit: what it is for both, and the difference.

    Histories are changed for each version as its audit changes them: within the items that it
    reads, and by the same draws where both read equally many.
    """
    first, second = pair.subjects
    lines = [
        PairedLine(
            f"reliance.{figure_name(one.name)}", one.words, _stays(first, one), _stays(second, one)
        )
        for one in VARIANTS
    ]
    lines += [
        PairedLine(
            "reliance.popularity-alone",
            "The most popular items that a user has not had are {} of the first ten",
            overlap(first.answers.lists, first.favorites),
            overlap(second.answers.lists, second.favorites),
        ),
        PairedLine(
            "reliance.popular-items",
            "The most popular tenth of the items holds {} of the first ten places",
            _popular(first),
            _popular(second),
        ),
        PairedLine(
            "reliance.repeats",
            "With nothing masked, {} of the first ten are items that the user had",
            _repeated(first),
            _repeated(second),
        ),
        PairedLine(
            "reliance.same-for-everybody",
            "Two users share {} of the first ten, among the items that neither has had",
            _alike(first),
            _alike(second),
        ),
    ]
    return paired_changes(pair, "reliance", lines, lambda line, _: _examples(pair, line))


def figure_name(words: str) -> str:
    """Return words as part of a figure's name: small letters and digits, joined by ``-``."""
    return re.sub(r"[^a-z0-9@]+", "-", words.casefold()).strip("-")


def _stays(subject: Subject, variant: Variant) -> _Values:
    """Return how much of each user's first ten stays after the change, ``(N,)``."""
    rng = subject.rng(variant.name)
    changed = [variant.change(subject, place, rng) for place in range(len(subject.contexts))]
    places = [place for place, one in enumerate(changed) if one is not None]
    found = np.full(len(changed), np.nan)
    if places:
        asked = [one for one in changed if one is not None]
        lists = subject.lists(asked, [subject.seen[place] for place in places])
        found[places] = overlap(subject.answers.lists[places], lists)
    return found


def _popular(subject: Subject) -> _Values:
    counts = subject.split.popularity
    most = np.zeros(len(counts), dtype=bool)
    most[np.argsort(-counts, kind="stable")[: max(1, len(counts) // 10)]] = True
    lists = subject.answers.lists
    return np.array(
        [float(most[row[row >= 0]].mean()) if (row >= 0).any() else np.nan for row in lists]
    )


def _repeated(subject: Subject) -> _Values:
    lists = subject.answers.unmasked
    return np.array(
        [float(np.isin(row, had).mean()) for row, had in zip(lists, subject.seen, strict=True)]
    )


def _alike(subject: Subject) -> _Values:
    """Return how far each user's list agrees with another's, who is the same in both versions."""
    count = len(subject.contexts)
    other = np.roll(np.arange(count), 1)
    seen = [np.union1d(subject.seen[k], subject.seen[other[k]]) for k in range(count)]
    own = subject.lists(subject.histories, seen)
    return overlap(own, subject.lists([subject.histories[k] for k in other], seen))


def _examples(pair: VersionPair, line: PairedLine) -> tuple[Shown, ...]:
    """Return the users for whom the line differs most, in the direction of the mean."""
    gains = np.nan_to_num(line.second - line.first)
    sign = 1 if gains.mean() > 0 else -1
    most = [
        place for place in np.argsort(-sign * gains, kind="stable")[:3] if sign * gains[place] > 0
    ]
    return tuple(
        Shown(
            words=f"{pair.called(int(place))}: {percent(float(line.first[place]))} with "
            f"{pair.first.name}, {percent(float(line.second[place]))} with {pair.second.name}",
            commands=pair.commands(pair.users[place]),
        )
        for place in most
    )
