"""One try at an OpenAI-compatible service: the request, and what kind of failure came back."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from recexplainer.chat.answers import Answer
from recexplainer.chat.chat_server import KEY, ChatRequest, ChatServer
from recexplainer.errors import MissingExtraError, UserError

__all__ = ["ChatService", "OtherFormError", "PassingError", "RefusedError"]

_FIELDS = {
    "response_format": ("response_format", "json_schema"),
    "temperature": ("temperature",),
    "max_tokens": ("max_tokens",),
}
"""Fields that some services do not take, with the words by which they say so."""
_PASSING_STATUS = {408, 409, 425, 429}
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


class OtherFormError(Exception):
    """The service does not take a field of the request; the next one leaves it out."""


class RefusedError(Exception):
    """The service will not answer this question, however often it is asked."""


class ChatService:
    """Asks one model; threads may share it.

    What a service does not take, such as a form prescribed to its answers, is found out by its
    first objections.

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
        self._openai, self._server, self._form = openai, server, form
        self._client = openai.OpenAI(
            # Services nearby take no key, and the package insists on one.
            api_key=os.environ.get(KEY) or "none",
            base_url=server.address,
            timeout=server.chat.timeout,
            max_retries=0,  # one place retries, and counts
        )
        self._not_taken: set[str] = set()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def ask(self, request: ChatRequest) -> Answer:
        """Return what the model says, at one try.

        Raises:
            PassingError: it may be worth another try.
            OtherFormError: the same question can be asked at once in another form.
            RefusedError: the service refuses this question.
            UserError: it would refuse every question: the key or the model's name is wrong.
        """
        body = self._body(request)
        openai, server = self._openai, self._server
        try:
            raw = self._client.chat.completions.with_raw_response.create(**body)
        except openai.APITimeoutError:
            raise PassingError("timeout", f"nothing in {server.chat.timeout:g} s") from None
        except openai.APIConnectionError as error:
            raise PassingError("no connection", _first_line(error)) from None
        except (openai.AuthenticationError, openai.PermissionDeniedError) as error:
            raise UserError(f"{server} refuses the key in {KEY}: {_first_line(error)}") from None
        except openai.NotFoundError as error:
            raise UserError(f"there is no {server}: {_first_line(error)}{server.hint}") from None
        except openai.APIStatusError as error:
            raise self._failure(error, body) from None
        return _read(raw.http_response.text)

    def _body(self, request: ChatRequest) -> dict[str, Any]:
        form = {} if self._form is None else {"response_format": self._form}
        wanted = {**self._server.arguments(request), **form}
        with self._lock:
            body = {name: value for name, value in wanted.items() if name not in self._not_taken}
            if "max_tokens" in self._not_taken:
                body["max_completion_tokens"] = request.max_tokens
        return body

    def _failure(self, error: Any, body: Mapping[str, Any]) -> Exception:
        """Return what an error status means: of the question, of the moment, or of every one."""
        status, said = int(error.status_code), _first_line(error)
        if getattr(error, "code", None) == _USED_UP:
            return UserError(f"{self._server.chat.model} refuses: {said}")
        if status in _PASSING_STATUS or status >= 500:
            kind = "rate limit" if status == 429 else f"server error {status}"
            return PassingError(kind, said, _asked_wait(error.response.headers), may_cost=False)
        for name, words in _FIELDS.items():
            if name in body and any(word in str(error).lower() for word in words):
                with self._lock:
                    self._not_taken.add(name)
                return OtherFormError(said)
        return RefusedError(said)


def _read(body: str) -> Answer:
    """Return the answer in a response. Raises PassingError when it is none."""
    try:
        content = json.loads(body)
        choice, usage = content["choices"][0], content.get("usage") or {}
        message = choice["message"]
        return Answer(
            text=message.get("content") or "",
            reasoning=message.get("reasoning_content") or message.get("reasoning") or "",
            refusal=message.get("refusal") or "",
            finish=choice.get("finish_reason") or "stop",
            tokens_in=usage.get("prompt_tokens") or 0,
            tokens_out=usage.get("completion_tokens") or 0,
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        raise PassingError("malformed answer", repr(body[:_QUOTED])) from None


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


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:_QUOTED]
