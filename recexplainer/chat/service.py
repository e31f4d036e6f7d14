"""One try at an OpenAI-compatible service: the request, and what kind of failure came back."""

from __future__ import annotations

import re
import threading
import time
import weakref
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from recexplainer.chat.answers import Answer
from recexplainer.chat.chat_server import KEY, ChatRequest, ChatServer, given_key
from recexplainer.chat.request_form import FormSearch, RequestForm, named_fields
from recexplainer.chat.responses import answer_in, failure_in
from recexplainer.errors import MissingExtraError, UserError
from recexplainer.runs.web_access import client_settings

__all__ = ["ChatService", "PassingError", "RefusedError"]

_PASSING_STATUS = {408, 409, 425, 429}
_NO_KEY, _NO_MONEY, _NO_MODEL, _BUSY, _FAILS = {401, 403}, 402, 404, 429, 500
_MOST_SEARCHES = 3
"""Questions that are put in all forms while none was answered."""
_OBJECTS = re.compile(
    r"not (?:supported|implemented|allowed|permitted)|unsupported|unknown|unrecognized",
    re.IGNORECASE,
)
"""What a failing server says when it does not know a field of the request."""
_USED_UP = "insufficient_quota"
_QUOTED = 200


class PassingError(Exception):
    """A failure that may be gone at the next try.

    Args:
        kind: what it is counted as, such as ``rate limit``.
        detail: what the service said.
        wait: seconds that the service asks to be left alone; None when it does not say.
        may_cost: whether the model may have worked for it; not where the service said no.
    """

    def __init__(
        self, kind: str, detail: str = "", wait: float | None = None, *, may_cost: bool = True
    ) -> None:
        self.kind, self.wait, self.may_cost = kind, wait, may_cost
        super().__init__(f"{kind}: {detail}" if detail else kind)


class RefusedError(Exception):
    """The service will not answer this question in this form, however often it is asked.

    Args:
        said: the first line of what it said.
        whole: all of it.
    """

    def __init__(self, said: str, whole: str = "") -> None:
        self.whole = whole or said
        super().__init__(said)


class ChatService:
    """Asks one model; threads may share it.

    Args:
        server: which model, where, and how.
        form: the ``response_format`` that answers are wished in; None for any text.

    Raises:
        MissingExtraError: the package ``openai`` is not installed.
    """

    def __init__(self, server: ChatServer, form: Mapping[str, Any] | None = None) -> None:
        try:
            import openai
        except ModuleNotFoundError:
            raise MissingExtraError("openai", "judge", "to ask chat models") from None
        self._openai, self._server, self._answer_form = openai, server, form
        self._client = openai.OpenAI(
            # Services nearby take no key, and the package insists on one.
            api_key=given_key() or "none",
            base_url=server.address,
            timeout=server.timeout,
            max_retries=0,  # one place retries, and counts
            http_client=openai.DefaultHttpxClient(**client_settings(server.address)),
        )
        weakref.finalize(self, self._client.close)  # not all who ask close it
        self._form, self._searched, self._taken = RequestForm(), 0, False
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def search(self) -> FormSearch:
        """Return the forms that a question is to be put in, the one that was taken before first.

        Once a question was answered, or some were refused in all forms, it is the question that is
        refused, and none is guessed at.
        """
        with self._lock:
            return FormSearch(
                self._form, guesses=not self._taken and self._searched < _MOST_SEARCHES
            )

    def settle(self, form: RequestForm | None) -> None:
        """Remember the form that a question was answered in; None where it was in none."""
        with self._lock:
            if form is None:
                self._searched += 1
            else:
                self._form, self._taken = self._form.without(form.left_out), True

    def wanted(self, request: ChatRequest) -> dict[str, Any]:
        """Return all that would be sent of ``request`` to a service that takes it."""
        form = {} if self._answer_form is None else {"response_format": self._answer_form}
        return {**self._server.arguments(request), **form}

    def ask(self, request: ChatRequest, form: RequestForm) -> Answer:
        """Return what the model says, at one try.

        Raises:
            PassingError: it may be worth another try.
            RefusedError: the service refuses this question in this form.
            UserError: it would refuse every question: the key or the model's name is wrong, or
                there is no money left.
        """
        openai, server, body = self._openai, self._server, form.body(self.wanted(request))
        began = time.perf_counter()
        try:
            raw = self._client.chat.completions.with_raw_response.create(**body)
        except openai.APITimeoutError:
            hint = f"{server.setting or 'timeout'} may be raised"
            raise PassingError("timeout", f"nothing in {server.timeout:g} s; {hint}") from None
        except openai.APIConnectionError as error:
            raise PassingError("no connection", _first_line(error)) from None
        except openai.APIStatusError as error:
            code, headers = getattr(error, "code", None), error.response.headers
            raise self._failure(int(error.status_code), error, code, headers) from None
        said = raw.http_response.text
        if (failure := failure_in(said)) is not None:
            raise self._failure(*failure, {})
        answer = answer_in(said, time.perf_counter() - began)
        if answer is None:
            raise PassingError("malformed answer", repr(said[:_QUOTED]))
        return answer

    def _failure(self, status: int, error: object, code: object, headers: Any) -> Exception:
        """Return what an error status means: of the question, of the moment, or of every one."""
        server, said = self._server, _first_line(error)
        if status in _NO_KEY:
            return UserError(f"{server} refuses the key in {KEY}: {said}")
        if status == _NO_MODEL:
            return UserError(f"there is no {server}: {said}{server.hint}")
        if status == _NO_MONEY or code == _USED_UP:
            return UserError(
                f"{server} refuses, as there is no money left for it: {said}. What it answered is "
                "kept; the same command continues there"
            )
        whole = str(error)
        objects = status < _FAILS or named_fields(whole) or _OBJECTS.search(whole)
        if status in _PASSING_STATUS or not objects:
            kind = "rate limit" if status == _BUSY else f"server error {status}"
            return PassingError(kind, said, _asked_wait(headers), may_cost=False)
        return RefusedError(said, whole)


def _asked_wait(headers: Any) -> float | None:
    """Return the seconds that the service asks to wait: in milliseconds, seconds or as a date."""
    for name, seconds in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            return max(0.0, float(headers.get(name, "")) * seconds)
        except ValueError:
            continue
    try:
        until = parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    moment = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (moment - datetime.now(UTC)).total_seconds())


def _first_line(error: object) -> str:
    return str(error).strip().split("\n", 1)[0][:_QUOTED]
