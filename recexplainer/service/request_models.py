"""Requests of the service, as pydantic models: what may be asked, and how much of it at once."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

__all__ = [
    "MOST_ITEMS",
    "MOST_LISTED",
    "MOST_REASONS",
    "MOST_USERS",
    "ExplainRequest",
    "Moment",
    "Name",
    "RecommendRequest",
    "WhatIfRequest",
]

MOST_ITEMS = 1000
"""Items of a history."""
MOST_LISTED = 100
"""Items of a list."""
MOST_USERS = 50
"""Users of a batch."""
MOST_REASONS = 20
"""Reasons that one request may ask for."""

Name = Annotated[str, Field(max_length=300)]
Names = Annotated[list[Name], Field(max_length=MOST_ITEMS)]


class Moment(BaseModel):
    """Whose history is asked about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    user: Annotated[Name | None, Field(description="A user id of the data set.")] = None
    history: Annotated[
        Names | None,
        Field(description="Titles or item ids, oldest first, in place of a user."),
    ] = None
    without: Annotated[
        Names, Field(description="Titles or item ids that are taken out of what is read.")
    ] = []

    @property
    def key(self) -> tuple[object, ...]:
        """What names the moment in a cache."""
        history = None if self.history is None else tuple(self.history)
        return self.user, history, tuple(self.without)


class RecommendRequest(Moment):
    """What would be recommended, and, if wished, why."""

    users: Annotated[
        list[Name] | None,
        Field(max_length=MOST_USERS, description="Several users, in place of one."),
    ] = None
    top: Annotated[int, Field(ge=1, le=MOST_LISTED, description="Items of each list.")] = 10
    explain: Annotated[bool, Field(description="Whether each item has its reason.")] = False
    explainer: Annotated[
        Name | None,
        Field(description="Who gives the reasons; by default the recommender's own account."),
    ] = None

    @model_validator(mode="after")
    def _bounded(self) -> Self:
        if self.users is not None and (self.user is not None or self.history is not None):
            raise ValueError("give users, or user, or history, and not two of them")
        count = self.top * (1 if self.users is None else len(self.users))
        if self.explain and count > MOST_REASONS:
            raise ValueError(
                f"{count} reasons are asked for, and {MOST_REASONS} may be at once: lower top, or "
                "ask for fewer users"
            )
        return self


class ExplainRequest(Moment):
    """Why, or why not, one item."""

    item: Annotated[
        Name | None,
        Field(description="Title or item id; by default the first recommendation."),
    ] = None
    instruction: Annotated[
        Annotated[str, Field(max_length=300)] | None,
        Field(description='A wish such as "only genres", for explainers that speak.'),
    ] = None
    explainer: Annotated[
        Name | None, Field(description="One of those in /healthz; by default the first of them.")
    ] = None
    audience: Annotated[
        Name | None, Field(description='Who reads, such as "engineer"; for the explainer told.')
    ] = None
    language: Annotated[
        Name | None, Field(description='Such as "German"; for the explainer told.')
    ] = None

    @property
    def key(self) -> tuple[object, ...]:
        """What names the question in a cache: history, item, explainer and wording."""
        wording = (self.instruction, self.audience, self.language)
        return "explain", *super().key, self.item, self.explainer, wording


class WhatIfRequest(Moment):
    """What would bring an item where it is wanted."""

    item: Annotated[Name, Field(description="Title or id of an item that was not had.")]
    aim: Annotated[
        Name,
        Field(description='"top N", "out of top N", "yes", "not yes", "no" or "not no".'),
    ] = "top 10"
    edits: Annotated[
        list[Literal["remove", "replace", "add"]],
        Field(min_length=1, max_length=3, description="Which changes are allowed."),
    ] = ["remove", "replace", "add"]
    by: Annotated[
        Literal["item", "attribute"],
        Field(description="Change items one by one, or all that share a value."),
    ] = "item"
    budget: Annotated[
        int, Field(ge=2, le=500, description="Histories that the recommender is asked about.")
    ] = 200

    @property
    def key(self) -> tuple[object, ...]:
        """What names the question in a cache."""
        return "what-if", *super().key, self.item, self.aim, *self.edits, self.by, self.budget
