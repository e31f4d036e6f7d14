"""Cases to be explained: (history, item) questions with the target's own answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from recexplainer.errors import UnknownNameError
from recexplainer.oracle import Oracle, case_rng, decided_rows, direction_of, standing_of
from recexplainer.plugins.interfaces import FloatArray
from recexplainer.records import Case, Catalogue, Context

__all__ = ["case_of_scores", "cited_account", "draw_cases", "make_case"]


def cited_account(case: Case, cited: Sequence[str]) -> dict[str, float]:
    """Return contributions as a text states them: the first cited item counts most.

    For a Yes the first one adds the most, for a No it takes off the most; what is not cited counts
    0.

    Args:
        case: the question, with the target's decision; where the target is undecided, the half the
            item lies in.
        cited: history items, in the order in which the text names them.
    """
    direction = direction_of(case)
    return {item: direction * (len(cited) - place) for place, item in enumerate(cited)}


def make_case(oracle: Oracle, context: Context, item: str, *, excluded: Sequence[str] = ()) -> Case:
    """Return the case of any user and item, with the target's score, rank and decision.

    Args:
        oracle: asks the target.
        context: the user's moment and the history the target reads.
        item: the item's id; one that the user had already counts as a candidate.
        excluded: items that are no candidates besides the history: the user's earlier ones.

    Raises:
        UnknownNameError: the item is not in the catalogue.
    """
    catalogue = oracle.catalogue
    if not catalogue.knows(item):
        raise UnknownNameError("item", item, catalogue.ids)
    scores = next(oracle.rows_of_scores([context.history]))
    return case_of_scores(context, catalogue.row(item), scores, catalogue, excluded)


def draw_cases(
    oracle: Oracle,
    contexts: Sequence[Context],
    excluded: Callable[[Context], Sequence[str]],
    *,
    users: int,
    seed: int,
) -> list[Case]:
    """Return a positive and a negative case for each of up to ``users`` evaluated contexts.

    The positive item is drawn evenly from the target's top 20 % of unseen items, the negative one
    from the bottom 50 % (paper, section 4.3).

    Args:
        oracle: asks the target.
        contexts: N contexts; those of the training split are passed over.
        excluded: the items a context's user had before it, none of which is a candidate.
        users: how many contexts to draw; half come from held-out users where there are enough.
        seed: makes the draw repeatable.
    """
    drawn = _draw_contexts(contexts, users, seed)
    cases: list[Case] = []
    rows = oracle.rows_of_scores([context.history for context in drawn])
    for context, scores in zip(drawn, rows, strict=True):
        cases.extend(_pair(context, scores, oracle.catalogue, excluded(context), seed))
    return cases


def _draw_contexts(contexts: Sequence[Context], users: int, seed: int) -> list[Context]:
    """Return held-out users, up to half, then leave-one-out; either fills up the other."""
    rng = np.random.default_rng(seed)

    def shuffled(split: str) -> list[Context]:
        members = [context for context in contexts if context.split == split]
        return [members[position] for position in rng.permutation(len(members))]

    held_out, familiar = shuffled("held_out_users"), shuffled("leave_one_out")
    first = max(users // 2, users - len(familiar))
    drawn = held_out[:first]
    return drawn + familiar[: users - len(drawn)]


def _pair(
    context: Context, scores: FloatArray, catalogue: Catalogue, excluded: Sequence[str], seed: int
) -> Iterator[Case]:
    """Yield a case of the top 20 % and one of the bottom 50 %, where there are such items."""
    unseen = scores.copy()
    unseen[catalogue.rows([*excluded, *context.history])] = -np.inf
    rng = case_rng(seed, context.id)
    for pool in decided_rows(unseen):
        if len(pool):
            row = int(pool[int(rng.integers(len(pool)))])
            yield case_of_scores(context, row, scores, catalogue, excluded)


def case_of_scores(
    context: Context, row: int, scores: FloatArray, catalogue: Catalogue, excluded: Sequence[str]
) -> Case:
    """Return the case of a context and an item, read from the target's scores.

    Args:
        context: the user's moment and the history the target reads.
        row: the item's row.
        scores: ``(I,)``, the target's after that history.
        catalogue: the items.
        excluded: items that are no candidates besides the history.
    """
    item = catalogue[row].id
    read = set(context.history)
    earlier = tuple(dict.fromkeys(seen for seen in excluded if seen not in read))
    seen = catalogue.rows([*context.history, *earlier])
    standing = standing_of(scores, row, seen)
    return Case(
        id=f"{context.id}/{item}",
        user=context.user,
        history=context.history,
        item=item,
        split=context.split,
        decision=standing.decision,
        score=float(scores[row]),
        rank=standing.rank,
        candidates=standing.candidates,
        earlier=earlier,
    )
