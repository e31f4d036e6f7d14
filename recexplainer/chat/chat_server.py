"""Chat server: the address, key and model that are asked, and the request's settings."""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from typing import Any

from recexplainer.config.chat_models import ChatModelConfig
from recexplainer.runs.web_access import is_own_network

__all__ = ["ADDRESS", "KEY", "ChatRequest", "ChatServer", "Message", "given_key"]

KEY, ADDRESS = "OPENAI_API_KEY", "OPENAI_BASE_URL"
_OPENAI = "https://api.openai.com/v1"
_PATIENCE, _PATIENCE_NEARBY = 60.0, 600.0
"""Seconds; a model nearby may run on a processor that takes minutes for an answer."""


def given_key() -> str:
    """Return the key of the environment without blanks and line ends around it; empty for none."""
    return os.environ.get(KEY, "").strip()


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a conversation, by ``system``, ``user`` or ``assistant``."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """A conversation that ends with the user's turn, and where its answer is cut off."""

    messages: tuple[Message, ...]
    max_tokens: int

    @property
    def text(self) -> str:
        """All that the model is given to read."""
        return "".join(message.content for message in self.messages)


@dataclass(frozen=True, slots=True)
class ChatServer:
    """The service that is asked for a chat model.

    Attributes:
        chat: which model, where, and how patiently.
        setting: what a user sets to describe it, for error messages.
    """

    chat: ChatModelConfig
    setting: str = ""

    def __str__(self) -> str:
        return f"{self.chat.model} at {self.address}"

    @property
    def address(self) -> str:
        """The address that is asked."""
        return self.chat.base_url or os.environ.get(ADDRESS, "").strip() or _OPENAI

    @property
    def is_near(self) -> bool:
        """Whether it runs on this machine or in its network, where none needs a key."""
        return is_own_network(self.address)

    @property
    def timeout(self) -> float:
        """Seconds that one try may take."""
        return self.chat.timeout or (_PATIENCE_NEARBY if self.is_near else _PATIENCE)

    @property
    def tries(self) -> str:
        """How often a question is put at most, in words."""
        return "1 try" if self.chat.retries == 0 else f"{1 + self.chat.retries} tries"

    @property
    def hint(self) -> str:
        """The end of a message about a wrong model or address: where to mend it."""
        return f". See {self.setting}: model, base_url" if self.setting else ""

    def arguments(self, request: ChatRequest) -> dict[str, Any]:
        """Return the body of ``request``, which is all that its answer depends on."""
        return {
            "model": self.chat.model,
            "messages": [
                {"role": message.role, "content": message.content} for message in request.messages
            ],
            "max_tokens": request.max_tokens,
            "temperature": self.chat.temperature,
        }

    def key(self, request: ChatRequest) -> str:
        """Return a digest of where and what is asked; the key of the service is no part of it."""
        place = "openai" if self.address == _OPENAI else self.address
        identity = json.dumps([place, self.arguments(request)], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(identity.encode()).hexdigest()
