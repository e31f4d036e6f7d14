"""Combinations of single changes into edits of a size, as long as they are few."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, permutations

from recexplainer.explanation.edits.changes import Change, Edit, changed, compatible

__all__ = ["all_edits"]

_STEPS_FOR_EACH = 100
"""So many beginnings are looked at for each edit that may be asked, before it is too many."""


def all_edits(
    moves: Sequence[Change], size: int, history: Sequence[str], most: int
) -> list[Edit] | None:
    """Return all edits of so many changes that leave some history; None where they are too many.

    What is added comes in every order.

    Args:
        moves: the changes, in the order in which to combine them.
        size: how many of them make an edit.
        history: oldest first.
        most: more edits than this are too many.
    """
    combined = _Combinations(moves, (most + 1) * _STEPS_FOR_EACH)
    possible = (one for one in combined.of(size) if changed(history, one))
    found = list(islice(possible, most + 1))
    return None if len(found) > most or combined.steps < 0 else found


class _Combinations:
    """Edits that touch no item twice, each found once."""

    def __init__(self, moves: Sequence[Change], steps: int) -> None:
        self._moves, self.steps = moves, steps

    def of(self, size: int) -> Iterator[Edit]:
        for some in self._from(0, (), size):
            added = [change for change in some if change.kind == "add"]
            others = tuple(change for change in some if change.kind != "add")
            for order in permutations(added):
                yield (*others, *order)

    def _from(self, first: int, begun: Edit, size: int) -> Iterator[Edit]:
        if len(begun) == size:
            yield begun
            return
        for place in range(first, len(self._moves)):
            self.steps -= 1
            if self.steps < 0:
                return
            if compatible(begun, self._moves[place]):
                yield from self._from(place + 1, (*begun, self._moves[place]), size)
