"""HTTP client: exchanges JSON with a scoring server, with retries and plain errors."""

from __future__ import annotations

import os
import time
import weakref
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import httpx2

from recexplainer.errors import StageError, UserError
from recexplainer.runs.web_access import client_settings

__all__ = ["JsonClient"]

_FIRST_PAUSE = 0.5
_PASSING = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS}
_REASONS = {
    HTTPStatus.UNAUTHORIZED: "set token_env to the environment variable that holds its token",
    HTTPStatus.FORBIDDEN: "the token in token_env may not do this",
    HTTPStatus.NOT_FOUND: "see the schema in the how-to 'Bring your own model', or correct url",
    HTTPStatus.METHOD_NOT_ALLOWED: "see the schema in the how-to 'Bring your own model'",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "lower batch_size",
}


class JsonClient:
    """One connection to one server; redirects are not followed, so the token stays with it.

    Args:
        url: where its addresses begin.
        token_env: name of the environment variable that holds the bearer token; None for none.
        timeout: seconds to wait for a connection, and for each answer.
        retries: how often a request is repeated after a failure that may pass.
        max_wait: the longest pause between two tries, in seconds.
    """

    def __init__(
        self, url: str, token_env: str | None, *, timeout: float, retries: int, max_wait: float
    ) -> None:
        self.url, self._retries, self._max_wait = url, retries, max_wait
        token = os.environ.get(token_env, "").strip() if token_env else ""
        self._client = httpx2.Client(
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=timeout,
            **client_settings(url),
        )
        weakref.finalize(self, self._client.close)  # targets are not closed, only let go

    def get(self, path: str) -> Any:
        """Return what ``path`` holds. Raises as ``post`` does."""
        return self._answer("GET", path, None)

    def post(self, path: str, body: object) -> Any:
        """Return what the server makes of ``body``.

        Raises:
            UserError: the server refuses the connection or the request, or answers no JSON.
            StageError: it is still busy or broken after all retries.
        """
        return self._answer("POST", path, body)

    def _answer(self, method: str, path: str, body: object) -> Any:
        request = f"{method} {self.url}{path}"
        response = self._patiently(method, path, body)
        if response.is_redirect:
            place = response.headers.get("location", "elsewhere")
            raise UserError(f"{request} leads to {place}; set url to where the server is.")
        if response.is_error:
            advice = _REASONS.get(HTTPStatus(response.status_code), "")
            raise UserError(
                f"{request} was answered with {_status(response)}{advice and '; '}{advice}."
            )
        try:
            return response.json()
        except ValueError as error:
            start = response.text[:60].replace("\n", " ")
            raise UserError(
                f"{request} answered no JSON ({error}); it begins with {start!r}."
            ) from None

    def _patiently(self, method: str, path: str, body: object) -> httpx2.Response:
        """Return the first answer that is no passing failure."""
        for tries in range(self._retries + 1):
            pause = _FIRST_PAUSE * 2**tries
            try:
                response = self._client.request(method, self.url + path, json=body)
            except httpx2.TransportError as error:
                trouble = f"gave no answer ({type(error).__name__}: {error})"
                refused = isinstance(error, httpx2.ConnectError)
            else:
                code = response.status_code
                if code not in _PASSING and code < HTTPStatus.INTERNAL_SERVER_ERROR:
                    return response
                trouble, refused = f"was answered with {_status(response)}", False
                pause = _asked_pause(response, pause)
            if tries == self._retries or pause > self._max_wait:
                break
            time.sleep(pause)
        request, times = f"{method} {self.url}{path}", "once" if not tries else f"{tries + 1} times"
        if refused:
            raise UserError(f"{request} {trouble}, tried {times}; is the server running there?")
        wanted = f" and asks to wait {pause:.0f} s" if pause > self._max_wait else ""
        raise StageError(
            f"{request} {trouble}{wanted}, tried {times}; run the same command again when the "
            "server is well."
        )


def _asked_pause(response: httpx2.Response, otherwise: float) -> float:
    """Return the seconds of ``Retry-After``, which may also be a date; or ``otherwise``."""
    given = response.headers.get("retry-after", "").strip()
    if given.isdecimal():
        return float(given)
    try:
        moment = parsedate_to_datetime(given)
    except ValueError:
        return otherwise
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _status(response: httpx2.Response) -> str:
    """Return the status, and the start of what the server says about it."""
    said = " ".join(response.text.split())[:120]
    name = f"{response.status_code} {response.reason_phrase}".strip()
    return f"{name} ({said})" if said else name
