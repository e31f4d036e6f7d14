"""Answers made of what a loaded run says; all of it runs in the thread of the run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

from recexplainer.errors import UnknownNameError
from recexplainer.pipeline import Explained, LoadedRun, RecommendedList
from recexplainer.records import Case, Catalogue, Explanation
from recexplainer.report.check_words import abstention_words, case_words, check_words
from recexplainer.report.model import Authorship
from recexplainer.service.answer_models import (
    AskedChange,
    ExplainAnswer,
    ItemAnswer,
    ListedItem,
    TargetAnswer,
    ToldClaim,
    UserList,
    WhatIfAnswer,
)
from recexplainer.service.request_models import ExplainRequest, Moment, WhatIfRequest

if TYPE_CHECKING:
    from recexplainer.explanation.edits.counterfactual import EditedStanding

__all__ = ["UnknownThingError", "explain", "list_of", "what_if"]

T = TypeVar("T")


class UnknownThingError(UnknownNameError):
    """A name that the run does not know, told without the names that it knows besides the nearest.

    Args:
        error: what the run said.
    """

    def __init__(self, error: UnknownNameError) -> None:
        super().__init__(error.kind, error.given, error.nearest)
        guess = f" Did you mean {error.nearest[0]!r}?" if error.nearest else ""
        self.args = (f"unknown {error.kind} {error.given!r}.{guess}",)


def list_of(run: LoadedRun, asked: Moment, top: int) -> UserList:
    """Return the beginning of the target's list. Raises as ``LoadedRun.recommend``."""

    def ask() -> RecommendedList:
        return run.recommend(user=asked.user, history=asked.history, without=asked.without, top=top)

    told = _known(ask)
    items = (
        ListedItem(
            item=one.item,
            title=one.title,
            rank=one.rank,
            score=one.score,
            decision=one.decision,
        )
        for one in told.items
    )
    return UserList(
        user=told.user,
        history=told.history,
        candidates=told.candidates,
        items=tuple(items),
        notes=told.notes,
    )


def explain(run: LoadedRun, asked: ExplainRequest, explainer: str) -> ExplainAnswer:
    """Return one text about an item, checked; the recommender's own where it is withheld.

    Raises:
        UnknownThingError: no such user, item or explainer.
        UserError: as ``LoadedRun.explain``.
    """

    def ask() -> Explained:
        return run.explain(
            user=asked.user,
            item=asked.item,
            instruction=asked.instruction,
            history=asked.history,
            without=asked.without,
            explainers=[explainer],
            audience=asked.audience,
            language=asked.language,
        )

    told = _known(ask)
    given, case = told.answer, told.case
    own = given is told.instead
    return ExplainAnswer(
        text=given.text,
        explainer=given.explainer,
        source="surrogate" if explainer in run.speaking and not own else "recommender",
        why=_why(told, explainer) if own else None,
        claims=_claims(given),
        checks=tuple(line.text for line in check_words(given, case)),
        user=case.user,
        item=case.item,
        title=told.item_title,
        history=_items(case.history, run.catalogue),
        target=_target(case),
        already_had=told.already_had,
        first=told.recommended,
        notes=told.notes,
        written_by=Authorship(run=_run_of(told), explainers=(given.explainer,)),
    )


def what_if(run: LoadedRun, asked: WhatIfRequest, name: str) -> WhatIfAnswer:
    """Return what would bring an item where it is wanted. Raises as ``LoadedRun.what_if``."""
    fields = asked.model_dump()
    told = _known(lambda: run.what_if(**fields))
    case = told.case
    return WhatIfAnswer(
        text=told.text,
        user=case.user,
        item=case.item,
        title=run.catalogue.title(case.item),
        target=_target(case),
        met=told.met,
        found=_change(told.found, run.catalogue),
        nearest=_change(told.nearest, run.catalogue),
        minimal=told.minimal,
        questions=told.questions,
        notes=told.notes,
        written_by=Authorship(run=name, explainers=()),
    )


def _known(ask: Callable[[], T]) -> T:
    try:
        return ask()
    except UnknownNameError as error:
        raise UnknownThingError(error) from None


def _why(told: Explained, explainer: str) -> str:
    """Return why the recommender's own account stands in the place of a text."""
    withheld = [one for one in told.explanations if one.explainer in told.withheld]
    if not withheld:
        return "Nothing was had, so there is nothing that a text could name."
    return (
        f"The text of {explainer} is withheld ({abstention_words(withheld[0])}); this is the "
        "recommender's own account."
    )


def _run_of(told: Explained) -> str:
    return "" if told.written_by is None else told.written_by.run


def _claims(given: Explanation) -> tuple[ToldClaim, ...]:
    return tuple(
        ToldClaim(
            text=one.text,
            kind=one.kind,
            start=one.start,
            end=one.end,
            holds=one.real,
            said=one.detail,
        )
        for one in given.claims
    )


def _target(case: Case) -> TargetAnswer:
    return TargetAnswer(
        decision=case.decision,
        rank=case.rank,
        candidates=case.candidates,
        score=case.score,
        words=case_words(case),
    )


def _change(one: EditedStanding | None, catalogue: Catalogue) -> AskedChange | None:
    if one is None:
        return None
    return AskedChange(
        history=_items(one.history, catalogue),
        removed=_items([item for change in one.edit for item in change.old], catalogue),
        added=_items([item for change in one.edit for item in change.new], catalogue),
        rank=one.rank,
        candidates=one.candidates,
        score=one.score,
        decision=one.decision,
    )


def _items(ids: Sequence[str], catalogue: Catalogue) -> tuple[ItemAnswer, ...]:
    return tuple(ItemAnswer(item=one, title=catalogue.title(one)) for one in ids)
