"""Flips: for whom, and on which items, two versions decide otherwise on the same question."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recexplainer.audit.estimate import estimated, percent
from recexplainer.audit.subject import Subject
from recexplainer.audit.versions.version_change import Change, Shown
from recexplainer.audit.versions.version_pair import VersionPair
from recexplainer.oracle import LIKED_SHARE, decided_rows

__all__ = ["NO", "SEEN", "UNDECIDED", "YES", "Decisions", "decision_changes", "flip_examples"]

YES, UNDECIDED, NO, SEEN = 0, 1, 2, 3
_NAMES = {YES: "Yes", UNDECIDED: "undecided", NO: "No"}
_Codes = NDArray[np.int8]


@dataclass(frozen=True, eq=False)
class Decisions:
    """Decisions of both versions on every shared item, after all that each user had.

    Attributes:
        first, second: ``(N, I)`` of ``YES``, ``UNDECIDED``, ``NO``, and ``SEEN`` where an item is
            no candidate; one byte each.
    """

    first: _Codes
    second: _Codes

    @classmethod
    def of(cls, pair: VersionPair) -> Decisions:
        """Ask both versions."""
        first, second = (_codes(pair, one) for one in pair.subjects)
        return cls(first, second)

    @cached_property
    def counts(self) -> NDArray[np.int64]:
        """How many decisions of the first (rows) are which of the second (columns), ``(3, 3)``."""
        kept = self.first != SEEN
        both = 3 * self.first[kept].astype(np.int64) + self.second[kept]
        return np.bincount(both, minlength=9).reshape(3, 3)

    @cached_property
    def changed(self) -> NDArray[np.float64]:
        """Share of each user's candidates that get another decision, ``(N,)``."""
        other = (self.first != self.second).sum(axis=1)
        return np.asarray(other / np.maximum(self.candidates, 1))

    def turns(self, before: int, after: int) -> NDArray[np.bool_]:
        """Return where the first decides ``before`` and the second ``after``, ``(N, I)``."""
        return np.asarray((self.first == before) & (self.second == after))

    @cached_property
    def candidates(self) -> NDArray[np.int64]:
        """How many items each user has not had, ``(N,)``."""
        return np.asarray((self.first != SEEN).sum(axis=1))

    @cached_property
    def turned(self) -> NDArray[np.float64]:
        """Share of each user's candidates that turn from Yes to No or back, ``(N,)``."""
        both = self.turns(YES, NO) | self.turns(NO, YES)
        return np.asarray(both.sum(axis=1) / np.maximum(self.candidates, 1))

    def by_chance(self, before: int, after: int) -> NDArray[np.float64]:
        """Return the share of turns of two versions that are unrelated, ``(N,)``."""
        first, second = (self.first == before).sum(axis=1), (self.second == after).sum(axis=1)
        return np.asarray(first * second / np.maximum(self.candidates, 1) ** 2)

    @cached_property
    def kept(self) -> NDArray[np.float64]:
        """Share of each user's Yes of the first that the second keeps, ``(N,)``; nan without."""
        liked = (self.first == YES).sum(axis=1)
        same = self.turns(YES, YES).sum(axis=1)
        return np.where(liked > 0, same / np.maximum(liked, 1), np.nan)


def decision_changes(pair: VersionPair, decisions: Decisions) -> list[Change]:
    """Return how many decisions turn round, how many recommendations stay, and which turn most."""
    found = [_changed(pair, decisions), _turned(pair, decisions)]
    if np.isfinite(decisions.kept).any():
        found.append(_kept(pair, decisions))
    return [*found, *_by_item(pair, decisions)]


def flip_examples(
    pair: VersionPair,
    decisions: Decisions,
    before: int,
    after: int,
    *,
    rows: NDArray[np.bool_] | None = None,
    count: int = 3,
) -> tuple[Shown, ...]:
    """Return flips that ``recx explain`` shows as well, after each version's own data.

    Args:
        pair: the versions.
        decisions: of both.
        before: which decision of the first.
        after: which of the second it becomes.
        rows: which items may be shown, ``(I,)``; all where none is given.
        count: how many at most, each of another user.
    """
    flips = decisions.turns(before, after)
    if rows is not None:
        flips = flips & rows
    found: list[Shown] = []
    for place in np.flatnonzero(flips.any(axis=1))[:_TRIED].tolist():
        told = next(_checked(pair, place, np.flatnonzero(flips[place]), (before, after)), None)
        if told is not None:
            found.append(told)
        if len(found) == count:
            break
    return tuple(found)


_TRIED, _ITEMS_TRIED = 40, 3
"""Users, and items of each, that are looked at until enough examples are found."""


