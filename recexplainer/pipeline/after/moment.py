"""Moment that a question to a run is about: somebody's history, or one that nobody had."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from recexplainer.config.sections import DatasetConfig
from recexplainer.data.plural_words import counted
from recexplainer.errors import UnknownNameError, UserError
from recexplainer.explanation.edits.changes import Edit, changed
from recexplainer.pipeline.execution.bench import Bench
from recexplainer.plugins.interfaces import FloatArray
from recexplainer.records import Case, Context

__all__ = [
    "Moment",
    "edited",
    "find_items",
    "first_choice",
    "first_of_scores",
    "moment_of",
    "moment_of_history",
    "moment_of_user",
    "notes_of_history",
    "unusual",
    "without_items",
]


@dataclass(frozen=True)
class Moment:
    """What is asked about: a history as the target reads it, and all that was had by then.

    Attributes:
        context: the window that the target reads.
        seen: all items that are no candidates, oldest first; the window is their end.
        removed: those that were taken out of the window for this question.
        added: those that were put into it.
    """

    context: Context
    seen: tuple[str, ...]
    removed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()


def moment_of(bench: Bench, user: str | None, history: Sequence[str] | None) -> Moment:
    """Return the moment of the one of the two that is given.

    Raises:
        UnknownNameError: no such user or item; the nearest are named.
        UserError: user and history are both given or both missing, or the history is none.
    """
    if user is not None and history is None:
        return moment_of_user(bench, user)
    if history is not None and user is None:
        return moment_of_history(bench, history)
    raise UserError(
        "give one of the two: user=..., somebody of the data set, or history=[...], titles "
        "or item ids that nobody need have had"
    )


def moment_of_user(bench: Bench, user: str) -> Moment:
    """Return the moment after everything the user did.

    Raises:
        UnknownNameError: no such user; the nearest are named.
    """
    histories = bench.log.histories
    if user not in histories:
        has = f"The run has {counted(len(histories), 'user')}."
        hint = f"{has}{_left_out(bench.config.dataset, 'Users')}"
        raise UnknownNameError("user", user, histories, hint=hint)
    history = histories[user]
    shown = history[-bench.config.dataset.max_history :]
    return Moment(Context(user, len(history), shown, bench.split_of_user[user]), history)


def moment_of_history(bench: Bench, given: Sequence[str]) -> Moment:
    """Return the moment after a history that nobody need have had.

    Args:
        bench: the run.
        given: titles or item ids, oldest first.

    Raises:
        UnknownNameError: no such item; the nearest are named.
        UserError: a single text is given, or an item twice.
    """
    if isinstance(given, str):
        raise UserError(
            f"history={given!r} is no history: give a list of titles or item ids, oldest first"
        )
    history = find_items(given, bench)
    twice = [one for place, one in enumerate(history) if one in history[:place]]
    if twice:
        raise UserError(
            f"the history has {bench.catalogue.title(twice[0])!r} twice; as in the data set, an "
            "item counts when it was first had: leave the later ones out"
        )
    # A name of its own, so that whatever is drawn for this history is drawn again the same.
    name = f"history-{hashlib.sha256(chr(0).join(history).encode()).hexdigest()[:12]}"
    shown = history[-bench.config.dataset.max_history :]
    return Moment(Context(name, len(history), shown, "held_out_users"), history)


def without_items(bench: Bench, moment: Moment, given: Sequence[str]) -> Moment:
    """Return the moment with items taken out of what the target reads.

    What is taken out stays no candidate, and no earlier item moves up in its place, so that ranks
    before and after compare.

    Args:
        bench: the run.
        moment: the history.
        given: titles or item ids.

    Raises:
        UnknownNameError: no such item; the nearest are named.
        UserError: an item is not among those that the target reads.
    """
    gone = find_items(given, bench)
    context = moment.context
    for name, item in zip(given, gone, strict=True):
        if item not in context.history:
            raise _unread(bench, moment, name)
    kept = tuple(item for item in context.history if item not in gone)
    removed = (*moment.removed, *dict.fromkeys(gone))
    return replace(moment, context=replace(context, history=kept), removed=removed)


def edited(bench: Bench, moment: Moment, edit: Edit) -> Moment:
    """Return the moment after an edit of what the target reads, such as one that ``what_if`` found.

    What goes and what comes are no candidates, so that ranks before and after compare, and nothing
    is cut off at the front to make room for what comes.

    Args:
        bench: the run.
        moment: the history.
        edit: changes of items by their ids.

    Raises:
        UnknownNameError: no such item; the nearest are named.
        UserError: an item goes that the target does not read, or one comes that was had or comes
            twice.
    """
    old = tuple(item for change in edit for item in change.old)
    new = tuple(item for change in edit for item in change.new)
    titles = {item: _title(bench, item) for item in (*old, *new)}
    had = set(moment.seen)
    for item in old:
        if item not in moment.context.history:
            raise _unread(bench, moment, titles[item])
    for item in new:
        if item in had:
            raise UserError(f"{titles[item]!r} cannot be put in: the history has it already")
        had.add(item)
    return Moment(
        replace(moment.context, history=changed(moment.context.history, edit)),
        (*moment.seen, *new),
        (*moment.removed, *old),
        (*moment.added, *new),
    )


def _title(bench: Bench, item: str) -> str:
    if not bench.catalogue.knows(item):
        raise UnknownNameError("item", item, bench.catalogue.ids, hint="An edit names items by id.")
    return bench.catalogue.title(item)


def _unread(bench: Bench, moment: Moment, given: str) -> UserError:
    read = "; ".join(bench.catalogue.title(one) for one in moment.context.history)
    return UserError(
        f"{given!r} cannot be taken out: the recommender does not read it. It reads: "
        f"{read or 'nothing'}"
    )


def notes_of_history(moment: Moment) -> Iterator[str]:
    """Yield a sentence about each thing that is unusual of a history, whatever is asked of it."""
    read, seen, removed = moment.context.history, moment.seen, moment.removed
    shown, had = len(read) + len(removed) - len(moment.added), len(seen) - len(moment.added)
    if not read:
        which = "history is empty" if not removed else "whole history is taken out"
        yield f"The {which}: the recommender says this of anybody it knows nothing about."
    elif removed:
        yield (
            f"{counted(len(removed), 'item')} of the history, taken out for this question, "
            f"{'stays' if len(removed) == 1 else 'stay'} out of the list."
        )
    if moment.added:
        yield f"{counted(len(moment.added), 'item')} that the user has not had, put in for this."
    if had > shown:
        yield (
            f"The recommender reads the last {shown} of the {had} items in the history "
            "(dataset.max_history): what came before changes nothing."
        )


def unusual(bench: Bench, moment: Moment, case: Case) -> Iterator[str]:
    """Yield a sentence about each thing that sets a question apart from those that a run asks.

    Args:
        bench: the run.
        moment: the history that is asked about.
        case: the item in question, after that history.
    """
    title, seen = bench.catalogue.title(case.item), moment.seen
    yield from notes_of_history(moment)
    if case.already_had:
        yield (
            f"{title!r} is number {seen.index(case.item) + 1} of the "
            f"{counted(len(seen), 'item')} in the history, oldest first, so it is no candidate to "
            "be recommended; how the recommender scores it can be asked all the same."
        )
    if not bench.split.popularity[bench.catalogue.row(case.item)]:
        yield (
            f"{title!r} is in none of the histories that this run trains recommenders on: one that "
            "was trained here has learned nothing about it."
        )


def first_choice(bench: Bench, moment: Moment) -> str:
    """Return the unseen item that the target scores highest; of equals one chosen by the seed."""
    return first_of_scores(
        bench, moment, next(bench.oracle.rows_of_scores([moment.context.history]))
    )


def first_of_scores(bench: Bench, moment: Moment, scores: FloatArray) -> str:
    """Return the same, read from the target's scores of all items, ``(I,)``.

    Raises:
        UserError: the history holds every item.
    """
    import numpy as np

    from recexplainer.oracle import case_rng

    context, scores = moment.context, scores.copy()
    scores[bench.catalogue.rows(moment.seen)] = -np.inf
    if not np.isfinite(scores).any():
        raise UserError(
            f"the history of {context.user} holds every item, so that none is left to recommend; "
            "name one, to ask about it all the same"
        )
    best = np.flatnonzero(scores == scores.max())
    drawn = case_rng(bench.config.seed, f"first choice {context.id}").integers(len(best))
    return bench.catalogue.ids[int(best[drawn])]


def find_items(given: Sequence[str], bench: Bench) -> tuple[str, ...]:
    """Return the id of each title (in any case) or id.

    Raises:
        UnknownNameError: no such item; the nearest are named.
    """
    return tuple(_find_item(one, bench) for one in given)


def _find_item(given: str, bench: Bench) -> str:
    catalogue, title = bench.catalogue, given.strip()
    found = catalogue.id_of_title.get(title) or catalogue.id_of_folded_title.get(title.casefold())
    if found:
        return found
    if catalogue.knows(given):
        return given
    hint = f"Give a title or an item id.{_left_out(bench.config.dataset, 'Items')}"
    raise UnknownNameError("item", given, {*catalogue.titles, *catalogue.ids}, hint=hint)


def _left_out(dataset: DatasetConfig, things: Literal["Users", "Items"]) -> str:
    """Return why somebody or something of the data set may not be in the run."""
    too_few = f"{things} with fewer than {dataset.min_interactions} interactions were left out"
    hint = f" {too_few} (dataset.min_interactions)."
    if things == "Users" and dataset.sample_users is not None:
        return f"{hint} Of the others {dataset.sample_users:,} were drawn (dataset.sample_users)."
    if dataset.top_items is not None:
        most = f"the {dataset.top_items:,} with most interactions were kept (dataset.top_items)"
        return f"{hint} Of all items {most}."
    return hint
