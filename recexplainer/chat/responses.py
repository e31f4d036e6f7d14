"""Responses of chat services: the answer in one, or the failure that was sent as one."""

from __future__ import annotations

import json
import re
from typing import Any

from recexplainer.chat.answers import Answer

__all__ = ["answer_in", "failure_in"]


def failure_in(body: str) -> tuple[int, object, object] | None:
    """Return status, words and code of an error that was sent with the status of an answer."""
    try:
        error = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError):
        return None
    if not error:
        return None
    code = str(error.get("code")) if isinstance(error, dict) else ""
    said = (error.get("message") if isinstance(error, dict) else None) or error
    return int(code) if re.fullmatch("[45][0-9]{2}", code) else 500, said, code


def answer_in(body: str, seconds: float) -> Answer | None:
    """Return the answer in a response, which took so long; None where it holds none."""
    try:
        content = json.loads(body)
        choice, usage = content["choices"][0], content.get("usage") or {}
        message = choice["message"]
        return Answer(
            text=_written(message.get("content"), "text"),
            reasoning=_thought(message),
            refusal=message.get("refusal") or "",
            finish=choice.get("finish_reason") or "stop",
            tokens_in=usage.get("prompt_tokens") or 0,
            tokens_out=usage.get("completion_tokens") or 0,
            tokens_cached=(usage.get("prompt_tokens_details") or {}).get("cached_tokens") or 0,
            seconds=round(seconds, 3),
        )
    except (ValueError, KeyError, IndexError, TypeError, AttributeError):
        return None


def _written(content: Any, kind: str) -> str:
    """Return a text; of one in parts, as some services send it, the parts of that kind."""
    if isinstance(content, list):
        parts = [part for part in content if isinstance(part, dict) and part.get("type") == kind]
        return "".join(_written(part.get(kind), "text") for part in parts)
    return content or ""


def _thought(message: dict[str, Any]) -> str:
    """Return what a model thought, where the service sends that apart."""
    for name in ("reasoning_content", "reasoning"):
        if isinstance(message.get(name), str) and message[name]:
            return str(message[name])
    content = message.get("content")
    return _written(content, "thinking") if isinstance(content, list) else ""
