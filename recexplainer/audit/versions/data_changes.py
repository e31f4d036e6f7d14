"""Data of two versions: what came, went and changed, told apart from what the recommender does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from recexplainer.audit.estimate import estimated, percent
from recexplainer.audit.lists import overlap, top_lists
from recexplainer.audit.subject import PLACES
from recexplainer.audit.versions.version_change import Change, Shown
from recexplainer.audit.versions.version_pair import VersionPair
from recexplainer.data.plural_words import counted
from recexplainer.records import Item

__all__ = ["data_changes"]


def data_changes(pair: VersionPair) -> list[Change]:
    """Return what differs between the data, one sentence each; at least one of each kind."""
    return [*_items(pair), *_users(pair), *_histories(pair), *_effect(pair)]


def _items(pair: VersionPair) -> Iterator[Change]:
    items = pair.items
    names = (pair.first.name, pair.second.name)
    if not items.only_first and not items.only_second:
        sentence = (
            f"Both have the same {counted(len(items.catalogue), 'item')} (by {items.joined_by})."
        )
    else:
        sentence = (
            f"{counted(len(items.catalogue), 'item')} are in both (by {items.joined_by}); "
            f"{_named(items.only_first)} in {names[0]} alone, {_named(items.only_second)} in "
            f"{names[1]} alone. Only what both have is compared below."
        )
    if items.retitled:
        sentence += f" {counted(items.retitled, 'item')} of the same id have another title."
    yield _count("items-in-both", sentence, len(items.catalogue))
    yield _count(
        "items-added",
        f"Items that {names[1]} alone has: {_named(items.only_second)}.",
        len(items.only_second),
    )
    yield _count(
        "items-removed",
        f"Items that {names[0]} alone has: {_named(items.only_first)}.",
        len(items.only_first),
    )


def _named(items: Sequence[Item]) -> str:
    told = counted(len(items), "item")
    if not items:
        return "none"
    names = ", ".join(repr(one.title) for one in items[:3])
    return f"{told} ({names}{', ...' if len(items) > 3 else ''})"


def _users(pair: VersionPair) -> Iterator[Change]:
    own, other = pair.first.log.histories, pair.second.log.histories
    both, added, removed = (
        len(pair.in_both),
        len(other) - len(pair.in_both),
        len(own) - len(pair.in_both),
    )
    names = (pair.first.name, pair.second.name)
    if not added and not removed:
        sentence = f"Both have the same {counted(both, 'user')} (by id)."
    else:
        sentence = (
            f"{counted(both, 'user')} are in both (by id), {removed:,} in {names[0]} alone and "
            f"{added:,} in {names[1]} alone."
        )
    if not pair.known_to_both:
        sentence += (
            f" That is too few: both are asked about users of {names[0]}, which is why quality is "
            "not compared."
        )
    yield _count("users-in-both", sentence, both)
    yield _count("users-added", f"Users whom {names[1]} alone has: {added:,}.", added)
    yield _count("users-removed", f"Users whom {names[0]} alone has: {removed:,}.", removed)


def _histories(pair: VersionPair) -> Iterator[Change]:
    own, other, named = pair.first.log.histories, pair.second.log.histories, pair.items.second_id
    changed = [
        user
        for user in pair.in_both
        if tuple(named.get(item, "") for item in own[user]) != other[user]
    ]
    if not pair.in_both:
        return
    if not changed:
        sentence = "All users who are in both have the same history in both."
    else:
        longer = sum(
            other[user][: len(own[user])] == tuple(named.get(item, "") for item in own[user])
            for user in changed
        )
        sentence = (
            f"{counted(len(changed), 'user')} of {len(pair.in_both):,} have another history in "
            f"{pair.second.name}; {longer:,} of them only took more."
        )
    yield _count("histories-changed", sentence, len(changed)).model_copy(
        update={
            "examples": tuple(
                Shown(
                    words=f"user {user}: {len(own[user])} items before, {len(other[user])} now",
                    commands=pair.commands(user),
                )
                for user in changed[:3]
            )
        }
    )


def _effect(pair: VersionPair) -> Iterator[Change]:
    """Yield what the changed histories do to lists, beside what the other recommender does."""
    places = [
        place
        for place, user in enumerate(pair.users)
        if not pair.unchanged[place] and user in pair.second.log.histories
    ]
    if not places:
        return
    back = {twin: item for item, twin in pair.items.second_id.items()}
    old = [pair.histories[pair.users[place]] for place in places]
    new = [
        tuple(back[one] for one in pair.second.log.histories[pair.users[place]] if one in back)
        for place in places
    ]
    seen = [
        np.unique(np.array(pair.catalogue.rows((*a, *b)), dtype=np.int64))
        for a, b in zip(old, new, strict=True)
    ]
    first, second = pair.subjects
    lists = [
        top_lists(subject.oracle, histories, seen, subject.ties, PLACES)
        for subject, histories in ((first, old), (second, old), (second, new))
    ]
    recommender = estimated(overlap(lists[0], lists[1]), seed=pair.seed)
    data = estimated(overlap(lists[1], lists[2]), seed=pair.seed)
    yield Change(
        name="lists-kept-by-new-histories",
        chapter="data",
        sentence=(
            f"Of {counted(len(places), 'user')} asked about whose history changed, "
            f"{pair.second.name} gives {data.words} of the first {PLACES} after the old history as "
            f"well: that is what their new history does. After the old history both versions agree "
            f"on {percent(recommender.mean)}: that is what the other recommender does."
        ),
        sure=True,
        control=recommender.mean,
        control_words="both versions after the old history",
    ).with_estimate(data)


def _count(name: str, sentence: str, count: int) -> Change:
    return Change(
        name=name, chapter="data", sentence=sentence, change=float(count), unit="count", n=count
    )
