"""Serves the model of ``next_book`` over HTTP.

From the root of the repository: python -m examples.own_model.serve [PORT]

The whole protocol in the standard library. A server of one's own answers the same four addresses
with whatever framework it is written in.
"""

from __future__ import annotations

import json
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from examples.own_model.next_book import NextBook

BOOKS = [f"b{number:02}" for number in range(1, 25)]
MODEL = NextBook(BOOKS)


class Handler(BaseHTTPRequestHandler):
    """Answers ``GET /items`` and ``/item_vectors``, ``POST /scores`` and ``/user_vectors``."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Say which items there are, in the order of columns, or what their vectors are."""
        if self.path == "/items":
            self._answer({"items": BOOKS})
        elif self.path == "/item_vectors":
            self._answer({"vectors": MODEL.item_vectors().tolist()})
        else:
            self._answer({"error": f"no such address: {self.path}"}, HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """Score histories."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path == "/scores":
            self._answer({"scores": MODEL.scores(asked["histories"]).tolist()})
        elif self.path == "/user_vectors":
            self._answer({"vectors": MODEL.user_vectors(asked["histories"]).tolist()})
        else:
            self._answer({"error": f"no such address: {self.path}"}, HTTPStatus.NOT_FOUND)

    def log_message(self, *_: Any) -> None:
        """Keep quiet: a run asks hundreds of batches."""

    def _answer(self, value: object, status: HTTPStatus = HTTPStatus.OK) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def server(port: int = 0) -> ThreadingHTTPServer:
    """Return a server on this machine only; port 0 takes a free one."""
    return ThreadingHTTPServer(("127.0.0.1", port), Handler)


if __name__ == "__main__":
    server(int(sys.argv[1]) if len(sys.argv) > 1 else 8000).serve_forever()
