"""Asks an OpenAI-compatible server: each question once, kept on disk, within a cap.

The key comes from the environment (``OPENAI_API_KEY``) and is never written.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cached_property
from threading import Event
from typing import Any, Protocol

from recexplainer.errors import MissingExtraError, StageError, UserError

__all__ = ["ChatCache", "ChatClient", "ChatRequest", "ChatServer"]

Message = Mapping[str, str]


class ChatCache(Protocol):
    """Where answers are kept for good, one record per key."""

    def seen(self, key: str, /) -> bool:
        """Return whether there is a record called ``key``."""
        ...

    def get(self, key: str, /) -> Any:
        """Return the record called ``key``."""
        ...

    def append(self, key: str, payload: dict[str, Any], /) -> None:
        """Keep ``payload`` as the record called ``key``; it must survive a kill from here on."""
        ...


@dataclass(frozen=True, slots=True)
class ChatServer:
    """Which model is asked where, and how hard.

    Attributes:
        model: the name that the server knows it by.
        base_url: where the server is; None for ``OPENAI_BASE_URL``, else OpenAI's own.
        max_requests: how many questions it may be sent; what the cache answers does not count.
        concurrency: requests under way at once.
        retries: how often a request that met a busy or failing server is sent again.
        timeout: seconds that one request may take.
    """

    model: str
    base_url: str | None = None
    max_requests: int = 1000
    concurrency: int = 8
    retries: int = 5
    timeout: float = 60.0


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A conversation that ends with the user's turn, and where its answer is cut off."""

    messages: tuple[Message, ...]
    max_tokens: int


class ChatClient:
    """Answers conversations by asking a server, or from the cache what was asked before.

    Args:
        server: who is asked.
        cache: a journal in the run folder; several clients may share it.
    """

    def __init__(self, server: ChatServer, cache: ChatCache) -> None:
        self.server, self._cache = server, cache
        self.sent = 0
        """Requests answered by the server, not by the cache."""

    def complete(self, requests: Sequence[ChatRequest]) -> list[str]:
        """Return the answer to each request.

        Raises:
            StageError: the server fails in spite of retries, or the cap is reached; what was
                answered is kept, and the same command goes on from there.
            UserError: the server refuses the key or the model.
        """
        keys = [self._key(request) for request in requests]
        missing = {
            key: request
            for key, request in zip(keys, requests, strict=True)
            if not self._cache.seen(key)
        }
        if self.sent + len(missing) > self.server.max_requests:
            raise StageError(
                f"{self.server.model} has answered {self.sent} questions, and {len(missing)} more "
                f"would exceed max_requests ({self.server.max_requests}); raise it in "
                "fidelity.chat_models and run the same command again"
            )
        for key, payload in self._answers(missing):
            self._cache.append(key, payload)
            self.sent += 1
        return [self._cache.get(key)["answer"] for key in keys]

    def _key(self, request: ChatRequest) -> str:
        """Return what identifies a question: the server, the model and every sampling setting."""
        identity = json.dumps(
            [self._address, self._arguments(request)], sort_keys=True, ensure_ascii=False
        )
        return hashlib.sha256(identity.encode()).hexdigest()

    def _arguments(self, request: ChatRequest) -> dict[str, Any]:
        return {
            "model": self.server.model,
            "messages": [dict(message) for message in request.messages],
            "max_tokens": request.max_tokens,
            "temperature": 0.0,
        }

    def _answers(self, missing: Mapping[str, ChatRequest]) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield key and record of each answer as it comes in; after a failure no more is asked."""
        stop, failure = Event(), None

        def ask(request: ChatRequest) -> dict[str, Any] | None:
            if stop.is_set():
                return None
            try:
                return self._ask(request)
            except Exception:
                stop.set()
                raise

        with ThreadPoolExecutor(self.server.concurrency) as pool:
            futures = {pool.submit(ask, request): key for key, request in missing.items()}
            try:
                for future in as_completed(futures):
                    failure = failure or future.exception()
                    if not future.exception() and (record := future.result()):
                        yield futures[future], record  # also after a failure: it has been paid for
            finally:
                stop.set()
        if isinstance(failure, Exception):
            raise self._explained(failure) from failure

    def _ask(self, request: ChatRequest) -> dict[str, Any]:
        arguments = self._arguments(request)
        reply = self._openai.chat.completions.create(**arguments)
        usage = reply.usage
        return {
            "server": self._address,
            **arguments,
            "answer": (reply.choices[0].message.content or "") if reply.choices else "",
            "tokens": None if usage is None else usage.total_tokens,
        }

    @property
    def _address(self) -> str:
        return self.server.base_url or os.environ.get("OPENAI_BASE_URL") or "openai"

    @cached_property
    def _openai(self) -> Any:
        try:
            from openai import OpenAI
        except ImportError:
            raise MissingExtraError("openai", "judge", "to ask chat models") from None
        return OpenAI(
            base_url=self.server.base_url,
            api_key=os.environ.get("OPENAI_API_KEY") or "none",  # local servers ask for none
            max_retries=self.server.retries,
            timeout=self.server.timeout,
        )

    def _explained(self, error: Exception) -> Exception:
        """Return what to tell the user of a request that failed for good."""
        from openai import (
            AuthenticationError,
            BadRequestError,
            NotFoundError,
            OpenAIError,
            PermissionDeniedError,
        )

        if not isinstance(error, OpenAIError):
            return error
        who = f"{self.server.model} at {self._address}"
        reason = " ".join(str(error).split())[:300]
        if isinstance(error, AuthenticationError | PermissionDeniedError):
            return UserError(f"{who} refused the key in OPENAI_API_KEY: {reason}")
        if isinstance(error, BadRequestError | NotFoundError):
            return UserError(
                f"{who} refused the request: {reason}. See fidelity.chat_models: model, base_url"
            )
        return StageError(
            f"{who} failed {self.server.retries + 1} times: {reason}. What it answered is kept; "
            "run the same command again to go on"
        )
