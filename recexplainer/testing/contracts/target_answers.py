"""Rules for every answer to histories: scores and user vectors alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from recexplainer.metrics.read_items import Ask, difference
from recexplainer.plugins.interfaces import FloatArray
from recexplainer.records import Catalogue, InteractionLog
from recexplainer.testing.contracts.rules import (
    FAILURES,
    check_floats,
    check_same,
    inapplicable,
    survives,
)

__all__ = [
    "asked_of",
    "check_answered",
    "check_batches",
    "check_order_ignored",
    "check_own_array",
    "check_window",
    "known_histories",
    "steady",
    "strange_histories",
]

_KNOWN = 5


def known_histories(log: InteractionLog, max_history: int) -> list[list[str]]:
    """Return histories that users have, of many lengths, none above ``max_history``."""
    users = list(log.histories.values())
    spread = [users[place * len(users) // _KNOWN] for place in range(_KNOWN)]
    return [[*spread[0][:1]], *(list(history[-max_history:]) for history in spread)]


def strange_histories(log: InteractionLog, max_history: int) -> list[list[str]]:
    """Return histories that no user has: two mixed, one item removed, reversed, and made up."""
    users = list(log.histories.values())
    first, second = users[0], users[len(users) // 2]
    mixed = [*first[: max_history // 2], *second[-(max_history - max_history // 2) :]]
    return [
        mixed,
        [*second[:1], *second[2:]][-max_history:],
        list(second[-max_history:][::-1]),
        list(log.catalogue.ids[:max_history]),
    ]


def steady(ask: Callable[[], FloatArray], rows: int, width: int | None, rules: str) -> FloatArray:
    """Return what ``ask`` returns; skip the running rule unless it is the same array twice.

    Args:
        ask: asks one question.
        rows: how many rows the answer has to have.
        width: how many columns; None accepts any number.
        rules: those that tell what is wrong with the answer.
    """
    __tracebackhide__ = True
    try:
        first = np.array(ask())
        check_floats(first, (rows, width), "the answer")
        repeats = not difference(first, np.array(ask()))
    except FAILURES:  # whatever it is, the other rules show it
        repeats = False
    if not repeats:
        inapplicable(f"rests on {rules}, one of which is broken")
    return first


def check_answered(
    ask: Ask, histories: Sequence[Sequence[str]], width: int, name: str, fix: str
) -> None:
    """Require a finite answer of ``width`` numbers to each of ``histories``, asked one by one."""
    __tracebackhide__ = True
    for history in histories:
        shown = f"{name} of {'an empty history' if not history else list(history)}"
        answer = survives(partial(ask, [history]), shown, fix)
        check_floats(answer, (1, width), shown)


def check_batches(ask: Ask, histories: Sequence[Sequence[str]], what: str) -> None:
    """Require the same answers alone, together, and together in the other order."""
    __tracebackhide__ = True
    together = ask(histories)
    alone = np.concatenate([ask([history]) for history in histories])
    backwards = ask(histories[::-1])[::-1]
    fix = "pad and normalize per history; batch statistics must not reach the answer"
    check_same(together, alone, f"a history alone got other {what} than in a batch", fix)
    check_same(together, backwards, f"{what} changed with the order of the batch", fix)


def asked_of(ask: Ask, histories: Sequence[Sequence[str]]) -> FloatArray:
    """Return the answer to copies of ``histories``; skip the rule where there is none."""
    __tracebackhide__ = True
    try:
        return np.array(ask([list(history) for history in histories]))
    except Exception:  # noqa: BLE001  # whatever it is, the rules on answers show it
        inapplicable("rests on the rule 'a history that no user had is answered', which is broken")


def check_window(ask: Ask, catalogue: Catalogue, max_history: int, what: str) -> None:
    """Require that only the last ``max_history`` items of a history are read."""
    __tracebackhide__ = True
    long = catalogue.ids[: 3 * max_history]
    check_same(
        asked_of(ask, [long]),
        asked_of(ask, [long[-max_history:]]),
        f"items before the last {max_history} changed the {what}",
        "cut each history to its last kit.max_history items before reading it",
    )


def check_order_ignored(ask: Ask, histories: Sequence[Sequence[str]], what: str) -> None:
    """Require the same answer to a history read backwards."""
    __tracebackhide__ = True
    check_same(
        ask(histories),
        ask([history[::-1] for history in histories]),
        f"{what} changed with the order of a history, which is declared not to count",
        "read a history as a set, or do not declare that order does not count (the capability "
        "'unordered', or reads_order = False on the test class)",
    )


def check_own_array(ask: Callable[[], FloatArray], name: str) -> None:
    """Require that writing into an answer does not change the next one."""
    __tracebackhide__ = True
    before, answer = ask().copy(), ask()
    if answer.flags.writeable:
        answer[:] = -1.0
    check_same(
        before,
        ask(),
        f"writing into what {name} returned changed its next answer",
        "return a copy of internal arrays (for torch weights: .detach().cpu().numpy().copy()); "
        "callers mask seen items in place",
    )
