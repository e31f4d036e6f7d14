"""A stand-in for a chat service: a real server on this machine that speaks OpenAI's protocol.

It grades by the rubric what it is sent, and refuses what is not sent as data; so it checks every
request. The benchmark of judges and the tests use it.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["Reply", "StandIn", "serving"]

_SHOWN = ["history", "item", "decision_of_the_recommender", "explanation"]
_LEVELS = re.compile(r"^RATING-[1-4]: (In)?[Cc]orrect classification", re.MULTILINE)


@dataclass(frozen=True)
class Reply:
    """One scripted reply: ``raw`` is sent as it is; otherwise ``text`` in a completion."""

    status: int = 200
    text: str | None = None
    raw: str | None = None
    wait: float = 0.0
    finish: str = "stop"
    refusal: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    error: str = "no luck"


class StandIn:
    """Keeps what it was asked, and answers from ``script`` first, then by the rubric.

    Args:
        address: where it listens.
    """

    def __init__(self, address: str) -> None:
        self.address, self.delay = address, 0.0
        self.script: deque[Reply] = deque()
        self.asked: list[dict[str, Any]] = []
        self.at: list[float] = []
        self.keys: list[str] = []
        self.at_once = self.most_at_once = 0
        self.answered = 0
        self.not_taken: tuple[str, ...] = ()
        self.lock = threading.Lock()

    def reply(self, body: dict[str, Any]) -> Reply:
        """Return what is answered to a request."""
        objection = next((name for name in self.not_taken if name in body), None)
        if objection:
            return Reply(400, error=f"Unsupported parameter: '{objection}' is not supported.")
        if self.script:
            return self.script.popleft()
        return Reply(text=_graded(body))


def _graded(body: dict[str, Any]) -> str:
    """Grade what the message holds: the decision first, then whether the history is spoken of."""
    system, user = body["messages"]
    shown = json.loads(user["content"])
    is_data = list(shown) == _SHOWN and len(_LEVELS.findall(system["content"])) == 4
    if not is_data or (system["role"], user["role"]) != ("system", "user"):
        return "This is not what a judge is to be asked."
    text = shown["explanation"]
    cited = any(item["title"] in text for item in shown["history"])
    right = text.startswith(shown["decision_of_the_recommender"])
    rating = f"RATING-{(4 if cited else 2) if right else 1}"
    reason = "It is right." if right else "It states another decision."
    if "response_format" in body:
        return json.dumps({"reason": reason, "rating": rating})
    return f"{reason}\n\n{rating}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        stand_in: StandIn = self.server.stand_in  # type: ignore[attr-defined]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with stand_in.lock:
            stand_in.asked.append(body)
            stand_in.at.append(time.monotonic())
            stand_in.keys.append(self.headers.get("Authorization", ""))
            stand_in.at_once += 1
            stand_in.most_at_once = max(stand_in.most_at_once, stand_in.at_once)
            reply = stand_in.reply(body)
        time.sleep(reply.wait or stand_in.delay)
        with stand_in.lock:
            stand_in.at_once -= 1
            stand_in.answered += 1
        self._send(reply, _content(reply, body["model"]))

    def _send(self, reply: Reply, content: bytes) -> None:
        heads = {"Content-Type": "application/json", **reply.headers}
        lines = [f"HTTP/1.1 {reply.status} x", f"Content-Length: {len(content)}"]
        lines += [f"{name}: {value}" for name, value in heads.items()]
        try:
            self.wfile.write("\r\n".join([*lines, "", ""]).encode() + content)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # who asked gave up waiting

    def log_message(self, *_words: object) -> None:
        """Say nothing."""


def _content(reply: Reply, model: str) -> bytes:
    if reply.raw is not None:
        return reply.raw.encode()
    if reply.status != 200:
        return json.dumps({"error": {"message": reply.error, "type": "x", "code": None}}).encode()
    message = {"role": "assistant", "content": reply.text, "refusal": reply.refusal}
    choice = {"index": 0, "finish_reason": reply.finish, "message": message}
    usage = {"prompt_tokens": 1000, "completion_tokens": 10, "total_tokens": 1010}
    whole = {"id": "x", "object": "chat.completion", "created": 1, "model": model}
    return json.dumps({**whole, "choices": [choice], "usage": usage}).encode()


@contextmanager
def serving() -> Iterator[StandIn]:
    """Yield a stand-in that listens on a free port of this machine until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.stand_in = StandIn(f"http://127.0.0.1:{server.server_port}/v1")  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.stand_in  # type: ignore[attr-defined]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
