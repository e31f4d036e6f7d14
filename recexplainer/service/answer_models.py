"""Answers of the service, as pydantic models; a field of OpenAPI says what it means."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from recexplainer.records import ClaimKind, Decision
from recexplainer.report.model import Authorship

__all__ = [
    "AskedChange",
    "ErrorAnswer",
    "ErrorDetail",
    "ExplainAnswer",
    "HealthAnswer",
    "ItemAnswer",
    "ListedItem",
    "ReasonAnswer",
    "RecommendAnswer",
    "TargetAnswer",
    "ToldClaim",
    "UserList",
    "WhatIfAnswer",
]


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True)


class ErrorDetail(_Answer):
    """What went wrong."""

    kind: Annotated[str, Field(description="A word for programs, such as unknown_item.")]
    message: Annotated[str, Field(description="A sentence for people.")]
    nearest: Annotated[tuple[str, ...], Field(description="Names like an unknown one.")] = ()


class ErrorAnswer(_Answer):
    """Every answer that is none."""

    error: ErrorDetail


class ItemAnswer(_Answer):
    """An item by id and title."""

    item: str
    title: str


class TargetAnswer(_Answer):
    """What the recommender itself says of the item."""

    decision: Annotated[
        Decision | None,
        Field(description="Yes in its top 20 %, No in its bottom 50 %, else null: undecided."),
    ]
    rank: Annotated[int, Field(description="From 1, among the candidates.")]
    candidates: Annotated[int, Field(description="Items that were not had.")]
    score: Annotated[float, Field(description="In the recommender's own unit.")]
    words: Annotated[str, Field(description="The same as a sentence.")]


class ToldClaim(_Answer):
    """Something the text says, and what the recommender said of it."""

    text: Annotated[str, Field(description="The words that claim it.")]
    kind: ClaimKind
    start: Annotated[int, Field(description="Where it begins in the text, in characters.")]
    end: Annotated[int, Field(description="Where it ends.")]
    holds: Annotated[bool, Field(description="Whether it is true of the recommender or the data.")]
    said: Annotated[str, Field(description="What was found when it was put to them.")]


class ReasonAnswer(_Answer):
    """A text about one item, checked."""

    text: str
    explainer: Annotated[str, Field(description="Who wrote the text.")]
    source: Annotated[
        Literal["surrogate", "recommender"],
        Field(
            description="surrogate: a language model's words; recommender: made from the "
            "recommender's answers alone."
        ),
    ]
    why: Annotated[
        str | None,
        Field(description="Why it is not the explainer that was asked for; null where it is."),
    ] = None
    claims: tuple[ToldClaim, ...] = ()
    checks: Annotated[
        tuple[str, ...], Field(description="What was checked of the text as a whole.")
    ] = ()


class ExplainAnswer(ReasonAnswer):
    """One item explained after one history."""

    user: Annotated[str, Field(description="A history that nobody had begins with history-.")]
    item: str
    title: str
    history: Annotated[tuple[ItemAnswer, ...], Field(description="What was read, oldest first.")]
    target: TargetAnswer
    already_had: bool
    first: Annotated[bool, Field(description="Whether it is the first choice, as none was named.")]
    notes: Annotated[tuple[str, ...], Field(description="What is unusual of the question.")] = ()
    written_by: Annotated[Authorship, Field(description="A machine, and which run.")]


class ListedItem(ItemAnswer):
    """An item of a list."""

    rank: int
    score: float
    decision: Decision | None
    reason: Annotated[ReasonAnswer | None, Field(description="With explain=true.")] = None


class UserList(_Answer):
    """The list of one user or history; a user of a batch may have an error in its place."""

    user: str
    history: Annotated[tuple[str, ...], Field(description="Ids of what was read.")] = ()
    candidates: int = 0
    items: tuple[ListedItem, ...] = ()
    notes: tuple[str, ...] = ()
    error: ErrorDetail | None = None


class RecommendAnswer(_Answer):
    """One list per user or history, in the order asked."""

    lists: tuple[UserList, ...]
    written_by: Annotated[
        Authorship | None, Field(description="A machine, and which run; null without reasons.")
    ] = None


class AskedChange(_Answer):
    """An edit that was put to the recommender, and what it answered."""

    history: Annotated[tuple[ItemAnswer, ...], Field(description="After the edit.")]
    removed: tuple[ItemAnswer, ...]
    added: tuple[ItemAnswer, ...]
    rank: int
    candidates: int
    score: float
    decision: Decision | None


class WhatIfAnswer(_Answer):
    """What would bring an item where it is wanted."""

    text: str
    user: str
    item: str
    title: str
    target: TargetAnswer
    met: Annotated[bool, Field(description="Whether it is there as it is.")]
    found: Annotated[AskedChange | None, Field(description="An edit that brings it there.")]
    nearest: Annotated[AskedChange | None, Field(description="Without one, the nearest.")]
    minimal: Annotated[bool, Field(description="Whether all smaller edits were asked in vain.")]
    questions: Annotated[int, Field(description="Histories put to the recommender.")]
    notes: tuple[str, ...] = ()
    written_by: Authorship


class HealthAnswer(_Answer):
    """Whether the run can be asked."""

    ready: bool
    run: str
    target: str
    explainers: Annotated[tuple[str, ...], Field(description="The first answers by default.")]
