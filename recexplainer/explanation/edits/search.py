"""Search for a small edit that meets an aim: all edits of a size where they fit, else the best."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from recexplainer.explanation.edits.changes import (
    Change,
    Edit,
    Kind,
    changed,
    compatible,
    items_of,
    simpler,
)
from recexplainer.explanation.edits.combinations import all_edits
from recexplainer.oracle import EditAnswer, EditedHistories

__all__ = ["LONGEST", "AskedEdit", "Searched", "search"]

LONGEST = 5
"""More changes at once are no explanation."""
_BATCH = 16
"""Edits asked together; the first batch with one that meets the aim ends the search."""
_PARENTS = 4
"""So many of the best edits of one size are made longer."""
_FIRST_SHARE = 0.4
"""Part of the budget that edits of one change may take where not all of them fit."""
_RESERVE = 4
"""Questions kept for each change, to see that none is superfluous."""


@dataclass(frozen=True, slots=True)
class AskedEdit:
    """An edit that the target was asked about, with its answer."""

    edit: Edit
    answer: EditAnswer

    @property
    def cost(self) -> tuple[int, int, int, float]:
        """Orders edits that do: few changes, few items, little that comes, then far past."""
        coming = sum(len(change.new) for change in self.edit)
        return len(self.edit), items_of(self.edit), coming, -self.answer.margin


@dataclass(frozen=True, slots=True)
class Searched:
    """What a search found.

    Attributes:
        found: an edit that meets the aim, if any.
        nearest: else the one that came nearest, if any came nearer than the history as it is.
        complete: up to so many changes, all edits were asked.
        irreducible: whether every way to leave out a part of ``found`` was asked, and none does.
    """

    found: AskedEdit | None
    nearest: AskedEdit | None
    complete: int
    irreducible: bool = False

    @property
    def minimal(self) -> bool:
        """Whether no edit of fewer changes meets the aim, of all that the search may make."""
        return self.found is not None and self.complete >= len(self.found.edit) - 1


def search(
    histories: EditedHistories,
    moves: Sequence[Change],
    kinds: Collection[Kind],
    longest: int = LONGEST,
) -> Searched:
    """Return a small edit that meets the aim, or the nearest miss.

    Sizes are gone through from one change on. Where all edits of a size fit the budget, all are
    asked, the most promising first; else the best edits of the size before are made longer by what
    did most by itself. What is found is stripped of what it does not need.

    Args:
        histories: asks the target, within its budget.
        moves: the changes to put together, in the order in which to try them.
        kinds: those that are allowed.
        longest: the most changes at once.
    """
    state = _Search(histories, moves)
    complete = 0
    for size in range(1, longest + 1):
        whole, edits = state.edits_of(size, longest)
        asked_all = state.ask(edits)
        if (best := state.best()) is not None:
            found, irreducible = state.stripped(best, kinds)
            return Searched(found, None, complete, irreducible)
        if whole and asked_all and complete == size - 1:
            complete = size
        if histories.left <= 0:
            break
    return Searched(None, state.nearest(), complete)


class _Search:
    """What was asked so far, and what each change did.

    Args:
        histories: asks the target.
        moves: the changes to put together.
    """

    def __init__(self, histories: EditedHistories, moves: Sequence[Change]) -> None:
        self._histories, self._moves = histories, moves
        self._history = histories.case.history
        self._tried: dict[tuple[str, ...], AskedEdit] = {}
        self._effects: dict[Hashable, float] = {}

    def edits_of(self, size: int, longest: int) -> tuple[bool, Iterable[Edit]]:
        """Return whether all edits of a size fit the budget, and those to ask, in order."""
        left = self._histories.left
        room = left - min(_RESERVE * size, left // 2)
        every = all_edits(self._moves, size, self._history, room)
        if every is not None:
            return True, sorted(every, key=self._promise, reverse=True)
        if size == 1:
            return False, self._singles(min(room, max(_BATCH, int(_FIRST_SHARE * left))))
        share = max(_BATCH, room // (longest - size + 1))
        return False, self._longer(size, min(room, share))

    def ask(self, edits: Iterable[Edit]) -> bool:
        """Ask about edits until one meets the aim; return whether all were asked."""
        waiting = iter(edits)
        while batch := list(islice(waiting, _BATCH)):
            if len(self._ask_batch(batch)) < len(batch):
                return False
            if self.best() is not None:
                return next(waiting, None) is None
        return True

    def best(self) -> AskedEdit | None:
        """Return the smallest edit that meets the aim."""
        met = [one for one in self._tried.values() if one.answer.met]
        return min(met, key=lambda one: one.cost, default=None)

    def nearest(self) -> AskedEdit | None:
        """Return the edit after which the rank is nearest to the aim, if it is nearer than now."""
        sign, whole = self._histories.aim.sign, self._histories.whole
        nearer = [
            one
            for one in self._tried.values()
            if one.answer.margin > whole.margin
            and sign * one.answer.standing.rank < sign * whole.standing.rank
        ]
        nearer.sort(key=lambda one: (sign * one.answer.standing.rank, -one.answer.margin))
        return nearer[0] if nearer else None

    def stripped(self, found: AskedEdit, kinds: Collection[Kind]) -> tuple[AskedEdit, bool]:
        """Return what is left of an edit without superfluous parts, and whether that is sure."""
        while True:
            simple = simpler(found.edit, kinds)
            edits = [edit for edit in simple if changed(self._history, edit)]
            asked = self._ask_batch(edits)
            met = [one for one in asked if one.answer.met]
            if not met:
                return found, len(asked) == len(edits)
            found = min(met, key=lambda one: one.cost)

    def _singles(self, room: int) -> Iterator[Edit]:
        """Yield edits of one change: the plain ones, then replacements by what both parts did."""
        possible = (one for one in self._moves if changed(self._history, (one,)))
        plain = [change for change in possible if change.kind != "replace"][:room]
        yield from ((change,) for change in plain)
        waiting = [change for change in self._moves if change.kind == "replace"]
        for _ in range(min(room - len(plain), len(waiting))):
            best = max(waiting, key=self._effect)  # known better with every batch that was asked
            waiting.remove(best)
            yield (best,)

    def _longer(self, size: int, room: int) -> list[Edit]:
        """Return the most promising edits that are the best of a size smaller and one change."""
        smaller = [one for one in self._tried.values() if len(one.edit) == size - 1]
        smaller.sort(key=lambda one: -one.answer.margin)
        moves = sorted(self._moves, key=self._effect, reverse=True)[: 4 * room]
        longer: dict[tuple[str, ...], tuple[float, Edit]] = {}
        for parent in smaller[:_PARENTS]:
            for change in moves:
                if not compatible(parent.edit, change):
                    continue
                edit = (*parent.edit, change)
                history = changed(self._history, edit)
                if history and history not in self._tried:
                    promise = parent.answer.margin + self._effect(change)
                    longer.setdefault(history, (promise, edit))
        best = sorted(longer.values(), key=lambda one: -one[0])
        return [edit for _, edit in best[:room]]

    def _ask_batch(self, edits: Sequence[Edit]) -> list[AskedEdit]:
        answers = self._histories.ask([changed(self._history, edit) for edit in edits])
        asked = [AskedEdit(edit, answer) for edit, answer in zip(edits, answers, strict=False)]
        for one in asked:
            known = self._tried.get(one.answer.history)
            if known is None or one.cost < known.cost:
                self._tried[one.answer.history] = one
            if len(one.edit) == 1:
                self._learn(one.edit[0], one.answer.margin - self._histories.whole.margin)
        return asked

    def _learn(self, change: Change, gain: float) -> None:
        """Keep what a change did, as the doing of what goes and of what comes."""
        old, new = ("old", change.leaving), ("new", change.coming)
        if change.kind == "remove":
            self._effects[old] = gain
        elif change.kind == "add":
            self._effects[new] = max(gain, self._effects.get(new, gain))
        elif new not in self._effects:
            self._effects[new] = gain - self._effects.get(old, 0.0)
        else:
            self._effects.setdefault(old, gain - self._effects[new])

    def _effect(self, change: Change) -> float:
        """Return what a change does, as far as is known: what goes and what comes, added up."""
        old = self._effects.get(("old", change.leaving), 0.0) if change.old else 0.0
        new = self._effects.get(("new", change.coming), 0.0) if change.new else 0.0
        return old + new

    def _promise(self, edit: Edit) -> float:
        return sum(self._effect(change) for change in edit)
