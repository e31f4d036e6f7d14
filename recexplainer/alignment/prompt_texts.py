"""Prompts from templates, and answer texts from items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from string import Formatter

from recexplainer.records import ItemSlot, Prompt, Segment, Text

__all__ = ["SEPARATOR", "fill", "offered"]

SEPARATOR = "; "
"""Between titles or values in a prompt or an answer; titles themselves often hold commas."""


def fill(template: str, **slots: Segment | Sequence[Segment]) -> Prompt:
    """Return ``template`` as a prompt.

    Args:
        template: a sentence with named slots in braces.
        slots: what stands in each: one segment, or several in a row.

    Raises:
        KeyError: a slot of the template is not given.
    """
    segments: list[Segment] = []
    for words, name in _parts(template):
        if words:
            segments.append(Text(words))
        if name:
            given = slots[name]
            segments.extend([given] if isinstance(given, Segment) else given)
    return tuple(segments)


def offered(items: Sequence[str]) -> Prompt:
    """Return the slots of several items (ids) that an answer names, separated as in an answer."""
    return tuple(_separated(ItemSlot(item, offered=True) for item in items))


def _separated(slots: Iterator[ItemSlot]) -> Iterator[Segment]:
    for position, slot in enumerate(slots):
        if position:
            yield Text(SEPARATOR)
        yield slot


@cache
def _parts(template: str) -> tuple[tuple[str, str | None], ...]:
    """Return pairs of words and the name of the slot that follows them."""
    return tuple((words, name) for words, name, _, _ in Formatter().parse(template))
