"""Real HTTP server on this machine, for tests of parts that ask one; no network is used."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = ["Reply", "Request", "serving"]


@dataclass(frozen=True)
class Request:
    """What a client sent.

    Attributes:
        method: such as ``POST``.
        path: such as ``/v1/chat/completions``.
        headers: found by their names in any case.
        content: the body.
    """

    method: str
    path: str
    headers: Message
    content: bytes

    @property
    def json(self) -> Any:
        """The body as JSON; None where there is none."""
        return json.loads(self.content) if self.content else None


@dataclass(frozen=True)
class Reply:
    """What a client is answered.

    Attributes:
        body: text and bytes are sent as they are, anything else as JSON.
        status: of HTTP.
        headers: beside type and length.
    """

    body: Any = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)

    def message(self, protocol: str) -> bytes:
        """Return all that goes over the wire."""
        body = self.body if isinstance(self.body, str | bytes) else json.dumps(self.body)
        content = body.encode() if isinstance(body, str) else body
        headers = {
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
            **self.headers,
        }
        lines = [f"{name}: {value}" for name, value in headers.items()]
        first = f"{protocol} {self.status} {HTTPStatus(self.status).phrase}"
        return "\r\n".join([first, *lines, "", ""]).encode() + content


@contextmanager
def serving(answer: Callable[[Request], Reply], *, keep_alive: bool = True) -> Iterator[str]:
    """Yield the address of a server that answers until the block ends.

    Args:
        answer: called for each request, by several threads at once.
        keep_alive: whether connections stay open between requests, as those to real servers do;
            for clients that leave them open when they are done, False.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1" if keep_alive else "HTTP/1.0"

        def handle(self) -> None:
            with suppress(ConnectionError):  # who asked gave up waiting, or is no more
                super().handle()

        def handle_any(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            content = self.rfile.read(length)
            if len(content) < length:  # who asked was stopped in the middle of it
                self.close_connection = True
                return
            reply = answer(Request(self.command, self.path, self.headers, content))
            # Head and body at once: sent apart, the body would wait for the client's word.
            self.wfile.write(reply.message(self.protocol_version))

        do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815  # what http.server calls

        def log_message(self, *_words: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
