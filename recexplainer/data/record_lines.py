"""Lines that hold one record each, as JSON or as the literal of a Python dict."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any

from recexplainer.data.markup import flat_texts

__all__ = ["Record", "any_record", "flat_record", "literal_record"]

Record = Mapping[str, Any]

_LONGEST_LINE = 1_000_000
"""Characters of a literal; the parser may run out of memory on what is longer."""


def any_record(line: str) -> Record:
    """Return the record that ``line`` holds as JSON or, where it is none, as a Python literal.

    Raises:
        ValueError: it holds neither.
        TypeError: it holds something else than a record.
    """
    try:
        record = json.loads(line)
    except ValueError:
        return literal_record(line)
    if not isinstance(record, dict):
        raise TypeError("not an object")
    return record


def literal_record(line: str) -> Record:
    """Return the dict that ``line`` writes as a Python literal, without executing anything.

    Raises:
        ValueError: it is no literal.
        TypeError: it is the literal of something else.
    """
    if len(line) > _LONGEST_LINE:
        raise ValueError("too long")
    try:
        record = ast.literal_eval(line.strip())
    except SyntaxError as error:
        raise ValueError("not a literal") from error
    if not isinstance(record, dict):
        raise TypeError("not a dict")
    return record


def flat_record(line: str) -> Record:
    """Return the record of ``line`` with lists of texts where it has lists that hold more.

    Raises:
        ValueError, TypeError: as ``any_record``.
    """
    return {
        name: list(flat_texts(value)) if isinstance(value, list | Mapping) else value
        for name, value in any_record(line).items()
    }
