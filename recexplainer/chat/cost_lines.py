"""Log of the estimated and the actual cost of a batch of requests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from recexplainer.chat.chat_server import ChatRequest
from recexplainer.chat.client import ChatClient, Reply
from recexplainer.records import Progress

__all__ = ["asking_aloud"]


@contextmanager
def asking_aloud(
    client: ChatClient, requests: Iterable[ChatRequest], name: str, progress: Progress
) -> Iterator[Reply]:
    """Ask as ``client.asking`` does; log the cost at most before, the real one after.

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
            yield reply
    finally:
        spending = client.spending
        cost = "" if expected.cost is None else f", ${spending.cost:.2f}"
        counted = "".join(f", {n:,} x {kind}" for kind, n in sorted(client.failures.items()))
        progress.note(f"{name}: {spending.requests:,} requests{cost}{counted}")
