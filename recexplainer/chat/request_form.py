"""Form of a request: its optional fields, and which of them a service does not take.

Services say in many words that they do not take a field, and some say nothing of it. So a field
that an objection names is left out at once; where none is named, and no question was answered yet,
the question is put without each, then without all. What is answered so is remembered for the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

__all__ = ["FormSearch", "RequestForm", "named_fields"]

_LIMITS = "limits"
_FIELDS = (_LIMITS, "response_format", "system", "temperature", "max_tokens")
"""Fields that some services do not take, in the order in which they are tried without.

The limits are those of texts in the ``response_format``: some services take that without them only.
"""
_LIMIT = "maxLength"
_NAMED = {
    _LIMITS: re.compile(_LIMIT, re.IGNORECASE),
    "response_format": re.compile(
        r"response[ _]?format|json[ _]?(?:schema|mode|object)|grammar|guided|structured[ _]output|"
        r"\bschema",
        re.IGNORECASE,
    ),
    "system": re.compile(
        r"\bsystem\b.{0,20}\b(?:role|message|prompt|instruction)|roles?\b.{0,20}\bsystem\b|"
        r"developer instruction|roles must alternate",
        re.IGNORECASE,
    ),
    "temperature": re.compile(r"temperature", re.IGNORECASE),
    "max_tokens": re.compile(r"max_tokens", re.IGNORECASE),
}
_OF_THE_QUESTION = re.compile(
    r"context (?:length|window|size)|maximum context|reduce the length|too long|too large|"
    r"available context|content[ _](?:policy|filter|management)|moderation|safety|flagged",
    re.IGNORECASE,
)
"""What is said of a question: no form mends it, though ``max_tokens`` may be spoken of."""


@dataclass(frozen=True)
class RequestForm:
    """Which optional fields, or parts of one, are left out of a request.

    A system message that is left out goes before the user's words; ``max_tokens`` is then called
    ``max_completion_tokens``, as newer services do.
    """

    left_out: frozenset[str] = frozenset()

    def body(self, wanted: Mapping[str, Any]) -> dict[str, Any]:
        """Return the body of a request, from all that is wanted in it."""
        body = {name: value for name, value in wanted.items() if name not in self.left_out}
        if "max_tokens" in self.left_out and "max_tokens" in wanted:
            body["max_completion_tokens"] = wanted["max_tokens"]
        if _LIMITS in self.left_out and "response_format" in body:
            body["response_format"] = _without_limits(body["response_format"])
        if "system" in self.left_out:
            body["messages"] = _without_system(wanted["messages"])
        return body

    def optional(self, wanted: Mapping[str, Any]) -> frozenset[str]:
        """Return the optional fields that a request of this form still has."""
        has_system = any(message["role"] == "system" for message in wanted["messages"])
        there = {*wanted, *(["system"] if has_system else [])}
        form = None if "response_format" in self.left_out else wanted.get("response_format")
        if form is not None and _without_limits(form) != form:
            there.add(_LIMITS)
        return frozenset(_FIELDS) & there - self.left_out

    def without(self, fields: AbstractSet[str]) -> RequestForm:
        """Return the form that leaves ``fields`` out as well."""
        return RequestForm(self.left_out | fields)


class FormSearch:
    """The forms that one question is put in, until the service takes one.

    Args:
        form: the first of them.
        guesses: whether forms are tried that no objection asks for.
    """

    def __init__(self, form: RequestForm, *, guesses: bool) -> None:
        self.form = form
        self._trials: Iterator[RequestForm] | None = None if guesses else iter(())

    def go_on(self, said: str, wanted: Mapping[str, Any]) -> bool:
        """Take the next form after an objection; return whether there is another one."""
        if _OF_THE_QUESTION.search(said):
            return False
        optional = self.form.optional(wanted)
        named = named_fields(said) & optional
        if _LIMITS in named:  # the field that they stand in is named with them
            named = frozenset({_LIMITS})
        if named:
            self.form = self.form.without(named)
            return True
        if self._trials is None:
            self._trials = _guessed(self.form, optional)
        following = next(self._trials, None)
        self.form = following or self.form
        return following is not None


def named_fields(said: str) -> frozenset[str]:
    """Return the optional fields that an objection names."""
    return frozenset(field for field, words in _NAMED.items() if words.search(said))


def _guessed(form: RequestForm, optional: frozenset[str]) -> Iterator[RequestForm]:
    for field in _FIELDS:
        if field in optional:
            yield form.without({field})
    if len(optional) > 1:
        yield form.without(optional)


def _without_system(messages: list[dict[str, str]]) -> list[dict[str, str]]:
    """Return ``messages`` with what the system says at the start of the user's first one."""
    said = [message["content"] for message in messages if message["role"] == "system"]
    rest = [message for message in messages if message["role"] != "system"]
    if not rest or not said:
        return rest
    return [{**rest[0], "content": "\n\n".join([*said, rest[0]["content"]])}, *rest[1:]]


def _without_limits(schema: Any) -> Any:
    """Return a schema, or a part of one, that does not limit how long texts may be."""
    if isinstance(schema, Mapping):
        return {name: _without_limits(value) for name, value in schema.items() if name != _LIMIT}
    return [_without_limits(value) for value in schema] if isinstance(schema, list) else schema
