"""Gatekeeper: who may ask, in front of everything else; and headers that every answer has."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from recexplainer.service.http_errors import error_answer

__all__ = ["LARGEST_BODY", "Gatekeeper"]

_OPEN, _QUESTIONS = "/healthz", "/v1/"
LARGEST_BODY = 2**19
"""In bytes; 1,000 titles of 300 letters each fit in it."""
_HEADERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
_LOCAL = ("localhost", "127.0.0.1", "[::1]")


class Gatekeeper:
    """ASGI middleware that asks for a token, and tells how long each answer took.

    Without a token, only who names this machine is answered: a page of another site whose name was
    made to point here does not.

    Args:
        app: what answers.
        token: asked for on all but ``/healthz``; None asks for none.
        ready: whether questions can be answered yet.
        answered: called with path, status and seconds.
    """

    def __init__(
        self,
        app: ASGIApp,
        token: str | None,
        *,
        ready: Callable[[], bool],
        answered: Callable[[str, int, float], None],
    ) -> None:
        self._app, self._ready, self._answered = app, ready, answered
        self._digest = None if token is None else _digest(token)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or hand on to the app."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 500

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        try:
            app = self._refusal(scope) or self._app
            await app(scope, receive, send_on)
        finally:
            self._answered(scope["path"], status, time.perf_counter() - began)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        """Return the answer to a request that is not handed on."""
        headers, path = Headers(scope=scope), scope["path"]
        if self._digest is None and _host(headers) not in _LOCAL:
            words = "without a token, only requests to localhost are answered"
            return error_answer(403, "host", words)
        if self._digest is not None and path != _OPEN and not self._knows(headers):
            words = "send the service's token: Authorization: Bearer TOKEN"
            return error_answer(401, "token", words, headers={"WWW-Authenticate": "Bearer"})
        if (
            int(headers.get("content-length", "0")) > LARGEST_BODY
        ):  # a server has checked that it is
            return error_answer(413, "content_too_large", "the body is too large")
        if path.startswith(_QUESTIONS) and not self._ready():
            words = "the run is being loaded, or the service is being stopped"
            return error_answer(503, "not_ready", words, headers={"Retry-After": "5"})
        return None

    def _knows(self, headers: Headers) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        alike = secrets.compare_digest(_digest(given), self._digest or b"")
        return scheme.lower() == "bearer" and alike


def _host(headers: Headers) -> str:
    """Return the name that is asked, without a port."""
    return re.sub(r":\d*$", "", headers.get("host", ""))


def _digest(token: str) -> bytes:
    """Return what is compared: of one length, whatever was given, and not the token."""
    return hashlib.sha256(token.strip().encode("utf-8", "surrogatepass")).digest()