def _codes(pair: VersionPair, subject: Subject) -> _Codes:
    codes = np.full((len(pair.users), len(pair.catalogue)), UNDECIDED, dtype=np.int8)
    asked = [pair.histories[user] for user in pair.users]
    for place, scores in enumerate(subject.oracle.rows_of_scores(asked)):
        own = scores.astype(np.float32, copy=True)
        own[pair.seen_now[place]] = -np.inf
        liked, rejected = decided_rows(own)
        codes[place, liked], codes[place, rejected] = YES, NO
        codes[place, pair.seen_now[place]] = SEEN
    return codes


def _changed(pair: VersionPair, decisions: Decisions) -> Change:
    found = estimated(decisions.changed, seed=pair.seed)
    alike = sum(decisions.by_chance(one, one) for one in (YES, UNDECIDED, NO))
    chance = 1 - float(np.mean(alike))
    if not found.mean:
        told = f"Every decision on items that a user has not had is the same for {found.n} users"
    else:
        told = f"Of the items that a user has not had, {found.words} get another decision"
    return Change(
        name="decisions-changed",
        chapter="decisions",
        sentence=(
            f"{told}; with unrelated recommenders {percent(chance)} would. Yes is the first fifth "
            "of a user's list, No its second half, and between them it is undecided."
        ),
        sure=found.mean > 0,
        control=chance,
        control_words="unrelated decisions",
    ).with_estimate(found)


def _turned(pair: VersionPair, decisions: Decisions) -> Change:
    found = estimated(decisions.turned, seed=pair.seed)
    chance = float(np.mean(decisions.by_chance(YES, NO) + decisions.by_chance(NO, YES)))
    lost, won = int(decisions.turns(YES, NO).sum()), int(decisions.turns(NO, YES).sum())
    if not lost + won:
        told = "No Yes turns into a No, and no No into a Yes"
    else:
        told = (
            f"Among all that a user has not had, {found.words} turn from Yes to No or back: "
            f"{lost:,} are a No now and {won:,} a Yes, over {found.n} users"
        )
    examples = flip_examples(pair, decisions, YES, NO, count=2)
    examples += flip_examples(pair, decisions, NO, YES, count=3 - len(examples))
    return Change(
        name="flips",
        chapter="decisions",
        sentence=f"{told}; with unrelated recommenders {percent(chance)} would.",
        sure=lost + won > 0,
        control=chance,
        control_words="unrelated decisions",
        examples=examples,
    ).with_estimate(found)


def _kept(pair: VersionPair, decisions: Decisions) -> Change:
    found = estimated(decisions.kept[np.isfinite(decisions.kept)], seed=pair.seed)
    sentence = (
        f"Of what {pair.first.name} says Yes to, {pair.second.name} says Yes to {found.words}; "
        f"unrelated decisions would to {percent(LIKED_SHARE)}."
    )
    return Change(
        name="kept-yes",
        chapter="decisions",
        sentence=sentence,
        sure=found.mean < 1,
        control=LIKED_SHARE,
        control_words="unrelated decisions",
    ).with_estimate(found)


def _by_item(pair: VersionPair, decisions: Decisions) -> Iterator[Change]:
    """Yield the items on which most users' decisions turn, each way; counts, no inference."""
    ways = (("items-lost", YES, NO, "No", "Yes"), ("items-won", NO, YES, "Yes", "No"))
    for name, before, after, now, then in ways:
        flips = decisions.turns(before, after).sum(axis=0)
        most = [row for row in np.argsort(-flips, kind="stable")[:3].tolist() if flips[row]]
        if not most:
            continue
        told = "; ".join(
            f"{pair.catalogue[row].title!r} (for {int(flips[row])} of {len(pair.users)} users)"
            for row in most
        )
        rows = np.zeros(len(pair.catalogue), dtype=bool)
        rows[most] = True
        yield Change(
            name=name,
            chapter="decisions",
            sentence=f"What turns from {then} to {now} for most users: {told}.",
            sure=True,
            change=float(flips[most[0]]),
            unit="count",
            n=len(pair.users),
            examples=flip_examples(pair, decisions, before, after, rows=rows),
        )


def _checked(
    pair: VersionPair, place: int, rows: NDArray[np.int64], wanted: tuple[int, int]
) -> Iterator[Shown]:
    user = pair.users[place]
    for row in rows[:_ITEMS_TRIED].tolist():
        item = pair.catalogue[row]
        both = pair.verified(user, item.id)
        if both is None:
            continue
        first, second = both
        names = (_NAMES[wanted[0]], _NAMES[wanted[1]])
        if (first.decision, second.decision) == names:
            words = (
                f"{pair.called(place)}: {item.title!r} is {names[0]} with {pair.first.name} (rank "
                f"{first.rank:,} of {first.candidates:,}), {names[1]} with {pair.second.name} "
                f"(rank {second.rank:,} of {second.candidates:,})"
            )
            yield Shown(words=words, commands=pair.commands(user, item.id))
