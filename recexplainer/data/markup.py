"""Titles and values that were cut out of web pages, as plain text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

__all__ = ["plain_text", "plain_values"]

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_SCRIPT = "getTime"
"""In titles of Amazon's 2018 metadata that hold a script of the page instead of the title."""


def plain_text(text: object) -> str:
    """Return ``text`` without HTML tags and entities; nothing for a script, or for no text.

    >>> plain_text("Ratchet &amp;amp; Clank <b>2</b>")
    'Ratchet & Clank 2'
    """
    if not isinstance(text, str) or _SCRIPT in text:
        return ""
    bare = _TAG.sub(" ", text)
    for _ in range(2):  # some sources escaped twice
        bare = html.unescape(bare)
    return " ".join(_TAG.sub(" ", bare).split())


def plain_values(values: object) -> list[str]:
    """Return the texts in ``values``, which is a text or a list that may hold lists."""
    if isinstance(values, str):
        values = [values]
    if not isinstance(values, Iterable):
        return []
    found: list[str] = []
    for value in values:
        found += plain_values(value) if isinstance(value, list) else [plain_text(value)]
    return [value for value in dict.fromkeys(found) if value]
