"""Differences between what a stage was made from and what is asked for, in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from textwrap import shorten
from typing import Any

__all__ = ["FILES", "changes"]

FILES = "files"
"""Key of settings under which files stand, as pairs of a name and a digest."""


def changes(before: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Yield each difference of two identities of a stage, but for what it builds on.

    Args:
        before: what it was made from: version and settings, as JSON holds them.
        now: likewise, what is asked for.
    """
    if before.get("version") != now["version"]:
        yield "recexplainer does this in another way since"
    was, wanted = dict(_leaves(before.get("settings", {}))), dict(_leaves(now["settings"]))
    for name in dict.fromkeys([*wanted, *was]):
        old, new = was.get(name), wanted.get(name)
        if old == new:
            continue
        if name.rpartition(".")[2] == FILES:
            yield from _changed_files(old or (), new or ())
        else:
            yield f"{name} is {_value(new)}, and was {_value(old)}"


def _leaves(settings: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the dotted name and the value of each setting."""
    for key, value in settings.items():
        name = f"{above}.{key}" if above else key
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, name)
        else:
            yield name, value


def _changed_files(was: Sequence[Any], now: Sequence[Any]) -> Iterator[str]:
    if [name for name, _ in was] == [name for name, _ in now]:  # of which two may be alike
        for (name, before), (_, after) in zip(was, now, strict=True):
            if before != after:
                yield f"{name} holds something else"
        return
    before, after = dict(was), dict(now)
    for name in dict.fromkeys([*after, *before]):
        if name not in before:
            yield f"{name} is read now"
        elif name not in after:
            yield f"{name} is read no more"
        elif before[name] != after[name]:
            yield f"{name} holds something else"


def _value(value: Any) -> str:
    return "not set" if value is None else shorten(str(value), 60, placeholder=" ...")
