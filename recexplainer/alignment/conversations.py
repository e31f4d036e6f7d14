"""Conversations in the ``messages`` format, read strictly: a line is right or an error names it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, Field, ValidationError

from recexplainer.errors import DataError
from recexplainer.records import ITEM_MARK, USER_MARK, Text, Turn

__all__ = ["hub_conversations", "read_conversations"]

_NO_MARKS = str.maketrans("", "", USER_MARK + ITEM_MARK)
"""Foreign text must not smuggle in a vector slot."""

_ACCEPTED = (
    'each row needs {"messages": [{"role": "user", "content": ...}, {"role": "assistant", ...}]}'
)


class _Message(BaseModel):
    role: Literal["system", "user", "assistant"]
    content: str


class _Conversation(BaseModel):
    messages: list[_Message] = Field(min_length=1)


def read_conversations(path: Path, max_characters: int) -> list[tuple[Turn, ...]]:
    """Return the conversations of a JSONL file that fit into ``max_characters``.

    Raises:
        DataError: the file is missing, not UTF-8, or a line is not a conversation.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except OSError as error:
        raise DataError(f"cannot be read: {error.strerror}", path=path) from error
    except UnicodeDecodeError as error:
        raise DataError("is not UTF-8 text; save it as UTF-8", path=path) from error
    rows = (
        (number, _parsed(line, path, number))
        for number, line in enumerate(lines, 1)
        if line.strip()
    )
    return _usable(rows, str(path), max_characters)


def hub_conversations(name: str, split: str, max_characters: int) -> list[tuple[Turn, ...]]:
    """Return the conversations of a hub data set that fit into ``max_characters``.

    Raises:
        DataError: the data set cannot be loaded, or a row is not a conversation.
    """
    from datasets import load_dataset

    try:
        data = load_dataset(name, split=split)
    except (OSError, ValueError) as error:
        raise DataError(f"the hub data set cannot be loaded ({error})", path=name) from error
    return _usable(enumerate(data, 1), name, max_characters)


def _parsed(line: str, path: Path, number: int) -> object:
    try:
        return json.loads(line)
    except json.JSONDecodeError as error:
        raise DataError(
            f"is not JSON ({error.msg}); {_ACCEPTED}", path=path, line=number
        ) from error


def _usable(
    rows: Iterable[tuple[int, object]], source: str, max_characters: int
) -> list[tuple[Turn, ...]]:
    conversations = []
    for number, row in rows:
        try:
            messages = _Conversation.model_validate(row).messages
        except ValidationError as error:
            found = error.errors()[0]
            place = ".".join(map(str, found["loc"])) or "row"
            raise DataError(
                f"{place}: {found['msg']}; {_ACCEPTED}", path=source, line=number
            ) from error
        if turns := _shortened(messages, max_characters):
            conversations.append(turns)
    if not conversations:
        raise DataError(
            f"holds no conversation of at most {max_characters} characters", path=source
        )
    return conversations


def _shortened(messages: list[_Message], max_characters: int) -> tuple[Turn, ...]:
    """Return the longest start that fits, takes turns properly and ends with an answer."""
    turns: list[Turn] = []
    complete = length = 0
    expected = "user"
    for message in messages:
        text = message.content.translate(_NO_MARKS).strip()
        length += len(text)
        opening = message.role == "system" and not turns
        if not text or length > max_characters or not (opening or message.role == expected):
            break
        turns.append(Turn(message.role, (Text(text),)))
        if message.role == "assistant":
            complete = len(turns)
        if not opening:
            expected = "assistant" if message.role == "user" else "user"
    return tuple(turns[:complete])
