"""Many questions to one chat model at a time, none of them twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property
from types import TracebackType
from typing import Any

from recexplainer.chat.answers import Answer, AnswerBook
from recexplainer.chat.budget import Estimate, Limits, Spending
from recexplainer.chat.chat_server import ChatRequest, ChatServer
from recexplainer.chat.retries import Asker
from recexplainer.chat.service import ChatService
from recexplainer.chat.tally import Tally
from recexplainer.chat.window import Window

__all__ = ["ChatClient"]

Reply = Callable[[ChatRequest], Answer]


class ChatClient(AbstractContextManager["ChatClient"]):
    """Answers conversations by asking a server, or from the book what was asked before.

    Args:
        server: who is asked, and how hard.
        book: answers that are there; new ones are added as they come. Clients may share it.
        limits: of requests and cost, over all calls.
        form: the ``response_format`` that answers are wished in; None for any text.
        key: what an answer is kept under; None takes the server's own.
    """

    def __init__(
        self,
        server: ChatServer,
        book: AnswerBook,
        *,
        limits: Limits | None = None,
        form: Mapping[str, Any] | None = None,
        key: Callable[[ChatRequest], str] | None = None,
    ) -> None:
        self.server = server
        self._book, self._form, self._key = book, form, key or server.key
        self._limits = limits or Limits()
        self.spending = Spending(self._limits)
        self.window = Window(server.chat.concurrency, server.timeout)
        self.tally = Tally()
        """Of the answers that the server gave, not the book."""
        self.failures: Counter[str] = Counter()
        """How often each kind of failure came back, tries that were repeated included."""

    @property
    def answered(self) -> int:
        """How many questions the server answered, not the book."""
        return len(self.tally)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if "_service" in self.__dict__:
            self._service.close()

    def new(self, requests: Iterable[ChatRequest]) -> list[ChatRequest]:
        """Return those that are not in the book, each once, in order."""
        distinct = dict.fromkeys(requests)
        return [request for request in distinct if self._book.find(self._key(request)) is None]

    def estimate(self, requests: Sequence[ChatRequest]) -> Estimate:
        """Return what asking ``requests`` once each takes at most."""
        return self._limits.estimate(requests)

    def complete(self, requests: Sequence[ChatRequest]) -> list[str]:
        """Return the text of each answer; nothing less than all will do.

        Raises:
            StageError: the server fails in spite of retries, or a limit is reached; what was
                answered is kept, and the same command goes on from there.
            UserError: the server refuses the key, the model or a question.
        """
        with self.asking(requests, every=True) as reply:
            return [reply(request).said for request in requests]

    @contextmanager
    def asking(self, requests: Iterable[ChatRequest], *, every: bool = False) -> Iterator[Reply]:
        """Ask all that is new, and yield what waits for the answer to one request.

        That raises NoAnswerError where a request has none, and what ``Asker.answer`` raises where
        no other will have one either. Nothing more is asked once the block ends.

        Args:
            requests: what ``reply`` will be called with.
            every: whether one question without an answer ends it all.
        """
        new = self.new(requests)
        if not new:
            yield self._kept
            return
        asker = Asker(self.server, self._service, self.spending, self.window, every=every)
        self.tally.start()
        threads = ThreadPoolExecutor(self.server.chat.concurrency, thread_name_prefix="chat")
        try:
            coming = {request: threads.submit(self._ask, request, asker) for request in new}
            yield lambda one: coming[one].result() if one in coming else self._kept(one)
        finally:
            # Giving up half-way, also by an error, lets no further question out.
            asker.halt()
            threads.shutdown(wait=True, cancel_futures=True)
            self.failures.update(asker.failures)

    def _ask(self, request: ChatRequest, asker: Asker) -> Answer:
        answer = asker.answer(request)
        self._book.keep(self._key(request), answer)  # by the thread: it has been paid for
        self.tally.add(answer)
        return answer

    def _kept(self, request: ChatRequest) -> Answer:
        answer = self._book.find(self._key(request))
        if answer is None:
            raise KeyError(f"not among the requests: {request}")
        return answer

    @cached_property
    def _service(self) -> ChatService:
        return ChatService(self.server, self._form)
