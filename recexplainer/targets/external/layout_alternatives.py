"""Other id layouts than the declared one: each is one option away from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from recexplainer.targets.external.id_layout import IdLayout, Side

__all__ = ["alternatives", "neighbor"]


def alternatives(layout: IdLayout) -> Iterator[tuple[IdLayout, str]]:
    """Yield other layouts, and the options that say so."""
    side: Side = "left" if layout.padding == "right" else "right"
    yield replace(layout, padding=side), f"padding={side}"
    turned = not layout.latest_first
    yield replace(layout, latest_first=turned), f"latest_first={str(turned).lower()}"
    for offset, padding_id in ((0, len(layout.items)), (1, 0)):
        if (offset, padding_id) != (layout.id_offset, layout.padding_id):
            other = replace(layout, id_offset=offset, padding_id=padding_id)
            yield other, f"id_offset={offset} padding_id={padding_id}"
    for column in (0, 1):
        if column != layout.column_offset:
            yield replace(layout, column_offset=column), f"column_offset={column}"


def neighbor(declared: IdLayout, other: IdLayout, count: int, source: str) -> int:
    """Return how many rows before a next item is the one whose own score ``other`` gives to it.

    Where items that stand side by side are taken one after the other, and a model likes what it
    reads, that score of a seen item could pass for foretelling the next.

    Args:
        declared: the layout by which the model is asked.
        other: another one.
        count: the model's columns.
        source: what to call the model in messages.

    Raises:
        UserError: ``other`` does not fit the columns.
    """
    columns = other.columns(count, source).start - declared.columns(count, source).start
    return int(columns - (other.id_offset - declared.id_offset))
