"""Aim of a what-if: where an item is wanted to stand, and how far off a row of scores is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from recexplainer.errors import UserError
from recexplainer.oracle.standing import NOISE, Standing, liked_places, rejected_places

__all__ = ["Aim", "aim_of"]

Border = int | Literal["liked", "rejected"]

_TOP = re.compile(r"(?P<out>(?:out of|not) (?:the )?)?top[ -]?(?P<places>\d+)", re.IGNORECASE)
_DECISIONS: dict[str, tuple[bool, Border]] = {
    "yes": (True, "liked"),
    "not yes": (False, "liked"),
    "no": (False, "rejected"),
    "not no": (True, "rejected"),
}


@dataclass(frozen=True, slots=True)
class Aim:
    """Where an item is wanted: among so many places from the top, or below all of them.

    Attributes:
        words: the aim as it is written, such as ``top 10`` or ``not yes``.
        inside: whether it is wanted among these places; else below them.
        border: how many places; ``liked`` are those of a Yes, ``rejected`` all but those of a No.
    """

    words: str
    inside: bool
    border: Border

    @property
    def sign(self) -> float:
        """1 where a higher score helps, -1 where a lower one does."""
        return 1.0 if self.inside else -1.0

    @property
    def of_decision(self) -> bool:
        """Whether a decision is wanted, not a place."""
        return not isinstance(self.border, int)

    def places(self, candidates: int) -> int:
        """Return how many places from the top are meant among so many candidates."""
        if self.border == "liked":
            return liked_places(candidates)
        if self.border == "rejected":
            return candidates - rejected_places(candidates)
        return int(self.border)

    def met(self, standing: Standing) -> bool:
        """Return whether an item that stands there is where it is wanted, equals counted in."""
        places = self.places(standing.candidates)
        within = standing.ahead + standing.ties < places
        return within if self.inside else standing.ahead >= places

    def margin(self, own: float, others: NDArray[np.float32], spread: float) -> float:
        """Return how far the item's score is past the border on the wanted side.

        In standard deviations of all scores, less what is rounding; above 0 the aim is met, however
        the target rounds.

        Args:
            own: the score of the item.
            others: the scores of the other candidates, in any order.
            spread: standard deviation of the scores of all items.
        """
        places = self.places(1 + len(others))
        if places > len(others):
            return self.sign * np.inf
        edge = float(np.partition(others, len(others) - places)[len(others) - places])
        noise = NOISE * max(spread, abs(own))
        return (self.sign * (own - edge) - noise) / max(spread, 1e-30)


def aim_of(words: str) -> Aim:
    """Return the aim that ``words`` name: a place, or a decision.

    Args:
        words: ``top N``, ``out of top N``, ``yes``, ``no``, ``not yes`` or ``not no``, in any case.

    Raises:
        UserError: they name none.
    """
    given = " ".join(words.split())
    if (decision := _DECISIONS.get(given.casefold())) is not None:
        return Aim(given.casefold(), *decision)
    found = _TOP.fullmatch(given)
    if found is None or int(found["places"]) < 1:
        raise UserError(
            f"the aim {words!r} is none: give 'top 10' or 'out of top 10' (any number from 1 on), "
            "or a decision: 'yes', 'not yes', 'no' or 'not no'"
        )
    places = int(found["places"])
    return Aim(f"{'out of ' if found['out'] else ''}top {places}", not found["out"], places)
