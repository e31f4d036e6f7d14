"""Which (history, item) questions are explained, and what f itself says of them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from recexplainer.errors import UnknownNameError
from recexplainer.explanation.asking import HISTORIES_AT_ONCE, rank_of
from recexplainer.plugins.interfaces import FloatArray, Target
from recexplainer.records import Case, Catalogue, Context, Decision

__all__ = ["case_rng", "decision_of", "direction_of", "draw_cases", "leaning", "make_case"]


def decision_of(rank: int, candidates: int) -> Decision | None:
    """Return f's decision: Yes in the top 20 % of candidates, No in the bottom 50 %, else None."""
    if rank <= max(1, candidates // 5):
        return "Yes"
    return "No" if rank > candidates - candidates // 2 else None


def leaning(case: Case) -> Decision:
    """Return f's decision; where f is undecided, Yes in the upper half of the candidates."""
    return case.decision or ("Yes" if 2 * case.rank <= case.candidates else "No")


def direction_of(case: Case) -> float:
    """Return 1 where a higher score speaks for f's decision, -1 where a lower one does."""
    return 1.0 if leaning(case) == "Yes" else -1.0


def case_rng(seed: int, name: str) -> np.random.Generator:
    """Return a generator that depends on ``seed`` and ``name`` only, not on what else is drawn."""
    return np.random.default_rng([seed, zlib.crc32(name.encode())])


def make_case(
    target: Target,
    context: Context,
    item: str,
    *,
    catalogue: Catalogue,
    excluded: Sequence[str] = (),
) -> Case:
    """Return the case of any user and item, with f's score, rank and decision.

    Args:
        target: f.
        context: the user's moment and the history f reads.
        item: the item's id; one that the user had already counts as a candidate.
        catalogue: the items.
        excluded: items that are no candidates besides the history: the user's earlier ones.

    Raises:
        UnknownNameError: the item is not in the catalogue.
    """
    if item not in catalogue.ids:
        raise UnknownNameError("item", item, catalogue.ids)
    scores = target.scores([context.history])[0]
    return _case(context, catalogue.row(item), scores, catalogue, excluded)


def draw_cases(
    target: Target,
    contexts: Sequence[Context],
    catalogue: Catalogue,
    excluded: Callable[[Context], Sequence[str]],
    *,
    users: int,
    seed: int,
) -> list[Case]:
    """Return a positive and a negative case for each of up to ``users`` evaluated contexts.

    The positive item is drawn evenly from f's top 20 % of unseen items, the negative one from the
    bottom 50 % (paper, section 4.3).

    Args:
        target: f; asked in batches.
        contexts: N contexts; those of the training split are passed over.
        catalogue: the items.
        excluded: the items a context's user had before it, none of which is a candidate.
        users: how many contexts to draw; half come from held-out users where there are enough.
        seed: makes the draw repeatable.
    """
    drawn = _draw_contexts(contexts, users, seed)
    cases: list[Case] = []
    for start in range(0, len(drawn), HISTORIES_AT_ONCE):
        batch = drawn[start : start + HISTORIES_AT_ONCE]
        scores = target.scores([context.history for context in batch])
        for context, row in zip(batch, scores, strict=True):
            cases.extend(_pair(context, row, catalogue, excluded(context), seed))
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
    seen = set(catalogue.rows([*excluded, *context.history]))
    order = [int(row) for row in np.argsort(-scores, kind="stable") if int(row) not in seen]
    decisions = [decision_of(position + 1, len(order)) for position in range(len(order))]
    rng = case_rng(seed, context.id)
    for wanted in ("Yes", "No"):
        pool = [row for row, decision in zip(order, decisions, strict=True) if decision == wanted]
        if pool:
            yield _case(context, pool[int(rng.integers(len(pool)))], scores, catalogue, excluded)


def _case(
    context: Context, row: int, scores: FloatArray, catalogue: Catalogue, excluded: Sequence[str]
) -> Case:
    item = catalogue[row].id
    read = set(context.history)
    earlier = tuple(dict.fromkeys(seen for seen in excluded if seen not in read))
    seen = catalogue.rows([*context.history, *earlier])
    rank, candidates = rank_of(scores, row, seen)
    return Case(
        id=f"{context.id}/{item}",
        user=context.user,
        history=context.history,
        item=item,
        split=context.split,
        decision=decision_of(rank, candidates),
        score=float(scores[row]),
        rank=rank,
        candidates=candidates,
        earlier=earlier,
    )
