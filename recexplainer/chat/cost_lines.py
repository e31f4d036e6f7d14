"""Log of the estimated and the actual cost of a batch of requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from recexplainer.chat.answers import Answer
from recexplainer.chat.chat_server import ChatRequest
from recexplainer.chat.client import ChatClient, Reply
from recexplainer.records import Progress

__all__ = ["asking_aloud"]

_ENOUGH = 5
"""Answers by which the others are told."""


@contextmanager
def asking_aloud(
    client: ChatClient, requests: Iterable[ChatRequest], name: str, progress: Progress
) -> Iterator[Reply]:
    """Ask as ``client.asking`` does, and log the cost: at most, to be expected, and real.

    What is to be expected is said once some answers are there.

    Args:
        client: who asks.
        requests: all that is asked; several may be the same question.
        name: who asks, as the log names it, such as ``chat:gpt-4.1-mini``.
        progress: where it is logged.
    """
    distinct = list(dict.fromkeys(requests))
    new = client.new(distinct)
    expected = client.estimate(new)
    progress.note(f"{name}: {expected}; {len(distinct) - len(new):,} answers are kept from before")
    try:
        with client.asking(distinct) as reply:
            yield _forecasting(
                reply, client, len(new), lambda said: progress.note(f"{name}: {said}")
            )
    finally:
        spending = client.spending
        cost = "" if expected.cost is None else f", ${spending.cost:.2f}"
        taken = f", {client.tally}" if client.answered else ""
        at_once = f", {client.window.widest} at a time at most" if client.window.widest > 1 else ""
        counted = "".join(f", {n:,} x {kind}" for kind, n in sorted(client.failures.items()))
        progress.note(f"{name}: {spending.requests:,} requests{cost}{taken}{at_once}{counted}")


def _forecasting(reply: Reply, client: ChatClient, total: int, say: Callable[[str], None]) -> Reply:
    """Return ``reply``, which says what all answers will take once some are there."""
    told = False

    def answered(request: ChatRequest) -> Answer:
        nonlocal told
        answer = reply(request)
        if not told and _ENOUGH <= client.answered < total:
            told = True
            say(client.tally.forecast(total))
        return answer

    return answered
