"""Change: one measured sentence about how two versions differ, with what anyone needs to check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Self

from recexplainer.records.outcomes import Record

if TYPE_CHECKING:
    from recexplainer.audit.estimate import Estimate

__all__ = ["Change", "ChangeChapter", "Shown"]

ChangeChapter = Literal[
    "data", "quality", "decisions", "lists", "segments", "reliance", "attributes"
]


class Shown(Record):
    """One place where a change can be seen, and the commands that show it, one per version."""

    words: str
    commands: tuple[str, ...]


class Change(Record):
    """What one comparison of two versions found.

    Attributes:
        name: of the figure, unique within a comparison.
        chapter: where it belongs.
        sentence: what was found; made from the figures below, and true as read.
        sure: whether a difference was found that holds among all that its chapter looked at.
        first, second: the measure of each version; None where it is one of both together.
        change: of the second over the first, user by user; or the measure of both together.
        low, high: its 95 % interval over users; None where it is a count of all that there is.
        unit: a share of 1, a number of things, or a value in a unit that the sentence names.
        control: the same where it should say nothing; None without one.
        control_words: what the control is.
        n: how many users or things the figure rests on.
        examples: at most three.
    """

    name: str
    chapter: ChangeChapter
    sentence: str
    sure: bool = False
    first: float | None = None
    second: float | None = None
    change: float | None = None
    low: float | None = None
    high: float | None = None
    unit: Literal["share", "count", "value"] = "share"
    control: float | None = None
    control_words: str = ""
    n: int = 0
    examples: tuple[Shown, ...] = ()

    def with_estimate(self, found: Estimate) -> Self:
        """Return the change with the mean of ``found``, its interval and its count."""
        given = {"change": found.mean, "low": found.low, "high": found.high, "n": found.n}
        return self.model_copy(update=given)
