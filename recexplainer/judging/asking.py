"""Questions to a chat model until they are answered, or are not worth another try."""

from __future__ import annotations

import random
import threading
from collections import Counter

from recexplainer.errors import RecxError, StageError
from recexplainer.judging.answers import Answer
from recexplainer.judging.chat_options import ChatOptions
from recexplainer.judging.service import ChatService, OtherFormError, PassingError, RefusedError
from recexplainer.judging.spending import CapReachedError, Spending

__all__ = ["Asker", "NoAnswerError"]

_FIRST_WAIT = 1.0
"""Seconds before the second try where the service does not say; each further wait is doubled."""
_LONGEST_WAIT = 60.0
"""Seconds; a service that asks for more is asked again after these."""
_JITTER = random.Random()
"""A generator of its own: waiting must not move the random numbers of whoever runs the judge."""
_HOPELESS = 10
"""Questions in a row without an answer, as many as are out at a time at least, that end it."""


class NoAnswerError(Exception):
    """A question has no answer; its text says why."""


class Asker:
    """Asks with retries; threads may share it.

    Args:
        options: how often and how patiently.
        service: who is asked.
        spending: counts, and has the last word on, every request.
    """

    def __init__(self, options: ChatOptions, service: ChatService, spending: Spending) -> None:
        self._options, self._service, self._spending = options, service, spending
        self._lock, self._halted = threading.Lock(), threading.Event()
        self._fatal: RecxError | None = None
        self._in_vain = 0
        self.failures: Counter[str] = Counter()
        """How often each kind of failure came back, tries that were repeated included."""

    def answer(self, system: str, user: str) -> Answer:
        """Return what the model says to one message.

        Raises:
            NoAnswerError: it failed at every try, is refused, or would pass a cap.
            StageError: the service answers nothing any more.
            UserError: it would refuse every question.
        """
        try:
            found = self._try(system, user)
        except PassingError as failure:
            self._note_in_vain(failure)
            raise NoAnswerError(f"no answer in {self._tries}: {failure}") from None
        except RefusedError as refusal:
            self._count("refused question")
            raise NoAnswerError(f"the service refuses this question: {refusal}") from None
        except CapReachedError as reached:
            self._count("not asked")
            raise NoAnswerError(f"not asked: {reached}") from None
        except RecxError as error:
            self.halt(error)
            raise
        self._in_vain = 0
        return found

    def halt(self, error: RecxError | None = None) -> None:
        """Let no thread wait or ask any more."""
        with self._lock:
            self._fatal = self._fatal or error
        self._halted.set()

    @property
    def _tries(self) -> str:
        return "1 try" if self._options.retries == 0 else f"{1 + self._options.retries} tries"

    def _try(self, system: str, user: str) -> Answer:
        failed = 0
        while True:
            try:
                return self._once(system, user)
            except OtherFormError:
                continue  # each objection rules out one of three fields, so this ends
            except PassingError as failure:
                self._count(failure.kind)
                failed += 1
                if failed > self._options.retries:
                    raise
                self._halted.wait(_pause(failed, failure.wait))

    def _once(self, system: str, user: str) -> Answer:
        if self._halted.is_set():
            raise self._fatal or NoAnswerError("not asked: the judge was stopped")
        with self._spending.request(system + user) as bill:
            try:
                answer = self._service.ask(system, user)
            except (OtherFormError, RefusedError):
                bill.cost = 0.0
                raise
            except PassingError as failure:
                bill.cost = bill.cost if failure.may_cost else 0.0
                raise
            if answer.tokens_in or answer.tokens_out:
                bill.cost = self._spending.price(answer.tokens_in, answer.tokens_out)
            return answer

    def _count(self, kind: str) -> None:
        with self._lock:
            self.failures[kind] += 1

    def _note_in_vain(self, failure: PassingError) -> None:
        """Give up on a service that has answered nothing for long. Raises StageError."""
        with self._lock:
            self._in_vain += 1
            hopeless = self._in_vain >= max(_HOPELESS, self._options.concurrency)
        if hopeless:
            error = StageError(
                f"{self._options.model} answers nothing any more ({failure}). What it answered is "
                "kept; the same command continues there"
            )
            self.halt(error)
            raise error from None


def _pause(failed: int, asked: float | None) -> float:
    """Return the seconds until the next try, at random within half so that not all come at once."""
    if asked is not None:
        return min(asked, _LONGEST_WAIT)
    return min(_FIRST_WAIT * 2.0 ** (failed - 1), _LONGEST_WAIT) * _JITTER.uniform(0.5, 1.0)
