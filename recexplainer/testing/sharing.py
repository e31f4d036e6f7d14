"""Costly things are made once per contract class, whatever scope the author's fixture has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar, cast
from weakref import WeakKeyDictionary

import pytest

__all__ = ["once_per_class"]

T = TypeVar("T")

_MADE: Final[WeakKeyDictionary[type, dict[tuple[str, str], object]]] = WeakKeyDictionary()


def once_per_class(request: pytest.FixtureRequest, make: Callable[[], T]) -> T:
    """Return what ``make`` returned the first time this fixture was asked for in this class.

    A class-scoped fixture would do, but would force its scope on the author's own fixture. Each
    parameter of a parametrized fixture has its own.
    """
    made = _MADE.setdefault(request.cls, {})
    parameters = getattr(request.node, "callspec", None)
    key = (str(request.fixturename), "" if parameters is None else parameters.id)
    if key not in made:
        made[key] = make()
    return cast("T", made[key])
