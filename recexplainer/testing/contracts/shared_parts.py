"""Cache of expensive fixtures per contract class; a failure is reported once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast
from weakref import WeakKeyDictionary

import pytest

from recexplainer.testing.contracts.rules import FAILURES, inapplicable

__all__ = ["once_per_class", "resting_on"]

T = TypeVar("T")

_MADE: Final[WeakKeyDictionary[type, dict[tuple[str, str], object]]] = WeakKeyDictionary()


class _Failure:
    """What making something ended in, kept to be raised again."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def once_per_class(request: pytest.FixtureRequest, make: Callable[[], T]) -> T:
    """Return what ``make`` returned the first time this fixture was asked for in this class.

    A class-scoped fixture would do, but would force its scope on the author's own fixture. Each
    parameter of a parametrized fixture has its own. What it raised is raised again.
    """
    made = _MADE.setdefault(request.cls, {})
    parameters = getattr(request.node, "callspec", None)
    key = (str(request.fixturename), "" if parameters is None else parameters.id)
    if key not in made:
        try:
            made[key] = make()
        except FAILURES as error:
            made[key] = _Failure(error)
    found = made[key]
    if isinstance(found, _Failure):
        raise found.error
    return cast("T", found)


def resting_on(request: pytest.FixtureRequest, fixture: str, rule: str) -> Any:
    """Return the value of ``fixture``; skip the running rule where that cannot be made.

    The fixture that asks takes what ``fixture`` is made from, though it uses none of it: pytest
    runs a rule once per parameter of an author's fixture only where the rule is seen to need that.

    Args:
        request: of the fixture that asks.
        fixture: what is asked for.
        rule: the rule that uses it directly, and so tells what is wrong with it.
    """
    __tracebackhide__ = True
    try:
        return request.getfixturevalue(fixture)
    except FAILURES:
        inapplicable(f"rests on the rule {rule!r}, which is broken")
