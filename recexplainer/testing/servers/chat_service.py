"""Stand-in for a chat model: a real service on this machine that speaks OpenAI's protocol."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from recexplainer.testing.servers.http_service import Reply, Request, serving

__all__ = ["ChatReply", "ChatStandIn", "chat_service"]


@dataclass(frozen=True)
class ChatReply:
    """One reply.

    Attributes:
        text: what the model says.
        status: of HTTP; others than 200 send ``error``.
        raw: sent as it is, in place of all else.
        wait: seconds before it is sent.
        finish: why the model stopped.
        reasoning: what it thought, sent apart from the answer; None where it does not think.
        refusal: what it says in place of an answer.
        headers: beside those of every reply.
        error: what the service says to a status that is none of success.
    """

    text: str | None = None
    status: int = 200
    raw: str | None = None
    wait: float = 0.0
    finish: str = "stop"
    reasoning: str | None = None
    refusal: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    error: str = "no luck"

    def body(self, model: str) -> Any:
        """Return what is sent in the name of ``model``; it is said to cost 1,000 tokens and 10."""
        if self.raw is not None:
            return self.raw
        if self.status != 200:
            return {"error": {"message": self.error, "type": "x", "code": None, "param": None}}
        message = {"role": "assistant", "content": self.text, "refusal": self.refusal}
        if self.reasoning is not None:
            message["reasoning_content"] = self.reasoning
        choice = {"index": 0, "finish_reason": self.finish, "message": message}
        usage = {"prompt_tokens": 1000, "completion_tokens": 10, "total_tokens": 1010}
        whole = {"id": "x", "object": "chat.completion", "created": 1, "model": model}
        return {**whole, "choices": [choice], "usage": usage}


class ChatStandIn:
    """Keeps what it was asked, and answers from ``script`` first, then as ``say`` does.

    Attributes:
        address: where it listens, to be given as ``base_url``.
        say: the body of a request to what is answered.
        script: replies that come first.
        delay: seconds that every reply takes which does not say otherwise.
        not_taken: fields of a request that are objected to.
        asked, at, keys: the body, the moment and the Authorization header of each request.
        answered: how many have been answered.
        most_at_once: how many were under way together at most.
    """

    def __init__(self, say: Callable[[dict[str, Any]], str | ChatReply]) -> None:
        self.address, self.say, self.delay = "", say, 0.0
        self.script: deque[ChatReply] = deque()
        self.not_taken: tuple[str, ...] = ()
        self.asked: list[dict[str, Any]] = []
        self.at: list[float] = []
        self.keys: list[str] = []
        self.answered = self.most_at_once = 0
        self._at_once, self._lock = 0, threading.Lock()

    def answer(self, request: Request) -> Reply:
        """Return what a client is sent."""
        if not request.path.endswith("/v1/chat/completions"):
            return Reply({"error": {"message": f"no such path: {request.path}"}}, 404)
        body = request.json
        with self._lock:
            self.asked.append(body)
            self.at.append(time.monotonic())
            self.keys.append(request.headers.get("Authorization", ""))
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            said = self._said(body)
        time.sleep(said.wait or self.delay)
        with self._lock:
            self._at_once -= 1
            self.answered += 1
        return Reply(said.body(body["model"]), said.status, said.headers)

    def _said(self, body: dict[str, Any]) -> ChatReply:
        objection = next((name for name in self.not_taken if name in body), None)
        if objection:
            error = f"Unsupported parameter: '{objection}' is not supported."
            return ChatReply(status=400, error=error)
        if self.script:
            return self.script.popleft()
        said = self.say(body)
        return ChatReply(said) if isinstance(said, str) else said


@contextmanager
def chat_service(
    say: Callable[[dict[str, Any]], str | ChatReply], *, keep_alive: bool = True
) -> Iterator[ChatStandIn]:
    """Yield a stand-in that listens until the block ends.

    Args:
        say: the body of a request (``messages``, ``model``...) to what the model says.
        keep_alive: see ``serving``.
    """
    stand_in = ChatStandIn(say)
    with serving(stand_in.answer, keep_alive=keep_alive) as address:
        stand_in.address = f"{address}/v1"
        yield stand_in
