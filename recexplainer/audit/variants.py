"""Variants of a history: what is kept, left out, shuffled or swapped, each beside a control."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np

from recexplainer.audit.estimate import Estimate, estimated
from recexplainer.audit.lists import overlap
from recexplainer.audit.subject import Subject

__all__ = ["VARIANTS", "Measured", "Variant", "measured"]

History: TypeAlias = tuple[str, ...]
_Change: TypeAlias = Callable[[Subject, int, np.random.Generator], History | None]
"""The subject, the place of a context, and what is random, to another history; None where there is
none."""


class Variant(NamedTuple):
    """One change of histories.

    Attributes:
        name: of the line in the table of main parameters.
        words: what is done, as a sentence with ``{}`` for how much of the first ten stays.
        change: makes the history that is read instead.
        control: makes the one that the change is held against.
        control_words: what the control is.
    """

    name: str
    words: str
    change: _Change
    control: _Change
    control_words: str


class Measured(NamedTuple):
    """How much of the first ten stays after a variant and after its control, per user.

    Attributes:
        stays, control: the means.
        gain: of ``stays`` over ``control``, user by user.
    """

    stays: Estimate
    control: Estimate
    gain: Estimate


def measured(subject: Subject, variant: Variant) -> Measured | None:
    """Return how much of the users' first ten stays; None where no history can be changed so."""
    places, changed, controls = [], [], []
    rng = subject.rng(variant.name)
    for place in range(len(subject.contexts)):
        one, other = variant.change(subject, place, rng), variant.control(subject, place, rng)
        if one is not None and other is not None:
            places.append(place)
            changed.append(one)
            controls.append(other)
    if not places:
        return None
    whole = subject.answers.lists[places]
    stays = overlap(whole, subject.lists_at(places, changed))
    control = overlap(whole, subject.lists_at(places, controls))
    seed = subject.seed
    gain = estimated(stays - control, seed=seed, bounds=(-1.0, 1.0))
    return Measured(estimated(stays, seed=seed), estimated(control, seed=seed), gain)


def _last(count: int) -> _Change:
    def keep(subject: Subject, place: int, _: np.random.Generator) -> History | None:
        history = subject.histories[place]
        return history[-count:] if len(history) > count else None

    return keep


def _random(count: int) -> _Change:
    def keep(subject: Subject, place: int, rng: np.random.Generator) -> History | None:
        history = subject.histories[place]
        if len(history) <= count:
            return None
        return _at(history, rng.permutation(len(history))[:count])

    return keep


def _without(count: int, *, oldest: bool = False) -> _Change:
    def drop(subject: Subject, place: int, _: np.random.Generator) -> History | None:
        history = subject.histories[place]
        if len(history) < 2 * count:
            return None
        return history[count:] if oldest else history[:-count]

    return drop


def _without_random(count: int) -> _Change:
    def drop(subject: Subject, place: int, rng: np.random.Generator) -> History | None:
        history = subject.histories[place]
        if len(history) < 2 * count:
            return None
        return _at(history, rng.permutation(len(history))[count:])

    return drop


def _at(history: History, places: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> History:
    return tuple(history[place] for place in sorted(places.tolist()))


def _shuffled(subject: Subject, place: int, rng: np.random.Generator) -> History | None:
    history = subject.histories[place]
    return _in_order(history, rng.permutation(len(history))) if len(history) > 1 else None


def _in_order(history: History, order: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> History:
    return tuple(history[place] for place in order.tolist())


def _empty(subject: Subject, place: int, rng: np.random.Generator) -> History | None:  # noqa: ARG001
    return ()


def _another_user(subject: Subject, place: int, rng: np.random.Generator) -> History | None:  # noqa: ARG001
    return subject.histories[place - 1] if len(subject.histories[place]) > 1 else None


def _any_user(subject: Subject, place: int, rng: np.random.Generator) -> History | None:  # noqa: ARG001
    return subject.histories[place - 1]


def _swapped(*, alike: bool) -> _Change:
    """Return the change of the last item for one of equal popularity that is alike or not."""

    def swap(subject: Subject, place: int, rng: np.random.Generator) -> History | None:
        history = subject.histories[place]
        pair = _neighbors(subject, history[-1], set(subject.seen[place].tolist()), rng)
        if pair is None:
            return None
        return (*history[:-1], subject.catalogue.ids[pair[0 if alike else 1]])

    return swap


_NEAR = 100
"""Items of nearest popularity among which neighbors are sought."""


def _neighbors(
    subject: Subject, item: str, had: set[int], rng: np.random.Generator
) -> tuple[int, int] | None:
    """Return an item that shares an attribute's value with ``item``, and one that shares none.

    Both are drawn from those of nearest popularity; None where there is no such pair.
    """
    catalogue, counts = subject.catalogue, subject.split.popularity
    own, row = _values(subject, catalogue.row(item)), catalogue.row(item)
    near = np.argsort(np.abs(counts - counts[row]), kind="stable")[: _NEAR + 1]
    free = [one for one in rng.permutation(near).tolist() if one != row and one not in had]
    alike = next((one for one in free if own & _values(subject, one)), None)
    other = next((one for one in free if not own & _values(subject, one)), None)
    return None if alike is None or other is None else (alike, other)


def _values(subject: Subject, row: int) -> set[tuple[str, str]]:
    attributes = subject.catalogue[row].attributes
    return {(name, value) for name, values in attributes.items() for value in values}


VARIANTS: tuple[Variant, ...] = (
    Variant(
        "history at all",
        "An empty history gets {} of the first ten",
        _empty,
        _any_user,
        "another user's history",
    ),
    Variant(
        "last item",
        "The last item alone gets {} of the first ten",
        _last(1),
        _random(1),
        "one item at random",
    ),
    Variant(
        "last five",
        "The last five items alone get {} of the first ten",
        _last(5),
        _random(5),
        "five at random",
    ),
    Variant(
        "without the last item",
        "Without the last item {} of the first ten stay",
        _without(1),
        _without_random(1),
        "without one item at random",
    ),
    Variant(
        "without the last five",
        "Without the last five items {} of the first ten stay",
        _without(5),
        _without_random(5),
        "without five at random",
    ),
    Variant(
        "without the oldest five",
        "Without the oldest five items that are read {} of the first ten stay",
        _without(5, oldest=True),
        _without_random(5),
        "without five at random",
    ),
    Variant(
        "order",
        "After the history in random order {} of the first ten stay",
        _shuffled,
        _another_user,
        "another user's history",
    ),
    Variant(
        "attributes of the last item",
        "With the last item swapped for one as popular that shares an attribute {} of the first "
        "ten stay",
        _swapped(alike=True),
        _swapped(alike=False),
        "swapped for one that shares none",
    ),
)
"""The changes, by which the main parameters are measured."""
