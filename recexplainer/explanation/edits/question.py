"""What-if question: an item, an aim and the edits that are allowed, put to the target."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from recexplainer.errors import UnknownNameError, UserError
from recexplainer.explanation.cases import case_of_scores
from recexplainer.explanation.edits.additions import Neighbours
from recexplainer.explanation.edits.changes import KINDS, Change, Kind
from recexplainer.explanation.edits.counterfactual import EditedStanding, WhatIf
from recexplainer.explanation.edits.moves import attribute_moves, item_moves
from recexplainer.explanation.edits.search import LONGEST, AskedEdit, Searched, search
from recexplainer.oracle import Aim, EditedHistories, Oracle, aim_of
from recexplainer.records import Case, Context

__all__ = ["BUDGET", "Unit", "Wish", "what_if"]

BUDGET = 200
"""Histories put to the target at most, by default."""
_TRIED = 60
"""So many items are tried as additions, the most promising of all."""

Unit = Literal["item", "attribute"]


@dataclass(frozen=True, slots=True)
class Wish:
    """Where an item is wanted, and by which edits.

    Attributes:
        aim: where it is wanted.
        kinds: the changes that are allowed.
        by: whether items are changed one by one, or all that share an attribute value.
        budget: how many histories may be put to the target.
        longest: the most changes at once.
    """

    aim: Aim
    kinds: tuple[Kind, ...] = KINDS
    by: Unit = "item"
    budget: int = BUDGET
    longest: int = LONGEST

    @classmethod
    def read(cls, aim: str, edits: Sequence[str], by: str, budget: int) -> Wish:
        """Return the wish that a user's words say.

        Raises:
            UserError: the aim is none, no kind of edit is named, or the budget is below 2.
            UnknownNameError: no such kind of edit, or nothing to edit by.
        """
        if isinstance(edits, str) or not edits:
            raise UserError(f"edits={edits!r} is no list of edits: give some of {', '.join(KINDS)}")
        for edit in edits:
            if edit not in KINDS:
                raise UnknownNameError("edit", edit, KINDS)
        if by not in get_args(Unit):
            raise UnknownNameError("unit to edit by", by, get_args(Unit))
        if budget < 2:
            raise UserError(
                f"a budget of {budget} questions is too small: one is about the history as it is, "
                f"and each edit takes one more. Give 2 or more; {BUDGET} is the default"
            )
        kinds = tuple(kind for kind in KINDS if kind in edits)
        return cls(aim_of(aim), kinds, cast("Unit", by), budget)


def what_if(
    oracle: Oracle,
    context: Context,
    item: str,
    wish: Wish,
    *,
    neighbours: Neighbours,
    excluded: Sequence[str] = (),
) -> WhatIf:
    """Return the smallest edit found that brings an item where it is wanted.

    Args:
        oracle: asks the target.
        context: the moment and the history that the target reads.
        item: the item's id.
        wish: where it is wanted, by which edits, within how many questions.
        neighbours: proposes what to add.
        excluded: items that are no candidates besides the history: the user's earlier ones.

    Raises:
        UserError: the user had the item, the list is shorter than the aim, the items have no
            attributes to edit by, or no edit of these kinds is possible.
    """
    catalogue = oracle.catalogue
    whole = next(oracle.rows_of_scores([context.history])).copy()
    case = case_of_scores(context, catalogue.row(item), whole, catalogue, excluded)
    if case.already_had:
        raise UserError(
            f"the user already had {catalogue.title(item)!r}, so it is not recommended; beside the "
            f"{case.candidates - 1:,} items that they have not had, the recommender ranks it "
            f"{case.rank:,}. Ask about an item that they have not had"
        )
    _require_room(case, wish.aim)
    additions = neighbours.additions(case, nearest=wish.aim.inside)
    moves = _moves(case, additions, wish, oracle)
    histories = EditedHistories(oracle, case, wish.aim, whole=whole, budget=wish.budget)
    met = wish.aim.met(histories.whole.standing)
    searched = Searched(None, None, 0)
    if not met:
        searched = search(histories, moves, wish.kinds, wish.longest)
    return WhatIf(
        case=case,
        aim=wish.aim.words,
        kinds=wish.kinds,
        by=wish.by,
        met=met,
        found=_standing(searched.found),
        nearest=_standing(searched.nearest),
        minimal=searched.minimal,
        irreducible=searched.irreducible,
        complete=searched.complete,
        tried=len({item for change in moves for item in change.new}),
        addable=len(additions),
        questions=histories.asked,
        budget=wish.budget,
        catalogue=catalogue,
    )


def _moves(case: Case, additions: Sequence[str], wish: Wish, oracle: Oracle) -> list[Change]:
    """Return the single changes that the wish allows; attributes draw on all items."""
    if wish.by == "item":
        moves = item_moves(case.history, additions[:_TRIED], wish.kinds)
    elif not oracle.catalogue.attribute_values:
        raise UserError("the items of this data set have no attributes: edit by item instead")
    else:
        moves = attribute_moves(case.history, additions, oracle.catalogue, wish.kinds)
    if not moves:
        raise UserError(
            f"no edit of the kinds {', '.join(wish.kinds)} by {wish.by} is possible: the history "
            f"of {len(case.history)} items would be left empty, or none of them has what can be "
            f"changed; allow others of {', '.join(KINDS)}"
        )
    return moves


def _require_room(case: Case, aim: Aim) -> None:
    if not aim.of_decision and aim.places(case.candidates) >= case.candidates:
        raise UserError(
            f"the aim {aim.words!r} needs a longer list: there are {case.candidates:,} candidates"
        )


def _standing(asked: AskedEdit | None) -> EditedStanding | None:
    if asked is None:
        return None
    answer, standing = asked.answer, asked.answer.standing
    return EditedStanding(
        asked.edit,
        answer.history,
        answer.score,
        standing.rank,
        standing.candidates,
        standing.decision,
    )
