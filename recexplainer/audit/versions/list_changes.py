"""Lists: how far the first ten of two versions agree, and which items come and go."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.estimate import estimated, percent
from recexplainer.audit.lists import overlap
from recexplainer.audit.subject import PLACES
from recexplainer.audit.versions.version_change import Change, Shown
from recexplainer.audit.versions.version_pair import VersionPair

__all__ = ["list_agreement", "list_changes"]


def list_agreement(pair: VersionPair) -> NDArray[np.float64]:
    """Return the share of each user's first ten that both versions have, ``(N,)``."""
    return overlap(*pair.lists_now)


def list_changes(pair: VersionPair) -> list[Change]:
    """Return how far lists agree, how much of the catalogue they hold, and what comes and goes."""
    return [_agreement(pair), _first_place(pair), _coverage(pair), *_come_and_go(pair)]


def _agreement(pair: VersionPair) -> Change:
    shared = list_agreement(pair)
    found = estimated(shared, seed=pair.seed)
    chance = _chance(pair)
    if (shared == 1).all():
        told = f"All {found.n} users get the same first {PLACES}, in some order"
    else:
        told = f"Both have {found.words} of a user's first {PLACES} in common"
    return Change(
        name="list-agreement",
        chapter="lists",
        sentence=f"{told}; lists drawn at random would have {percent(chance)}.",
        sure=found.mean < 1,
        control=chance,
        control_words="lists drawn at random",
        examples=_least_alike(pair, shared),
    ).with_estimate(found)


def _least_alike(pair: VersionPair, shared: NDArray[np.float64]) -> tuple[Shown, ...]:
    least = [place for place in np.argsort(shared, kind="stable")[:3] if shared[place] < 1]
    return tuple(
        Shown(
            words=f"{pair.called(int(place))}: {percent(float(shared[place]))} of the first "
            f"{PLACES} in common",
            commands=pair.commands(pair.users[place]),
        )
        for place in least
    )


def _first_place(pair: VersionPair) -> Change:
    first, second = pair.lists_now
    found = estimated((first[:, 0] == second[:, 0]).astype(float), seed=pair.seed)
    return Change(
        name="same-first-item",
        chapter="lists",
        sentence=f"The first recommendation is the same for {found.words} of {found.n} users.",
        sure=found.mean < 1,
        control=_chance(pair) / PLACES,
        control_words="drawn at random",
    ).with_estimate(found)


def _coverage(pair: VersionPair) -> Change:
    items = len(pair.catalogue)
    first, second = (len(np.unique(one[one >= 0])) for one in pair.lists_now)
    sentence = (
        f"The first {PLACES} of {len(pair.users)} users hold {first:,} different items "
        f"({pair.first.name}) and {second:,} ({pair.second.name}), of {items:,}."
    )
    return Change(
        name="listed-items",
        chapter="lists",
        sentence=sentence,
        sure=first != second,
        first=float(first),
        second=float(second),
        change=float(second - first),
        unit="count",
        n=items,
    )


def _come_and_go(pair: VersionPair) -> Iterator[Change]:
    """Yield the items that most lists gain and lose; counts, no inference."""
    first, second = pair.lists_now
    size = len(pair.catalogue)
    before, after = (np.bincount(one[one >= 0], minlength=size) for one in (first, second))
    gain = after - before
    for name, sign, verb in (("items-listed-more", 1, "more"), ("items-listed-less", -1, "fewer")):
        most = [
            row for row in np.argsort(-sign * gain, kind="stable")[:3] if sign * int(gain[row]) > 0
        ]
        if not most:
            continue
        told = "; ".join(
            f"{pair.catalogue[row].title!r} ({before[row]} before, {after[row]} now)"
            for row in most
        )
        holder = second if sign > 0 else first
        yield Change(
            name=name,
            chapter="lists",
            sentence=f"In {verb} of the {len(pair.users)} lists with {pair.second.name}: {told}.",
            sure=True,
            change=float(gain[most[0]]),
            unit="count",
            n=len(pair.users),
            examples=_listed(pair, int(most[0]), first, second, holder),
        )


def _listed(
    pair: VersionPair,
    row: int,
    first: NDArray[np.int64],
    second: NDArray[np.int64],
    holder: NDArray[np.int64],
) -> tuple[Shown, ...]:
    other = first if holder is second else second
    only = np.flatnonzero((holder == row).any(axis=1) & ~(other == row).any(axis=1))
    item, name = pair.catalogue[row], (pair.second if holder is second else pair.first).name
    return tuple(
        Shown(
            words=f"{pair.called(place)}: {item.title!r} is listed by {name} alone",
            commands=pair.commands(pair.users[place], item.id),
        )
        for place in only[:3].tolist()
    )


def _chance(pair: VersionPair) -> float:
    free = [len(pair.catalogue) - len(had) for had in pair.seen_now]
    return float(np.mean([min(1.0, PLACES / max(one, 1)) for one in free]))
