"""Validation problems in words for people: path, what is accepted, what was given."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from recexplainer.errors import nearest

__all__ = ["describe", "unknown_key"]

_REQUIREMENTS = {
    "greater_than": "must be above {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "less_than": "must be below {lt:g}",
    "less_than_equal": "must be at most {le:g}",
    "finite_number": "must be a finite number",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be text",
    "string_too_short": "must have at least {min_length} characters",
    "too_short": "must have at least {min_length} entries",
    "path_type": "must be a path",
    "list_type": "must be a list, such as [a, b]",
    "tuple_type": "must be a list, such as [a, b]",
    "dict_type": "must be a mapping of names to values",
    "model_type": "must be a mapping of names to values",
}


def describe(error: ValidationError, model: type[BaseModel], prefix: str = "") -> list[str]:
    """Translate all that pydantic found into one line per dotted path.

    Args:
        error: what validating as ``model`` raised.
        model: the class that was validated, whose field names are the accepted keys.
        prefix: dotted path of the whole, such as ``target.options``.

    Returns:
        Lines such as ``training.budget: must be above 0, got -1``; unknown keys come last.
    """
    found: dict[str, tuple[list[str], str]] = {}
    for detail in error.errors(include_url=False):
        path, owner = _locate(detail["loc"], model)
        sentence, given = _sentence(detail, owner)
        dotted = f"{prefix}{path}" if path.startswith("[") or not prefix else f"{prefix}.{path}"
        sentences, _ = found.setdefault(dotted.rstrip("."), ([], given))
        if sentence not in sentences:
            sentences.append(sentence)
    return [
        f"{path}: {text}" if path else text
        for path, (sentences, given) in found.items()
        for text in [" or ".join(sentences) + given]
    ]


def unknown_key(key: str, model: type[BaseModel]) -> str:
    """Say that ``model`` has no field ``key``, with the nearest names first."""
    names = list(model.model_fields)
    elsewhere = [path for path in _paths(model) if path.rpartition(".")[2] == key]
    close = [*elsewhere, *nearest(key, names)]
    guess = f"; did you mean {close[0]!r}?" if close else ";"
    accepted = [*(name for name in close if name in names), *(n for n in names if n not in close)]
    return f"unknown key{guess} accepted: {', '.join(accepted) or 'none'}"


def _sentence(detail: ErrorDetails, owner: type[BaseModel] | None) -> tuple[str, str]:
    """Return what is wrong, and how the given value is quoted after it."""
    kind, context = detail["type"], detail.get("ctx", {})
    if kind == "extra_forbidden" and owner is not None:
        return unknown_key(str(detail["loc"][-1]), owner), ""
    if kind == "missing":
        return "is required", ""
    if kind in {"value_error", "assertion_error"}:
        return str(context.get("error", detail["msg"])), ""
    given = f", got {reprlib.repr(detail['input'])}"
    if kind in {"literal_error", "enum"}:
        return _one_of(str(context["expected"]), detail["input"]), given
    if kind in _REQUIREMENTS:
        empty = kind == "string_type" and detail["input"] is None
        wanted = _REQUIREMENTS[kind].format(**context)
        return f"{wanted} (write '' for an empty one)" if empty else wanted, given
    return detail["msg"][:1].lower() + detail["msg"][1:], given


def _one_of(expected: str, given: object) -> str:
    """Return ``must be one of ...`` with the accepted names nearest to ``given`` first."""
    names = re.findall(r"'([^']*)'", expected)
    close = nearest(given, names) if isinstance(given, str) else []
    ordered = [*close, *(name for name in names if name not in close)]
    return f"must be one of {', '.join(map(repr, ordered)) or expected}"


def _locate(
    location: Sequence[int | str], model: type[BaseModel]
) -> tuple[str, type[BaseModel] | None]:
    """Return the dotted path of ``location``, and the class that should know its last part.

    Pydantic also puts the branches of a union into a location; they are no part of what the user
    wrote, so every part that the annotations do not explain is left out.
    """
    path, owner, here = "", None, [model]
    for part in location:
        step = _step(here, part)
        if step is None:
            continue
        owner, here = step
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.removeprefix("."), owner


def _step(here: list[Any], part: int | str) -> tuple[type[BaseModel] | None, list[Any]] | None:
    """Return who owns ``part`` and what it may hold, or None where ``part`` is a union's branch."""
    for kind in here:
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            if part == kind.__name__:
                return None
            known = kind.model_fields.get(str(part))
            return kind, list(_branches(known.annotation)) if known else []
        origin, arguments = get_origin(kind), get_args(kind)
        if not isinstance(origin, type):
            continue
        if issubclass(origin, Mapping) and part != "[key]":
            return None, list(_branches(arguments[1]))
        if isinstance(part, int) and arguments:
            return None, list(_branches(arguments[0]))
    return None


def _branches(annotation: Any) -> Iterator[Any]:
    """Yield the types that ``annotation`` allows, without None and constraints."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _branches(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for branch in get_args(annotation):
            yield from _branches(branch)
    elif annotation is not type(None):
        yield annotation


def _paths(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yield the dotted paths of the fields of the sections within ``model``."""
    for name, field in model.model_fields.items():
        for branch in _branches(field.annotation):
            if isinstance(branch, type) and issubclass(branch, BaseModel):
                yield from (f"{prefix}{name}.{inner}" for inner in branch.model_fields)
                yield from _paths(branch, f"{prefix}{name}.")
