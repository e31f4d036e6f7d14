"""Markup in titles and values that were cut out of web pages, and lists written in one cell."""

from __future__ import annotations

import ast
import html
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["flat_texts", "listed_texts", "plain_text", "unescaped"]

_TAGS = (
    "a|abbr|b|big|blockquote|br|center|code|dd|div|dl|dt|em|font|h[1-6]|hr|i|img|li|ol|p|pre|s|"
    "script|small|span|strong|style|sub|sup|table|tbody|td|th|thead|tr|tt|u|ul"
)
_TAG = re.compile(rf"</?(?:{_TAGS})(?:\s[^<>]*)?/?>", re.IGNORECASE)
"""Tags of HTML; what else stands between angle brackets is text, as in 'I <heart> You'."""
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});")
_LONGEST_LIST = 100_000
"""Characters; a longer cell is no list."""
_NAMES = ("name", "title", "value", "label", "text")
"""Keys under which an entry of a list has its text, as in ``{"id": 16, "name": "Animation"}``."""


def plain_text(text: str) -> str:
    """Return ``text`` without HTML tags and entities, on one line.

    >>> plain_text("Ratchet &amp;amp; Clank <b>2</b>")
    'Ratchet & Clank 2'
    """
    if "<" not in text and "&" not in text:
        return " ".join(text.split())
    bare = _TAG.sub(" ", text)
    for _ in range(2):  # some sources escaped twice
        bare = unescaped(bare)
    return " ".join(_TAG.sub(" ", bare).split())


def unescaped(text: str) -> str:
    """Return ``text`` with the sign of each entity that ends in a semicolon.

    Without one, ``Romance &regency`` would lose its ``reg``.
    """
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text)


def flat_texts(value: object) -> Iterator[object]:
    """Yield the texts and numbers in ``value``, which may be a list that holds lists."""
    if isinstance(value, list | tuple | set):
        for part in value:
            yield from flat_texts(part)
    elif isinstance(value, Mapping):
        yield from flat_texts(next((value[name] for name in _NAMES if name in value), None))
    elif isinstance(value, str | int | float):
        yield value


def listed_texts(cell: str) -> tuple[str, ...] | None:
    """Return the texts of a list that ``cell`` writes as JSON or Python do; None for other text.

    >>> listed_texts("['Drama', 'War']"), listed_texts("[REC]")
    (('Drama', 'War'), None)
    """
    text = cell.strip()
    if not (text[:1] + text[-1:] in {"[]", "{}", "()"} and len(text) <= _LONGEST_LIST):
        return None
    value: Any = _literal(text)
    if isinstance(value, list | set) or (isinstance(value, tuple) and value):
        return tuple(str(part) for part in flat_texts(value))
    return None


def _literal(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        return None
