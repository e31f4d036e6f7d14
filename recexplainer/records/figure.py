"""Declaration of a reported figure, made once beside the code that measures it."""

from __future__ import annotations

from typing import Literal

from recexplainer.records.outcomes import Record

__all__ = ["EXPLANATION_TASK", "Figure"]

EXPLANATION_TASK = "explanation"
"""The ``task`` of figures of explanations; their subject is the explainer's name."""


class Figure(Record):
    """One figure: its name, its meaning, and where the report shows it.

    The report, the metric reference and whoever computes the figure read this and nothing else.

    Attributes:
        task, metric: its name, as in ``Metric``.
        note: what it measures, in a few words.
        better: which values are better; None where neither is, as of a control.
        order: place in the tables among the figures of its task, from 1; 0 as it comes.
        bounds: what the interval of its mean keeps to; None for a change of a score.
        check: the check of a text whose mean it is; empty where it is counted otherwise.
        given: whether it is reported for the given texts too, beside that of all.
        shown: ``text`` also beside each text; ``claims`` not there, where the text's claims say it
            better; ``tables`` in tables only, as one of many on the same question; ``masking`` so
            too, in the table of what the target says with some of the history masked.
        sparse: whether many texts may rightly have no value.
        words: of one text with value ``{value}`` or share ``{share}``; empty for name and value.
        holds: of a text with value 1, for checks that speak for a text; the others speak against.
        chart: place among the charts of explanations, from 1; 0 for no chart.
        headline: place among the figures that are shown first, from 1; 0 is not among them.
    """

    task: str
    metric: str
    note: str = ""
    better: Literal["higher", "lower"] | None = None
    order: int = 0
    bounds: tuple[float, float] | None = (0.0, 1.0)
    check: str = ""
    given: bool = False
    shown: Literal["text", "claims", "tables", "masking"] = "text"
    sparse: bool = False
    words: str = ""
    holds: str = ""
    chart: int = 0
    headline: int = 0

    def again(self, task: str, bounds: tuple[float, float] | None) -> Figure:
        """Return the same figure on another task, such as a part of the texts."""
        return Figure(
            task=task, metric=self.metric, order=self.order, bounds=bounds, check=self.check
        )

    @property
    def told(self) -> str:
        """The note, with the better values where that is not plain: lower, or among such."""
        said = self.better == "lower" or self.shown == "masking"
        return f"{self.note}; {self.better} is better" if said and self.better else self.note
