"""Conditions on figures, such as ``faithfulness<0.2``: when a comparison is to fail."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from recexplainer.errors import UnknownNameError, UserError
from recexplainer.report.named_figures import FigureTable

__all__ = ["Condition", "Met", "conditions_of", "met_by"]

_COMPARISONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
}
_FORM = re.compile(r"\s*([^\s<>=!]+)\s*(<=|>=|==|!=|<|>)\s*(\S+)\s*")


@dataclass(frozen=True, slots=True)
class Condition:
    """A comparison of one figure with a number.

    Attributes:
        text: as it was given.
        name: the figure's.
        comparison: one of ``<``, ``<=``, ``>``, ``>=``, ``==`` and ``!=``.
        number: what the figure is compared with.
    """

    text: str
    name: str
    comparison: str
    number: float

    def holds(self, value: float) -> bool:
        """Return whether a figure of this value meets the condition."""
        return _COMPARISONS[self.comparison](value, self.number)


@dataclass(frozen=True, slots=True)
class Met:
    """A condition, the full name and value of its figure, and whether it holds."""

    condition: Condition
    figure: str
    value: float

    @property
    def holds(self) -> bool:
        """Whether the condition is met."""
        return self.condition.holds(self.value)


def conditions_of(texts: Sequence[str]) -> list[Condition]:
    """Return the conditions that are written so; nothing in them is ever run.

    Raises:
        UserError: some are not of the form ``FIGURE<NUMBER``; all of them are named.
    """
    found, wrong = [], []
    for text in texts:
        match = _FORM.fullmatch(text)
        number = None if match is None else _number(match[3])
        if match is None or number is None:
            wrong.append(repr(text))
        else:
            found.append(Condition(text, match[1], match[2], number))
    if wrong:
        raise UserError(
            f"--fail-if {', '.join(wrong)}: give a figure, one of {' '.join(_COMPARISONS)} and a "
            "number, in quotes, such as 'faithfulness<0.2' or 'change.hit@10.high<0'"
        )
    return found


def met_by(conditions: Sequence[Condition], table: FigureTable) -> list[Met]:
    """Return what each condition's figure is.

    Raises:
        UserError: there is no such figure, or it was not scored; all of them are named.
    """
    found, wrong = [], []
    for one in conditions:
        try:
            full = table.full_name(one.name)
        except UnknownNameError as error:
            wrong.append(str(error))
            continue
        value = table.values[full]
        if value is None:
            wrong.append(f"{full} was not scored, so that {one.text!r} cannot be told")
        else:
            found.append(Met(one, full, value))
    if wrong:
        raise UserError("\n".join(("--fail-if cannot be told:", *(f"  {one}" for one in wrong))))
    return found


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
