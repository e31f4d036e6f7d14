"""Shared run: a loaded run that many ask at once; one thread of its own puts their questions.

The target, the oracle's memory and the language model are not made for several threads.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from recexplainer.pipeline import LoadedRun
from recexplainer.service.answer_cache import AnswerCache
from recexplainer.service.refusals import BusyError, StoppedError, TooLateError

__all__ = ["ACCOUNT", "Limits", "SharedRun"]

T = TypeVar("T")

ACCOUNT = "occlusion"
"""The explainer whose texts are the recommender's own account."""
_FIRST_GUESS = 0.05
"""Seconds per question, before any was answered."""
_RECENT = 0.2
"""Weight of the latest question in the mean of seconds per question."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a shared run does at most.

    Attributes:
        deadline: seconds from asking to the answer.
        queue: questions that may wait while one is answered.
        cache: answers that are kept.
        patience: seconds that an answer may be expected to take; who would wait longer is refused,
            unless nobody waits. None is the deadline.
    """

    deadline: float = 10.0
    queue: int = 64
    cache: int = 4096
    patience: float | None = None


@dataclass(slots=True)
class _Pending:
    """A question that is not answered yet, and how many wait for it."""

    future: Future[Any]
    waiters: int = 0


class SharedRun:
    """A loaded run, asked by one thread, through a queue with an end.

    Equal questions are put once: those in the queue share their answer, and those that have a key
    keep it. ``close`` it when done.

    Args:
        run: asked by nobody else from now on.
        limits: of the queue, the time and the cache.
    """

    def __init__(self, run: LoadedRun, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self.fingerprint = run.fingerprint
        self.explainers = run.explainers
        self._run = run
        self._cache = AnswerCache(self.limits.cache)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="shared-run")
        self._lock = threading.RLock()  # what is done at once calls back at once
        self._pending: dict[Hashable, _Pending] = {}
        self._stopped = False
        self._seconds = _FIRST_GUESS
        self.hits = 0
        """How many answers came from the cache."""

    @property
    def waiting(self) -> int:
        """How many questions wait or are being answered."""
        return len(self._pending)

    @property
    def kept_count(self) -> int:
        """How many answers are kept."""
        return len(self._cache)

    def kept(self, key: Hashable) -> Any:
        """Return the answer that is kept as ``key``, or None."""
        return self._cache.find((self.fingerprint, key))

    async def ask(
        self,
        question: Callable[[LoadedRun], T],
        *,
        key: Hashable = None,
        deadline: float | None = None,
    ) -> T:
        """Return the answer to ``question``, from the cache where it is kept.

        Args:
            question: called with the run, in the thread of the run; its answer is not None.
            key: names the question: all that its answer depends on besides the run. None keeps
                nothing.
            deadline: in seconds; that of the limits by default.

        Raises:
            BusyError: as many questions wait as may.
            TooLateError: the deadline passed. A question that still waited is not put any more;
                one that was being answered is kept when it is.
            StoppedError: the run was closed.
            RecxError: whatever the question raises.
        """
        if key is not None and (kept := self.kept(key)) is not None:
            self.hits += 1
            answer: T = kept
            return answer
        seconds = self.limits.deadline if deadline is None else deadline
        name = object() if key is None else key
        pending = self._put(question, name, keeps=key is not None)
        try:
            answered = asyncio.shield(asyncio.wrap_future(pending.future))
            return await asyncio.wait_for(answered, seconds)
        except TimeoutError:
            if pending.future.done() and not pending.future.cancelled():
                late: T = pending.future.result()  # by a hair, or an error of the question's own
                return late
            raise TooLateError(seconds) from None
        except asyncio.CancelledError:
            if self._stopped and pending.future.cancelled():
                raise StoppedError from None
            raise
        finally:
            self._leave(pending)

    def loaded(self) -> None:
        """Forget how long questions took so far: the first ones load the run."""
        self._seconds = _FIRST_GUESS

    def close(self) -> None:
        """Take no more questions; what is being answered ends, what waits raises StoppedError."""
        with self._lock:
            self._stopped = True
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _put(
        self, question: Callable[[LoadedRun], Any], name: Hashable, *, keeps: bool
    ) -> _Pending:
        with self._lock:
            if self._stopped:
                raise StoppedError
            pending = self._pending.get(name)
            if pending is None:
                if self._full:
                    raise BusyError(len(self._pending), self._retry_after())
                future = self._thread.submit(self._answer, question, name if keeps else None)
                pending = self._pending[name] = _Pending(future)
                future.add_done_callback(lambda _: self._forget(name, pending))
            pending.waiters += 1
            return pending

    @property
    def _full(self) -> bool:
        """Whether one question more would wait for too long, or behind too many."""
        limits, before = self.limits, len(self._pending)
        patience = limits.deadline if limits.patience is None else limits.patience
        return before > limits.queue or (before > 0 and self._seconds * (before + 1) > patience)

    def _answer(self, question: Callable[[LoadedRun], T], key: Hashable) -> T:
        """Put the question; runs in the thread of the run."""
        began = time.perf_counter()
        answer = question(self._run)
        if key is not None:
            self._cache.keep((self.fingerprint, key), answer)
        self._seconds += _RECENT * (time.perf_counter() - began - self._seconds)
        return answer

    def _leave(self, pending: _Pending) -> None:
        """Note that one waits less; a question that nobody waits for is not put any more."""
        with self._lock:
            pending.waiters -= 1
            if not pending.waiters:
                pending.future.cancel()

    def _forget(self, name: Hashable, pending: _Pending) -> None:
        with self._lock:
            if self._pending.get(name) is pending:
                del self._pending[name]

    def _retry_after(self) -> int:
        return max(1, math.ceil(self._seconds * len(self._pending)))
