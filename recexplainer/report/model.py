"""Contents of a report: ``report.json`` exactly; the other two files are made from it."""

from __future__ import annotations

import math
from typing import Any, Final, Literal, Self

from pydantic import (
    Field,
    JsonValue,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

from recexplainer.records import (
    Case,
    Explanation,
    Figure,
    Form,
    Metric,
    Mode,
    RiskCurve,
    Split,
    StageRecord,
    Verdict,
)
from recexplainer.records.outcomes import Record

__all__ = [
    "SCHEMA_VERSION",
    "Authorship",
    "CorpusCount",
    "CurvePoint",
    "DatasetFacts",
    "ExplainedCase",
    "Report",
    "RunFacts",
    "SurrogateFacts",
    "TargetFacts",
]

SCHEMA_VERSION: Final = 1


class Authorship(Record):
    """Who wrote the texts of a document that leaves the tool: a machine, and in which run.

    Attributes:
        machine: always true; no person has written or edited a text.
        run: the name of the run.
        explainers: those whose texts are in the document; each text is signed with its own.
    """

    machine: Literal[True] = True
    run: str
    explainers: tuple[str, ...]


class DatasetFacts(Record):
    """The data set as it was used, after filtering; ``notes`` tell what was dropped or mended."""

    name: str
    users: int
    items: int
    interactions: int
    notes: tuple[str, ...] = ()


class TargetFacts(Record):
    """How the target's training went; 0 epochs when it came trained.

    Attributes:
        epochs: passes over the histories.
        best_epoch: the one that was kept.
        fold_in_cosine: between a user's own vector and the one that the history got; None where
            the target knows no users.
        fold_in_overlap: share of the first 10 items that the two have in common.
    """

    epochs: int = 0
    best_epoch: int = 0
    fold_in_cosine: float | None = None
    fold_in_overlap: float | None = None


class CorpusCount(Record):
    """How many examples of one task, rendered in one form, one split of the corpus holds."""

    task: str
    form: Form
    split: Split
    count: int


class SurrogateFacts(Record):
    """The surrogate and what it was trained on.

    Attributes:
        parameters: how many the whole model has.
        trained: how many of them were trained.
        vocabulary: tokens in its vocabulary.
        corpus_tokens: tokens of one pass over the corpus, padding left out.
        padding: share of the tokens computed that were padding, 0 to 1.
        precision: of the arithmetic, such as ``bfloat16``.
        chosen_by: what was measured to choose it, in words; None where it was asked for.
        device: what it ran on, in words.
        steps: how many updates were made.
        passes: over the corpus.
        minutes: for which the steps were chosen; None where passes were asked for.
        foretold_seconds: how long the steps were said to take, when the training began.
    """

    parameters: int
    trained: int | None = None
    vocabulary: int
    corpus_tokens: int
    padding: float
    precision: str
    chosen_by: str | None = None
    device: str
    steps: int | None = None
    passes: float | None = None
    minutes: float | None = None
    foretold_seconds: float | None = None


class CurvePoint(Record):
    """The surrogate's training, at one logged step.

    ``loss`` is the mean since the point before and None where it was not finite, ``seconds`` are
    counted from the start of training.
    """

    step: int
    examples: int
    loss: float | None
    tokens_per_second: float
    seconds: float

    @field_validator("loss")
    @classmethod
    def _finite(cls, loss: float | None) -> float | None:
        return loss if loss is not None and math.isfinite(loss) else None


class RunFacts(Record):
    """All that a reader needs to judge the figures, or to make them again."""

    name: str
    command: str
    started: str
    seed: int
    mode: Mode
    target: str
    backbone: str
    dataset: DatasetFacts
    target_facts: TargetFacts
    corpus: tuple[CorpusCount, ...] = ()
    surrogate: SurrogateFacts | None = None
    curve: tuple[CurvePoint, ...] = ()
    config: dict[str, JsonValue] = Field(default_factory=dict)
    versions: dict[str, str] = Field(default_factory=dict)
    machine: str = ""
    notes: tuple[str, ...] = ()


class ExplainedCase(Record):
    """A case, one explanation of it, and the titles that a reader needs.

    Attributes:
        case: what was asked.
        item_title: the title of ``case.item``.
        history_titles: the titles of ``case.history``, in its order.
        explanation: the text, its claims and its checks.
        abstained: whether the text is withheld, since it does not hold often enough.
        grades: each judge's name to its grade, None where it gave none.
    """

    case: Case
    item_title: str
    history_titles: tuple[str, ...]
    explanation: Explanation
    abstained: bool = False
    grades: dict[str, int | None] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _belongs_together(self) -> Self:
        if self.explanation.case != self.case.id:
            raise ValueError(f"explains case {self.explanation.case!r}, not {self.case.id!r}")
        if len(self.history_titles) != len(self.case.history):
            raise ValueError("needs one title for each item of the history")
        return self


class Report(Record):
    """One run, whole: what was measured, explained and judged, and how long it took.

    ``written_by`` says of all texts that a machine wrote them; it is None where there are none, and
    in reports older than this field. ``accounts`` are what the target itself answers about cases
    that a text was withheld of. ``verdicts`` are by judges, ``ratings`` by the people of a study,
    signed with the rater.
    """

    schema_version: Literal[1] = SCHEMA_VERSION
    written_by: Authorship | None = None
    run: RunFacts
    metrics: tuple[Metric, ...] = ()
    figures: tuple[Figure, ...] = ()
    explanations: tuple[ExplainedCase, ...] = ()
    accounts: tuple[Explanation, ...] = ()
    risk_coverage: tuple[RiskCurve, ...] = ()
    verdicts: tuple[Verdict, ...] = ()
    ratings: tuple[Verdict, ...] = ()
    stages: tuple[StageRecord, ...] = ()

    @model_serializer(mode="wrap")
    def _without_empty_figures(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields: dict[str, Any] = whole(self)
        if not self.figures:
            del fields["figures"]
        return fields
