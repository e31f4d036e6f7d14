"""Outcomes of measuring, explaining and judging, as frozen pydantic models for the disk."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict

__all__ = [
    "REASON_KINDS",
    "Case",
    "Check",
    "Claim",
    "ClaimKind",
    "Decision",
    "Explanation",
    "Metric",
    "Outcome",
    "RiskCurve",
    "RiskPoint",
    "StageRecord",
    "Verdict",
    "Written",
]

Decision = Literal["Yes", "No"]
Outcome = Literal["recommended", "not recommended", "not rejected"]
"""Decision after a removal, as a counterfactual states it: Yes; no longer Yes; no longer No."""
ClaimKind = Literal[
    "decision",
    "cause",
    "item",
    "attribute",
    "counterfactual",
    "direction",
    "reason",
    "together",
    "strongest",
    "order",
    "relevance",
    "no_cause",
    "meant",
]
"""What is claimed; see the table in docs/explanation/checked-explanations.md."""
REASON_KINDS: frozenset[ClaimKind] = frozenset(
    {"direction", "reason", "together", "strongest", "relevance", "no_cause", "counterfactual"}
)
"""Kinds of claims that say why; a text without any explains nothing that could be checked."""


class Record(BaseModel):
    """Base of the records on disk: immutable, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Metric(Record):
    """One figure: who, on what, how good, how sure.

    ``low`` and ``high`` bound the 95 % interval over users (seeded); ``n`` counts what
    was scored and ``unscored`` what was not and is left out of the mean. ``value`` is None when
    n is 0; so are the bounds, and where one user gave all values of a figure that has no limits.
    """

    subject: str
    task: str
    metric: str
    split: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    unscored: int = 0


class Case(Record):
    """A question to be explained: user, history and item, with the target's own answer.

    Attributes:
        id: unique within a run.
        user, history: who is asked about, and the item ids the target reads, oldest first.
        item: the item in question.
        split: the split of its context.
        decision: the target's own: ``Yes`` in its top 20 % of unseen items, ``No`` in its bottom
            50 %, None in between, where the target is undecided and agreement is not scored.
        score: the target's score of the item (the target's own unit).
        rank: the item's 1-based rank among the ``candidates`` unseen items.
        candidates: how many unseen items there are.
        earlier: what the user had before the window that the target reads; like the history, these
            are no candidates, so that the target can be ranked anew from the case alone.
    """

    id: str
    user: str
    history: tuple[str, ...]
    item: str
    split: str
    decision: Decision | None
    score: float
    rank: int
    candidates: int
    earlier: tuple[str, ...] = ()

    @property
    def already_had(self) -> bool:
        """Whether the user had the item: it is then ranked beside those that they have not had."""
        return self.item in {*self.history, *self.earlier}


class Claim(Record):
    """Something a text says that can be checked, with where it says it (character span).

    ``real`` is whether it is true of this user and item: a cited title is in the history (or is the
    item itself); an attribute value belongs to all ``items`` it is ascribed to, and is frequent in
    the history if it is said to be; denied, it belongs to none of those meant; ascribed to nobody,
    it belongs to the item or to one of the history. A counterfactual states the target's decision
    (``outcome``) without the ``items``; a direction, a reason and the like, that these pull the
    target ``toward`` a decision. Until the target has been asked, these are real if the items are
    in the history. ``detail`` tells what was found.
    """

    kind: ClaimKind
    text: str
    start: int
    end: int
    item: str | None = None
    real: bool
    items: tuple[str, ...] = ()
    outcome: Outcome | None = None
    toward: Decision | None = None
    detail: str = ""


class Check(Record):
    """A claim or measure tested on the target: its value, or why it was not scored."""

    name: str
    value: float | None
    detail: str = ""


class Written(Record):
    """A text about a case, as its explainer hands it in: it claims nothing but what it says.

    Attributes:
        case: the case's id.
        explainer: the registered name of who wrote it.
        text: the words.
        meant: item ids of the history that the writer means to cite, if it tells; checked against
            the words like everything else.
        mended: how many sentences were put right by what the target answered.
        left_out: how many sentences were left out, as what they say does not hold.
        added: how many sentences of the item data were added, as they were asked for.
        completed: how many sentences were added that tell what the target answered.
    """

    case: str
    explainer: str
    text: str
    meant: tuple[str, ...] = ()
    mended: int = 0
    left_out: int = 0
    added: int = 0
    completed: int = 0


class Explanation(Record):
    """A text about a case, read and checked by the pipeline; its writer has no part in that.

    Attributes:
        case: the case's id.
        explainer: the registered name of who wrote it.
        text: the words, as written.
        decision: the decision the text states, or None when it states none.
        cited: item ids of the history that the text names as causes, in order, without repeats.
        claims: all that could be read from the text.
        checks: the claims put to the target.
        mended, left_out, added, completed: as of ``Written``.
    """

    case: str
    explainer: str
    text: str
    decision: Decision | None = None
    cited: tuple[str, ...] = ()
    claims: tuple[Claim, ...] = ()
    checks: tuple[Check, ...] = ()
    mended: int = 0
    left_out: int = 0
    added: int = 0
    completed: int = 0

    def check(self, name: str) -> float | None:
        """Return the value of the check called ``name``; None if it is absent or unscored."""
        return next((check.value for check in self.checks if check.name == name), None)


class RiskPoint(Record):
    """What is given when all texts of at least this ``confidence`` are.

    ``coverage`` is their share of all texts, ``risk`` how often they do not hold.
    A ``confidence`` of None stands for all texts, those that fail a check on the case itself too.
    """

    confidence: float | None
    coverage: float
    risk: float


class RiskCurve(Record):
    """How the risk of one explainer's texts grows with the share of them that is given.

    Attributes:
        explainer: whose texts.
        points: the corners of the curve, the most confident texts first.
        refuted: share of all texts that fail a check on the case itself; they have confidence 0 and
            risk 1, whatever the target is asked further.
        unscored: share of all texts that could not be put to the target; they are never given.
    """

    explainer: str
    points: tuple[RiskPoint, ...]
    refuted: float
    unscored: float


class Verdict(Record):
    """A judge's grade of one explanation on the paper's scale of 1 to 4, or why there is none."""

    case: str
    explainer: str
    judge: str
    grade: int | None
    reason: str = ""


class StageRecord(Record):
    """How one stage of a run went."""

    name: str
    seconds: float
    peak_rss_mb: float
    resumed: bool = False
