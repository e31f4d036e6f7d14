"""Requests to a chat model, retried until answered or not worth another try."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter

from recexplainer.chat.answers import Answer
from recexplainer.chat.budget import CapReachedError, Spending
from recexplainer.chat.chat_server import ChatRequest, ChatServer
from recexplainer.chat.request_form import RequestForm
from recexplainer.chat.service import ChatService, PassingError, RefusedError
from recexplainer.chat.window import Window
from recexplainer.errors import RecxError, StageError, UserError

__all__ = ["Asker", "NoAnswerError"]

_FIRST_WAIT = 1.0
"""Seconds before the second try where the service does not say; each further wait is doubled."""
_LONGEST_WAIT = 60.0
"""Seconds; a service that asks for more is asked again after these."""
_JITTER = random.Random()
"""A generator of its own: waiting must not move the random numbers of whoever asks."""
_HOPELESS = 10
"""Questions in a row without an answer that end it."""
_HOPELESS_AT_FIRST = 3
"""As many while there was no answer at all; of a service that nobody can connect to, one."""
_GO_ON = "What it answered is kept; run the same command again to go on"


class NoAnswerError(Exception):
    """A question has no answer; its text says why."""


class Asker:
    """Asks with retries; threads may share it.

    Args:
        server: how often and how patiently.
        service: what makes each try.
        spending: counts, and has the last word on, every request.
        window: how many questions are out at a time.
        every: whether one question without an answer ends it all.
    """

    def __init__(
        self,
        server: ChatServer,
        service: ChatService,
        spending: Spending,
        window: Window,
        *,
        every: bool = False,
    ) -> None:
        self._server, self._service, self._spending = server, service, spending
        self._window, self._every = window, every
        self._lock, self._halted = threading.Lock(), threading.Event()
        self._fatal: RecxError | None = None
        self._in_vain, self._refused, self._answered = 0, 0, False
        self.failures: Counter[str] = Counter()
        """How often each kind of failure came back, tries that were repeated included."""

    def answer(self, request: ChatRequest) -> Answer:
        """Return what the model says.

        Raises:
            NoAnswerError: it failed at every try, is refused, or would pass a cap.
            StageError: the service answers nothing any more, or not this where every one counts.
            UserError: it would refuse every question, or refuses this where every one counts.
        """
        try:
            found = self._try(request)
        except PassingError as failure:
            self._note_in_vain(failure)
            raise NoAnswerError(f"no answer in {self._server.tries}: {failure}") from None
        except RefusedError as refusal:
            self._count("refused question")
            self._need(
                UserError(f"{self._server} refuses the request: {refusal}{self._server.hint}")
            )
            self._note_refused(refusal)
            raise NoAnswerError(f"the service refuses this question: {refusal}") from None
        except CapReachedError as reached:
            self._count("not asked")
            self._need(StageError(f"{self._server.chat.model}: {reached}; raise it. {_GO_ON}"))
            raise NoAnswerError(f"not asked: {reached}") from None
        except RecxError as error:
            self.halt(error)
            raise
        self._in_vain, self._answered = 0, True
        return found

    def halt(self, error: RecxError | None = None) -> None:
        """Let no thread wait or ask any more."""
        with self._lock:
            self._fatal = self._fatal or error
        self._halted.set()
        self._window.shut()

    def _try(self, request: ChatRequest) -> Answer:
        failed = 0
        while True:
            try:
                return self._once(request)
            except PassingError as failure:
                self._count(failure.kind)
                failed += 1
                if failed > self._server.chat.retries:
                    raise
                self._halted.wait(_pause(failed, failure.wait))

    def _once(self, request: ChatRequest) -> Answer:
        """Ask in the form that the service takes; its place is kept while that is found out."""
        with self._window.place():
            search = self._service.search()
            while True:
                if self._halted.is_set():
                    raise self._fatal or NoAnswerError("not asked: it was stopped")
                began = time.monotonic()
                try:
                    answer = self._billed(request, search.form)
                except PassingError:
                    self._window.narrow(began)
                    raise
                except RefusedError as refusal:
                    if not search.go_on(refusal.whole, self._service.wanted(request)):
                        self._service.settle(None)
                        raise
                else:
                    self._service.settle(search.form)
                    self._window.open(time.monotonic() - began)
                    return answer

    def _billed(self, request: ChatRequest, form: RequestForm) -> Answer:
        with self._spending.request(request) as bill:
            try:
                answer = self._service.ask(request, form)
            except RefusedError:
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

    def _need(self, error: RecxError) -> None:
        """End it with ``error`` where every question counts."""
        if self._every:
            self.halt(error)
            raise error from None

    def _note_in_vain(self, failure: PassingError) -> None:
        """Give up on a service that has answered nothing for long. Raises StageError."""
        server, tries = self._server, 1 + self._server.chat.retries
        self._need(StageError(f"{server} failed {tries} times: {failure}. {_GO_ON}"))
        with self._lock:
            self._in_vain += 1
            hopeless = self._in_vain >= self._patience(failure)
        if hopeless:
            since = "any more" if self._answered else "at all"
            error = StageError(
                f"{server} answers nothing {since} ({failure}). What it answered is "
                "kept; the same command continues there"
            )
            self.halt(error)
            raise error from None

    def _patience(self, failure: PassingError) -> int:
        if self._answered:
            return _HOPELESS
        return 1 if failure.kind == "no connection" else _HOPELESS_AT_FIRST

    def _note_refused(self, refusal: RefusedError) -> None:
        """Give up on a service that refuses whatever it is asked. Raises UserError."""
        with self._lock:
            self._refused += 1
            hopeless = not self._answered and self._refused >= _HOPELESS
        if hopeless:
            server = self._server
            error = UserError(f"{server} refuses every question: {refusal}{server.hint}")
            self.halt(error)
            raise error from None


def _pause(failed: int, asked: float | None) -> float:
    """Return the seconds until the next try, at random within half so that not all come at once."""
    if asked is not None:
        return min(asked, _LONGEST_WAIT)
    return min(_FIRST_WAIT * 2.0 ** (failed - 1), _LONGEST_WAIT) * _JITTER.uniform(0.5, 1.0)
