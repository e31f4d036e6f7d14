"""Finding: one measured sentence about a whole recommender, and what anyone needs to check it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, Self

from recexplainer.records.outcomes import Record

if TYPE_CHECKING:
    from recexplainer.audit.estimate import Estimate

__all__ = ["Chapter", "Example", "Finding"]

Chapter = Literal["bug", "reliance", "segment", "parameter"]
"""What looks like a bug; what the ranking leans on; for whom it differs; what decides the lists."""


class Example(Record):
    """One place where a finding can be seen, and the command that shows it."""

    words: str
    command: str


class Finding(Record):
    """What one probe found.

    Attributes:
        probe: its name in the table of probes.
        chapter: where it belongs.
        sentence: what was found; made from the figures below, and true as read.
        alarm: whether it looks like a bug; of segments, whether it was confirmed.
        figure: the measured value; None where nothing could be measured, as the sentence says.
        low, high: its 95 % interval; None where it is a count of all that there is.
        unit: a share of 1, a number of things, or a value in a unit that the sentence names.
        control: the same measure where it should say nothing; None without one.
        control_words: what the control is.
        n: how many users, items or pairs the figure rests on.
        others: further figures that the sentence tells or rests on, by name.
        named: titles, values or users that the sentence is about.
        read: whether the sentence was held against figures counted again from the target's
            answers, or against the figures beside it alone; "" before it is read.
        withheld: why it is not given, where it did not hold; ``sentence`` is empty then.
        examples: at most three.
        meaning: what it usually means.
        look: how to look further.
    """

    probe: str
    chapter: Chapter
    sentence: str
    alarm: bool = False
    figure: float | None = None
    low: float | None = None
    high: float | None = None
    unit: Literal["share", "count", "value"] = "share"
    control: float | None = None
    control_words: str = ""
    n: int = 0
    others: Mapping[str, float] = {}
    named: tuple[str, ...] = ()
    read: Literal["", "target", "figures"] = ""
    withheld: str = ""
    examples: tuple[Example, ...] = ()
    meaning: str = ""
    look: str = ""

    def with_estimate(self, found: Estimate) -> Self:
        """Return the finding with the mean of ``found`` as figure, its interval and its count."""
        given = {"figure": found.mean, "low": found.low, "high": found.high, "n": found.n}
        return self.model_copy(update=given)
